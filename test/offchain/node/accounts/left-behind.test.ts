import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { leftBehind } from "../../../../offchain/node/accounts/left-behind.ts";
import { HIGHER } from "../../settlement/tab/two-sides.ts";
import { twoAccounts } from "./two-accounts.ts";

describe("accounts that are configured no more", () => {
  it("are told with what is open on them, and those that were paid are not", async () => {
    const { lower, higher, journals } = await twoAccounts();
    await higher.newest.hear(await lower.newest.owe(300n));
    for (const answer of await higher.newest.hear(await lower.newest.close())) await lower.newest.hear(answer);
    const [unpaid] = await leftBehind(journals.lower, []);
    assert.equal(unpaid?.code, "AccountNotConfigured");
    assert.match(unpaid?.message ?? "", new RegExp(`${lower.id}, .*we owe agent ${HIGHER} 300$`));
    assert.match((await leftBehind(journals.higher, []))[0]?.message ?? "", /agent 3 owes us 300$/);
    assert.deepEqual(await leftBehind(journals.lower, lower.ids), []);
    // That another one followed says that it was paid.
    await lower.begin();
    assert.deepEqual(await leftBehind(journals.lower, []), []);
    await lower.newest.owe(7n);
    const errors = await leftBehind(journals.lower, []);
    assert.deepEqual(
      errors.map(({ facts }) => facts?.["account"]),
      [lower.id],
    );
  });
});
