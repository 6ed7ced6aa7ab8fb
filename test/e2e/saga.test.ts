import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { RECEIPT_GRACE_S, STATEMENT_S } from "../../offchain/settlement/saga/plan.ts";
import type { Saga } from "../../offchain/settlement/saga/saga.ts";
import type { Task } from "../../offchain/settlement/saga/tasks.ts";
import { EVIDENCE, Stage } from "../../scripts/lib/scenario/stage.ts";

const BAD = { good: false, share: 2_500, evidence: EVIDENCE, note: "half of it is missing" } as const;

describe("settling a deal, on a real chain", () => {
  let embedded: EmbeddedChain;
  let stage: Stage;

  before(async () => {
    embedded = await startEmbeddedChain();
    stage = await Stage.prepare(embedded.url);
  });

  after(async () => {
    stage.stop();
    await embedded.close();
  });

  it("pays the seller, whichever side dies after whichever task", async () => {
    const agreement = await stage.agree();
    const before = await stage.balances();
    const [bought, sold] = [stage.diary(), stage.diary()];
    const living = async (role: "buyer" | "seller", diary: typeof bought) => {
      for (;;) {
        // Each process does one task, and is then cut off.
        const outcome = await stage.settle(role, agreement, diary, {}, () => true);
        if (outcome !== "died") return outcome;
      }
    };
    const [ofBuyer, ofSeller] = await Promise.all([living("buyer", bought), living("seller", sold)]);
    assert.deepEqual(ofBuyer, { kind: "settled", how: "Accepted", toBuyer: 10n, toSeller: 120n });
    assert.deepEqual(ofSeller, ofBuyer);
    assert.deepEqual(bought.tasks, ["clear", "commit", "inspect", "accept"]);
    assert.deepEqual(sold.tasks, ["clear", "produce", "deliver"]);
    assert.deepEqual(await stage.moved(before), { buyer: -100n, seller: 100n });
    assert.deepEqual(await living("buyer", bought), ofBuyer, "what is over stays over");
  });

  it("is committed by the seller where the buyer leaves it to it", async () => {
    const agreement = await stage.agree();
    const [bought, sold] = [stage.diary(), stage.diary()];
    const selling = stage.settle("seller", agreement, sold, { policy: { leaveCommitS: 0 } });
    await reached(sold.tasks, "deliver");
    const buying = stage.settle("buyer", agreement, bought);
    assert.equal(kind(await buying), "settled");
    assert.equal(kind(await selling), "settled");
    assert.deepEqual(sold.tasks, ["clear", "commit", "produce", "deliver"]);
  });

  it("is committed once when both sides try to at the same time", async () => {
    const agreement = await stage.agree();
    const [bought, sold] = [stage.diary(), stage.diary()];
    const outcomes = await Promise.all([
      stage.settle("buyer", agreement, bought),
      stage.settle("seller", agreement, sold, { policy: { leaveCommitS: 0 } }),
    ]);
    assert.deepEqual(outcomes.map(kind), ["settled", "settled"]);
    assert.equal([...bought.tasks, ...sold.tasks].filter((task) => task === "commit").length, 1);
  });

  it("lets the seller claim where the buyer says nothing", async () => {
    const agreement = await stage.agree();
    const before = await stage.balances();
    const [bought, sold] = [stage.diary(), stage.diary()];
    await stage.settle("buyer", agreement, bought, {}, (task) => task === "commit");
    const selling = stage.settle("seller", agreement, sold);
    await reached(sold.tasks, "deliver");
    await stage.rehearsal.passTime(agreement.deal.reviewPeriod + 1);
    assert.deepEqual(await selling, { kind: "settled", how: "Claimed", toBuyer: 10n, toSeller: 120n });
    assert.deepEqual(await stage.moved(before), { buyer: -100n, seller: 100n });
  });

  it("refunds the buyer where the seller is out of stock, and frees what was set aside", async () => {
    const agreement = await stage.agree();
    const before = await stage.balances();
    const [bought, sold] = [stage.diary(), stage.diary()];
    const buying = stage.settle("buyer", agreement, bought);
    const outOfStock = { reserve: () => ({ code: "OutOfStock", note: "the last one is gone" }) };
    const selling = stage.settle("seller", agreement, sold, outOfStock);
    await reached(bought.tasks, "commit");
    await stage.rehearsal.passTime(agreement.deal.deliverWithin + RECEIPT_GRACE_S + 2);
    const outcome = { kind: "refunded", how: "Refunded", toBuyer: 130n, toSeller: 0n };
    assert.deepEqual(await Promise.all([buying, selling]), [outcome, outcome]);
    assert.deepEqual(await stage.moved(before), { buyer: 20n, seller: -20n });
    assert.deepEqual(sold.tasks, ["clear"]);
    assert.deepEqual(sold.releases, [], "nothing was set aside");
  });

  it("frees what was set aside where it could not be made in time", async () => {
    const agreement = await stage.agree();
    const [bought, sold] = [stage.diary(), stage.diary()];
    const buying = stage.settle("buyer", agreement, bought);
    const selling = stage.settle("seller", agreement, sold, { deliver: () => null });
    await reached(bought.tasks, "commit");
    await reached(sold.tasks, "clear");
    await stage.rehearsal.passTime(agreement.deal.deliverWithin + RECEIPT_GRACE_S + 2);
    assert.equal(kind(await buying), "refunded");
    assert.equal(kind(await selling), "refunded");
    assert.equal(sold.releases.length, 1);
  });

  it("commits nothing that its own side's rules refuse, and lets it lapse", async () => {
    const agreement = await stage.agree();
    const before = await stage.balances();
    const [bought, sold] = [stage.diary(), stage.diary()];
    const denied = { clear: () => ({ code: "NotApproved", note: "the principal said no" }) };
    const buying = stage.settle("buyer", agreement, bought, denied);
    const selling = stage.settle("seller", agreement, sold, { policy: { leaveCommitS: 100_000, declareBeforeS: -10 } });
    await reached(sold.tasks, "clear");
    await stage.rehearsal.passTime(3_700);
    const lapsed = { kind: "cancelled", how: "Lapsed" };
    assert.deepEqual(await Promise.all([buying, selling]), [lapsed, lapsed]);
    assert.equal(sold.releases.length, 1);
    assert.deepEqual(await stage.moved(before), { buyer: 0n, seller: 0n });
  });

  it("asks again for an approval that is pending", async () => {
    const agreement = await stage.agree();
    let asked = 0;
    const [bought, sold] = [stage.diary(), stage.diary()];
    const buying = stage.settle("buyer", agreement, bought, { clear: () => (++asked < 5 ? "pending" : null) });
    const selling = stage.settle("seller", agreement, sold);
    assert.equal(kind(await buying), "settled");
    assert.equal(kind(await selling), "settled");
    assert.equal(asked, 5);
  });

  it("tells what is missing as long as its own side isn't cleared, and until when that would do", async () => {
    const agreement = await stage.agree();
    let isMissing = true;
    const asked = Promise.withResolvers<void>();
    let times = 0;
    const clear = () => {
      if (++times === 2) asked.resolve();
      return isMissing ? { waitsFor: "ApprovalMissing: ask for it" } : null;
    };
    let saga: Saga | undefined;
    const begun = (one: Saga) => {
      saga = one;
    };
    const running = stage.settle("buyer", agreement, stage.diary(), { clear, onBegun: begun });
    await asked.promise;
    const { commitBy: until } = agreement.deal;
    assert.deepEqual(saga?.standing, { kind: "inDoubt", resolvedBy: "ApprovalMissing: ask for it", until });
    isMissing = false;
    await stage.settle("seller", agreement, stage.diary());
    assert.equal(kind(await running), "settled");
  });

  it("is superseded where another deal of the same negotiation came first", async () => {
    const first = await stage.agree();
    const second = await stage.agree({ price: 90n, negotiation: first.deal.negotiation });
    await stage.settle("buyer", first, stage.diary(), {}, (task) => task === "commit");
    const outcome = await stage.settle("buyer", second, stage.diary());
    assert.deepEqual(outcome, { kind: "cancelled", how: "Superseded" });
  });

  it("goes on trying while the buyer's money is missing, and says so", async () => {
    const poor = await stage.rehearsal.enroll(10n, 1_000n);
    const agreement = await stage.agree({ price: 50n, buyerBond: 0n }, poor);
    const bought = stage.diary();
    const buying = stage.settle("buyer", agreement, bought);
    await until(async () => bought.troubles.some(({ code }) => code === "BuyerFundsTooLow"));
    await stage.rehearsal.fund(poor, 40n);
    assert.equal(kind(await stage.settle("seller", agreement, stage.diary())), "settled");
    assert.equal(kind(await buying), "settled");
  });

  it("is made good by a buyer whose money came late, after the seller had declared it", async () => {
    const poor = await stage.rehearsal.enroll(10n, 1_000n);
    const agreement = await stage.agree({ price: 50n, buyerBond: 0n }, poor);
    const declaring = stage.settle("seller", agreement, stage.diary(), {
      policy: { leaveCommitS: 0, declareBeforeS: 3_600 },
    });
    await until(async () => (await position(agreement)) === "Declared");
    await stage.rehearsal.fund(poor, 50n);
    assert.equal(kind(await stage.settle("buyer", agreement, stage.diary())), "settled");
    assert.equal(kind(await declaring), "settled");
  });

  it("costs a side that never makes it good its stake", async () => {
    const poor = await stage.rehearsal.enroll(10n, 1_000n);
    const agreement = await stage.agree({ price: 50n, buyerBond: 5n }, poor);
    const sold = stage.diary();
    const declaring = stage.settle("seller", agreement, sold, { policy: { leaveCommitS: 0, declareBeforeS: 3_600 } });
    await until(async () => (await position(agreement)) === "Declared");
    await stage.rehearsal.passTime(3 * 3_600);
    assert.deepEqual(await declaring, { kind: "forfeited", by: poor.agent });
    assert.deepEqual(sold.tasks.slice(-2), ["penalise", "release"]);
  });

  it("goes to a panel where the buyer finds fault, and is paid out as it rules", async () => {
    const court = await stage.rehearsal.openCourt(3);
    const disputable = { arbitrator: court.address, maxFee: court.fee, rulingWithin: court.longestS + 2 * 3_600 };
    const agreement = await stage.agree(disputable);
    const [bought, sold] = [stage.diary(), stage.diary()];
    const buying = stage.settle("buyer", agreement, bought, { inspect: () => BAD });
    const selling = stage.settle("seller", agreement, sold);
    await until(async () => [...bought.tasks, ...sold.tasks].includes("refer"));
    await court.draw();
    await court.vote([3_000, 3_000, 3_000]);
    await court.rule();
    const outcome = await buying;
    assert.deepEqual(outcome, { kind: "ruled", how: "Ruled", toBuyer: 100n, toSeller: 30n });
    assert.deepEqual(await selling, outcome);
    assert.deepEqual(sold.tasks.slice(0, 4), ["clear", "produce", "deliver", "answer"]);
  });

  it("is paid out by the deal's own share where the arbitrator is silent, and the seller too", async () => {
    const court = await stage.rehearsal.openCourt(3);
    const disputable = { arbitrator: court.address, maxFee: court.fee, rulingWithin: court.longestS + 2 * 3_600 };
    const agreement = await stage.agree({ ...disputable, lapseShare: 5_000 });
    const bought = stage.diary();
    const buying = stage.settle("buyer", agreement, bought, { inspect: () => BAD });
    await stage.settle("seller", agreement, stage.diary(), {}, (task) => task === "deliver");
    await reached(bought.tasks, "dispute");
    await stage.rehearsal.passTime(STATEMENT_S + 2);
    await reached(bought.tasks, "refer");
    await stage.rehearsal.passTime(disputable.rulingWithin + 2);
    assert.deepEqual(await buying, { kind: "ruled", how: "Lapsed", toBuyer: 60n, toSeller: 70n });
  });

  it("is left to lapse, and not referred again and again, where the arbitrator can't rule in its time any more", async () => {
    const court = await stage.rehearsal.openCourt(3);
    const disputable = { arbitrator: court.address, maxFee: court.fee, rulingWithin: court.longestS };
    const agreement = await stage.agree({ ...disputable, lapseShare: 5_000 });
    const bought = stage.diary();
    const dying = new AbortController();
    const first = stage.settle("buyer", agreement, bought, { inspect: () => BAD }, undefined, dying);
    await stage.settle("seller", agreement, stage.diary(), {}, (task) => task === "deliver");
    await reached(bought.tasks, "dispute");
    await stage.rehearsal.passTime(STATEMENT_S + 2);
    await until(async () => bought.troubles.length > 0);
    assert.deepEqual(
      bought.troubles.map(({ code }) => code),
      ["RulingTooSlow"],
    );
    dying.abort();
    assert.equal(await first, "died");
    // Another process doesn't try it again either.
    const second = stage.settle("buyer", agreement, bought, { inspect: () => BAD });
    await stage.rehearsal.passTime(disputable.rulingWithin + 2);
    assert.deepEqual(await second, { kind: "ruled", how: "Lapsed", toBuyer: 60n, toSeller: 70n });
    assert.equal(bought.troubles.length, 1, String(bought.troubles));
  });

  async function position({ deal, transcript }: Awaited<ReturnType<Stage["agree"]>>) {
    return (await stage.rehearsal.chain.position(deal, transcript)).status;
  }
});

function kind(outcome: Awaited<ReturnType<Stage["settle"]>>): string {
  return outcome === "died" ? outcome : outcome.kind;
}

function reached(tasks: readonly Task[], task: Task): Promise<void> {
  return until(async () => tasks.includes(task));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}
