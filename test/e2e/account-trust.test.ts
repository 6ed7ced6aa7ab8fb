import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { boundBy } from "../../offchain/node/carry-out.ts";
import { AccountStage, agreed, COMMIT_S, PRICE } from "./account-stage.ts";
import type { DeliveryStage } from "./delivery-stage.ts";

describe("deals on a running account of which one side doesn't keep to it", () => {
  let on: AccountStage;
  let stage: DeliveryStage;

  before(async () => {
    on = await AccountStage.prepare();
    stage = on.stage;
  });
  afterEach(() => stage.stopAll());
  after(() => stage.close());

  it("are paid on the chain, and not on account too, where the seller commits them at the last moment", async () => {
    const before = await on.balances();
    const { selling, buying } = await on.both("late");
    await buying.event("said", ({ kind }) => kind === "DELIVER");
    const [session] = selling.agent.dealer.sessions;
    assert.ok(session?.state.phase === "agreed");
    const { deal, proofs } = await boundBy(session, session.state);
    assert.ok(proofs !== null);
    const { chain } = stage.rehearsal;
    // A block of the present first: the newest may be a while ago.
    await stage.rehearsal.passTime(0);
    await stage.rehearsal.passTime(deal.commitBy - (await chain.time()) - 20);
    await chain.commit(deal, proofs);
    await stage.rehearsal.passTime(30);
    assert.equal((await buying.event("outcome")).outcome, "settled");
    assert.equal((await selling.event("outcome")).outcome, "settled");
    await stage.stopAll();
    assert.deepEqual(await on.moved(before), { buyer: -PRICE, seller: PRICE });
    assert.deepEqual(await on.entriesIn("late.buyer"), []);
  });

  it("end the trust in a buyer that doesn't sign for what was delivered, over a restart too", async () => {
    const terms = await on.accountsOf("unpaid");
    const selling = await stage.sell("unpaid.seller", terms.seller());
    const parts = await terms.buyer(selling);
    const buying = await stage.buy("unpaid.buyer", ...parts);
    await buying.event("said", ({ kind }) => kind === "DELIVER");
    await stage.stop(buying);
    await stage.rehearsal.passTime(COMMIT_S + 3_600 + 86_400);
    await selling.event("trouble", ({ code }) => code === "AccountUnpaid");
    assert.equal((await selling.event("outcome")).outcome, "unpaid");
    await stage.buy("unpaid.buyer", ...parts);
    await selling.event("account", ({ state }) => state === "paid");
    await stage.stop(selling);
    const again = await stage.sell("unpaid.seller", terms.seller(selling));
    await again.event("outcome", ({ outcome }) => outcome === "unpaid");
    // Longer than it takes to begin another account, where there is one to be begun.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await stage.stopAll();
    for (const { told } of [selling, again]) {
      assert.equal(told.filter((event) => event.event === "account" && event.state === "open").length, 1);
    }
    assert.deepEqual(await on.entriesIn("unpaid.seller"), ["ours 0 last", "theirs 0 last"]);
  });

  it("end the trust in a buyer that closes the account on what was delivered, and can't pay on the chain either", async () => {
    const before = await on.balances();
    const terms = await on.accountsOf("closing");
    const selling = await stage.sell("closing.seller", terms.seller());
    const parts = await terms.buyer(selling);
    const buying = await stage.buy("closing.buyer", ...parts);
    await buying.event("said", ({ kind }) => kind === "DELIVER");
    await stage.stop(buying);
    await on.emptyBuyer();
    await on.closeByHand("closing.buyer", parts[2]);
    await stage.buy("closing.buyer", ...parts);
    await selling.event("account", ({ state }) => state === "paid");
    await stage.rehearsal.passTime(60);
    await selling.event("trouble", ({ code }) => code === "BuyerFundsTooLow");
    await stage.rehearsal.passTime(3_600 - 60 - 500);
    await selling.event("act", ({ act }) => act === "declare");
    await stage.rehearsal.passTime(3 * 3_600);
    assert.equal((await selling.event("outcome")).outcome, "defaulted");
    await selling.event("trouble", ({ code }) => code === "AccountUnpaid");
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.equal(selling.told.filter((event) => event.event === "account" && event.state === "open").length, 1);
    await stage.rehearsal.fund(stage.buyer, before.buyer);
  });

  it("are paid by another deal where the debtor had no money for the first, and was made to answer for that", async () => {
    const before = await on.balances();
    const { selling, buying } = await on.both("defaulted", "5000");
    await buying.event("said", ({ kind }) => kind === "DELIVER");
    await on.emptyBuyer();
    await stage.rehearsal.passTime(COMMIT_S);
    await agreed(buying, 2);
    await buying.event("trouble", ({ code }) => code === "BuyerFundsTooLow");
    await stage.rehearsal.passTime(60);
    await selling.event("trouble", ({ code }) => code === "BuyerFundsTooLow");
    await stage.rehearsal.passTime(3_600 - 60 - 500);
    await selling.event("act", ({ act }) => act === "declare");
    await stage.rehearsal.passTime(3 * 3_600);
    for (const one of [selling, buying]) await one.event("outcome", ({ outcome }) => outcome === "defaulted");
    await stage.rehearsal.fund(stage.buyer, before.buyer);
    for (const one of [selling, buying]) await one.event("account", ({ state }) => state === "paid");
    assert.deepEqual(await on.moved(before), { buyer: -PRICE, seller: PRICE });
  });
});
