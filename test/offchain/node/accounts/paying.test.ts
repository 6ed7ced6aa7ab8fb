import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Paying } from "../../../../offchain/node/accounts/paying.ts";
import { systemEntropy } from "../../../../offchain/node/entropy.ts";
import { nettingProposal } from "../../../../offchain/settlement/tab/netting.ts";
import { HIGHER, LOWER } from "../../settlement/tab/two-sides.ts";
import { twoAccounts } from "./two-accounts.ts";

const DAY_S = 86_400;

describe("the deal that pays an account", () => {
  it("is taken from the debtor, and not with times that would hold up what is owed", async () => {
    const { lower, higher } = await twoAccounts();
    await higher.newest.hear(await lower.newest.owe(300n));
    for (const answer of await higher.newest.hear(await lower.newest.close())) await lower.newest.hear(answer);
    const { netting } = higher;
    assert.ok(netting !== null);
    const paying = new Paying({
      ...{ self: HIGHER, entropy: systemEntropy, now: () => 1_000_000, chainTime: () => 2_000 },
      ...{ sessions: () => [], open: () => Promise.reject(new Error("nothing is opened here")) },
    });
    const usual = { commitBy: 2_000 + 3_600, deliverWithin: DAY_S, reviewPeriod: DAY_S };
    const answer = (times: Partial<typeof usual>) =>
      paying.answer(
        nettingProposal(netting, higher, LOWER, { ...usual, ...times }, netting.statement),
        "seller",
        higher,
      );
    assert.equal(answer({}).wanted.id, netting.statement);
    for (const [times, message] of [
      [{ commitBy: 2_001 + 5 * DAY_S }, /5 days ahead/],
      [{ deliverWithin: 1 }, /1 s to deliver/],
      [{ reviewPeriod: 2 ** 32 - 1 }, /review of 4294967295 s/],
    ] as const) {
      assert.throws(() => answer(times), { code: "ProposalRefused", message });
    }
  });
});
