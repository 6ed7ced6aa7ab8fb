import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Expected } from "../../../../offchain/node/accounts/expected.ts";
import { LOWER } from "../../settlement/tab/two-sides.ts";
import { agreedOn } from "./agreed-on.ts";
import { twoAccounts } from "./two-accounts.ts";

describe("negotiations that may come to need an account", () => {
  it("have their room from the start where they were delivered and aren't signed for", async () => {
    const { lower } = await twoAccounts();
    const expected = new Expected();
    const [fresh, delivered] = [agreedOn("buyer", 300n, false, "01"), agreedOn("buyer", 500n, true, "02")];
    const signed = agreedOn("buyer", 200n, true, "03");
    await lower.newest.owe(200n, signed.dealHash);
    for (const session of [fresh, delivered, signed]) expected.add(session, lower.id, lower);
    assert.equal(lower.room(LOWER), 300n);
    assert.ok(expected.need(lower.id));
    for (const session of [fresh, delivered, signed]) expected.forget(session);
    assert.equal(lower.room(LOWER), 800n);
    assert.ok(!expected.need(lower.id));
    assert.equal(expected.idOf(fresh), null);
  });

  it("are on trust where their goods were delivered, and the chain has to pay, until it has or won't", async () => {
    const { higher } = await twoAccounts();
    const paid = { kind: "settled", how: "Accepted", toBuyer: 0n, toSeller: 500n } as const;
    const lapsed = { kind: "cancelled", how: "Lapsed" } as const;
    const [goods, promise] = [agreedOn("seller", 500n, true, "01"), agreedOn("seller", 200n, false, "02")];
    const expected = new Expected();
    for (const session of [goods, promise]) {
      expected.add(session, higher.id, higher);
      expected.leave(session);
    }
    assert.ok(!expected.need(higher.id), "nothing holds up what is owed on it");
    assert.ok(expected.isOnTrust(higher.id));
    assert.equal(expected.unpaidOn(goods, lapsed), higher.id);
    assert.equal(expected.unpaidOn(goods, { kind: "forfeited", by: LOWER }), higher.id);
    assert.equal(expected.unpaidOn(goods, paid), null);
    assert.equal(expected.unpaidOn(promise, lapsed), null);
    expected.end(goods);
    assert.ok(!expected.isOnTrust(higher.id));
  });

  it("have none on an account that isn't theirs", async () => {
    const { lower } = await twoAccounts();
    const session = agreedOn("buyer", 500n, true);
    const foreign = { ...session.deal, seller: 77n };
    Object.assign(session.state, { agreement: { deal: foreign, dealHash: session.dealHash } });
    new Expected().add(session, lower.id, lower);
    assert.equal(lower.room(LOWER), 1_000n);
  });
});
