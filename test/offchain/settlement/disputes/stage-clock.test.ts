import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ZERO_ADDRESS } from "../../../../offchain/kernel/ids.ts";
import type { CourtCase, CourtStage } from "../../../../offchain/ports/court.ts";
import type { DisputeRecord } from "../../../../offchain/ports/dispute-record.ts";
import { clockOf } from "../../../../offchain/settlement/disputes/stage-clock.ts";
import { summarise } from "../../../../offchain/settlement/disputes/summary.ts";
import { agreedScene, OTHER, recordOf } from "./trial.ts";

const DAY_S = 24 * 60 * 60;
const [AT, RULING_UNTIL] = [1_000_000, 2_000_000];
const CLAIM = { at: AT, share: 0, evidence: OTHER, rulingUntil: RULING_UNTIL };
const REFERRAL = { at: AT + DAY_S + 1, arbitrator: ZERO_ADDRESS, disputeId: 7n };

const RECORD = recordOf(agreedScene(), { claim: CLAIM, now: AT });

function trialAt(stage: CourtStage, until: number | null): CourtCase {
  return {
    ...{ dispute: 7n, arbitrable: ZERO_ADDRESS, stage, round: 0n, until, seedBlock: 1n, panel: [], counted: false },
    ...{ ruling: 0n, appealCost: 5n, now: AT },
  };
}

const stageOf = (changes: Partial<DisputeRecord>, court: CourtCase | null = null) => {
  const { stage, actor, until } = clockOf({ ...RECORD, ...changes }, court);
  return [stage, actor, until];
};

describe("the clock of a dispute", () => {
  it("is the seller's for a day, its last second included, and then anybody's", () => {
    assert.deepEqual(stageOf({ now: AT + DAY_S }), ["stating", "seller", AT + DAY_S]);
    assert.deepEqual(stageOf({ now: AT + DAY_S + 1 }), ["unreferred", "anyone", RULING_UNTIL]);
    const answer = { at: AT + 1, share: 10_000, evidence: OTHER };
    assert.deepEqual(stageOf({ answer }), ["unreferred", "anyone", RULING_UNTIL]);
  });

  it("is the Court's own while it judges, and the deal's once it is done", () => {
    const inCourt = (stage: CourtStage, until: number | null) =>
      stageOf({ referral: REFERRAL, now: REFERRAL.at }, trialAt(stage, until));
    assert.deepEqual(inCourt("Drawing", 5), ["drawing", "anyone", 5]);
    assert.deepEqual(inCourt("Committing", 6), ["committing", "panel", 6]);
    assert.deepEqual(inCourt("Revealing", 7), ["revealing", "panel", 7]);
    assert.deepEqual(inCourt("Appealable", 8), ["appealable", "anyone", 8]);
    assert.deepEqual(inCourt("Ruled", null), ["final", "anyone", RULING_UNTIL]);
    assert.deepEqual(stageOf({ referral: REFERRAL }), ["judging", "arbitrator", RULING_UNTIL]);
  });

  it("ends with a ruling that is stored, or with the time for one", () => {
    const late = { referral: REFERRAL, now: RULING_UNTIL + 1 };
    assert.deepEqual(stageOf(late, trialAt("Appealable", 8)), ["overdue", "anyone", null]);
    assert.deepEqual(stageOf({ ...late, ruling: 1 }), ["ruled", "anyone", null]);
    assert.deepEqual(stageOf({ status: "Settled" }), ["settled", "nobody", null]);
  });

  it("tells before a dispute whether there can be one", () => {
    const delivery = { at: AT, evidence: OTHER };
    const review = { claim: null, status: "Delivered", delivery } as const;
    const last = AT + RECORD.deal.reviewPeriod;
    assert.deepEqual(stageOf({ ...review, now: last }), ["review", "buyer", last]);
    assert.deepEqual(stageOf({ ...review, now: last + 1 }), ["reviewed", "seller", null]);
    assert.deepEqual(stageOf({ claim: null, status: "Committed", delivery: null }), ["committed", "nobody", null]);
  });

  it("says who is late, and by how much", () => {
    const late = (changes: Partial<DisputeRecord>) =>
      summarise({ ...RECORD, ...changes }, [], null).deadlines.filter(({ lateS }) => lateS > 0);
    assert.deepEqual(late({ committedAt: AT, delivery: { at: AT + 1, evidence: OTHER } }), []);
    const [silent, ...others] = late({ committedAt: AT, delivery: { at: AT, evidence: OTHER }, now: AT + DAY_S + 9 });
    assert.deepEqual([silent?.side, silent?.what, silent?.lateS, others], ["seller", "state its share", 9, []]);
  });
});
