import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ZERO_32, ZERO_ADDRESS } from "../../../../offchain/kernel/ids.ts";
import type { DealPosition, DealStatus, Payout } from "../../../../offchain/ports/chain.ts";
import type { Memory } from "../../../../offchain/settlement/saga/memory.ts";
import {
  type Plan,
  type Policy,
  planFor,
  RECEIPT_GRACE_S,
  type Receipt,
  type Situation,
  STATEMENT_S,
  USUAL_POLICY,
} from "../../../../offchain/settlement/saga/plan.ts";
import type { Deal } from "../../../../offchain/terms/deal.ts";
import type { Role } from "../../../../offchain/terms/proposal.ts";

const BUYER = 1n;

const SELLER = 2n;

const NOW = 1_800_000_000;

const DEAL: Deal = {
  ...{ buyer: BUYER, seller: SELLER, token: ZERO_ADDRESS, price: 100n, buyerBond: 10n, sellerBond: 20n },
  ...{ commitBy: NOW + 3_600, deliverWithin: 1_000, reviewPeriod: 2_000, arbitrator: `0x${"aa".repeat(20)}` },
  ...{ maxFee: 0n, rulingWithin: 100_000, lapseShare: 0, category: ZERO_32, terms: ZERO_32, negotiation: ZERO_32 },
};

interface Case {
  readonly role?: Role;
  readonly deal?: Partial<Deal>;
  readonly memory?: Partial<Memory>;
  readonly position?: Partial<DealPosition>;
  readonly payout?: Payout | null;
  readonly receipt?: Receipt | null;
  readonly policy?: Partial<Policy>;
  readonly claimCost?: bigint | null;
}

const CLEARED = { rejection: null, chainTime: NOW };

const EVIDENCE = `0x${"ee".repeat(32)}` as const;

const BAD = { good: false, share: 0, evidence: EVIDENCE, note: "broken" } as const;

function situation({
  role = "buyer",
  deal = {},
  memory = {},
  position = {},
  payout = null,
  receipt = null,
  policy = {},
  claimCost = null,
}: Case): Situation {
  return {
    memory: {
      // What proves an agreement is opaque to the plan: only whether it is there counts.
      undertaking: { role, deal: { ...DEAL, ...deal }, transcript: ZERO_32, proofs: {} as never, terms: null },
      ...{ begunAt: NOW * 1000, clearance: null, evidence: null, finding: null, isReleased: false, isRated: false },
      ...{ declarer: null, refused: null, waits: null, outcome: null },
      ...memory,
    },
    position: {
      status: "None",
      now: NOW,
      since: NOW,
      ours: true,
      received: 0n,
      dispute: null,
      declaration: null,
      ...position,
    },
    payout,
    ...{ receipt, claimCost },
    policy: { ...USUAL_POLICY, ...policy },
  };
}

function next(of: Case): string {
  const plan = planFor(situation(of));
  if ("do" in plan) return plan.do;
  return "end" in plan ? `end: ${plan.end.kind}` : `wait ${plan.until === null ? "for news" : plan.until - NOW}`;
}

const DISPUTE = {
  ...{ buyerShare: 0, sellerShare: 10_000, answered: false, referred: false, ruled: false },
  rulingUntil: NOW + STATEMENT_S + 100_000,
};

describe("what a deal needs next", () => {
  const delivered = { status: "Delivered" } as const;
  const committed = { status: "Committed" } as const;
  const disputed = (changes: Partial<typeof DISPUTE> = {}, now = NOW) =>
    ({ status: "Disputed", now, dispute: { ...DISPUTE, ...changes } }) as const;
  const declared = (declarer: bigint, now = NOW) =>
    ({ status: "Declared", now, declaration: { declarer, cureUntil: NOW + 3_600 } }) as const;
  const metering = { role: "seller", deal: { reviewPeriod: 0 }, position: committed } as const;
  const made = { clearance: CLEARED, evidence: EVIDENCE };

  const cases: readonly (readonly [what: string, of: Case, expected: string])[] = [
    ["an agreement is cleared first", {}, "clear"],
    ["then committed", { memory: { clearance: CLEARED } }, "commit"],
    [
      "but not where clearance was refused",
      { memory: { clearance: { ...CLEARED, rejection: { code: "No", note: "" } } } },
      "wait 3601",
    ],
    ["the seller leaves it to the buyer for a while", { role: "seller", memory: { clearance: CLEARED } }, "wait 30"],
    ["and no longer", { role: "seller", memory: { clearance: { ...CLEARED, chainTime: NOW - 30 } } }, "commit"],
    [
      "nobody can commit without the proofs",
      { memory: { undertaking: { ...situation({}).memory.undertaking, proofs: null } } },
      "wait 3601",
    ],
    [
      "what was refused is declared when time runs short",
      { memory: { clearance: CLEARED, refused: { task: "commit", code: "X" } }, position: { now: NOW + 3_000 } },
      "declare",
    ],
    ["and tried again before", { memory: { clearance: CLEARED, refused: { task: "commit", code: "X" } } }, "commit"],
    ["after `commitBy` it is over", { position: { now: NOW + 3_601 } }, "end: cancelled"],
    [
      "but what was set aside is freed first",
      { role: "seller", memory: { clearance: CLEARED }, position: { now: NOW + 3_601 } },
      "release",
    ],
    [
      "once",
      { role: "seller", memory: { clearance: CLEARED, isReleased: true }, position: { now: NOW + 3_601 } },
      "end: cancelled",
    ],
    ["another deal came first", { position: { status: "Committed", ours: false } }, "end: cancelled"],
    ["our declaration waits for the other side", { position: declared(BUYER) }, "wait 3600"],
    ["and is then penalised", { position: declared(BUYER, NOW + 3_601) }, "penalise"],
    ["we make good what the other side declared", { position: declared(SELLER) }, "cure"],
    ["as long as we can", { position: declared(SELLER, NOW + 3_601) }, "wait for news"],
    [
      "a default names who was at fault",
      { memory: { declarer: SELLER }, position: { status: "Defaulted" } },
      "end: forfeited",
    ],
    ["the seller sets aside what somebody else committed", { role: "seller", position: committed }, "clear"],
    ["makes it", { role: "seller", memory: { clearance: CLEARED }, position: committed }, "produce"],
    ["and delivers it", { role: "seller", memory: made, position: committed }, "deliver"],
    ["to the last second", { role: "seller", memory: made, position: { ...committed, now: NOW + 1_000 } }, "deliver"],
    [
      "and not after it",
      { role: "seller", memory: made, position: { ...committed, now: NOW + 1_001 } },
      `wait ${1_000 + RECEIPT_GRACE_S + 1 + 3_600}`,
    ],
    ["the buyer waits for it", { position: committed }, `wait ${1_000 + RECEIPT_GRACE_S + 1}`],
    ["and takes its money back", { position: { ...committed, now: NOW + 1_001 + RECEIPT_GRACE_S } }, "refund"],
    [
      "what is metered needs no delivery",
      { role: "seller", deal: { reviewPeriod: 0 }, memory: made, position: committed },
      "wait 1001",
    ],
    [
      "and goes back by either side",
      { role: "seller", deal: { reviewPeriod: 0 }, position: { ...committed, now: NOW + 1_001 + RECEIPT_GRACE_S } },
      "refund",
    ],
    [
      "a receipt for all of it closes the deal",
      { ...metering, receipt: { total: 100n, until: NOW + 10 ** 6 } },
      "close",
    ],
    ["one for less waits for the end", { ...metering, receipt: { total: 40n, until: NOW + 10 ** 6 } }, "wait 1001"],
    [
      "and is claimed then",
      { ...metering, position: { ...committed, now: NOW + 1_001 }, receipt: { total: 40n, until: NOW + 10 ** 6 } },
      "close",
    ],
    [
      "or shortly before it stops to count",
      { ...metering, position: { ...committed, now: NOW + 500 }, receipt: { total: 40n, until: NOW + 600 } },
      "collect",
    ],
    ["not much before", { ...metering, receipt: { total: 40n, until: NOW + 5_000 } }, "wait 1400"],
    [
      "earlier, where more is at risk than gas costs",
      { ...metering, receipt: { total: 40n, until: NOW + 10_000 }, claimCost: 20n },
      "wait 2800",
    ],
    [
      "and not at all before the end, where gas costs more",
      {
        ...metering,
        position: { ...committed, now: NOW + 500 },
        receipt: { total: 40n, until: NOW + 600 },
        claimCost: 41n,
      },
      "wait 1001",
    ],
    [
      "and once",
      {
        ...metering,
        position: { ...committed, now: NOW + 500, received: 40n },
        receipt: { total: 40n, until: NOW + 600 },
      },
      "wait 1001",
    ],
    [
      "what counts no more is of no use",
      { ...metering, position: { ...committed, now: NOW + 700 }, receipt: { total: 40n, until: NOW + 600 } },
      "wait 1001",
    ],
    ["the buyer looks at a delivery", { position: delivered }, "inspect"],
    ["accepts a good one", { memory: { finding: { good: true } }, position: delivered }, "accept"],
    ["disputes a bad one", { memory: { finding: BAD }, position: delivered }, "dispute"],
    [
      "or leaves that to people",
      { memory: { finding: BAD }, position: delivered, policy: { opensDisputes: false } },
      "wait 2001",
    ],
    [
      "who may accept it all the same, or let it be claimed",
      {
        memory: { finding: BAD },
        position: { ...delivered, now: NOW + 2_000 + 3_601 },
        policy: { opensDisputes: false },
      },
      "claim",
    ],
    [
      "where there is somebody to judge it",
      { deal: { arbitrator: ZERO_ADDRESS }, memory: { finding: BAD }, position: delivered },
      "wait 2001",
    ],
    [
      "and while it can",
      { memory: { finding: BAD }, position: { ...delivered, now: NOW + 2_001 } },
      `wait ${2_000 + 3_600}`,
    ],
    ["the seller waits for the review", { role: "seller", position: delivered }, "wait 2001"],
    ["and claims", { role: "seller", position: { ...delivered, now: NOW + 2_001 } }, "claim"],
    ["the seller answers a dispute", { role: "seller", position: disputed() }, "answer"],
    ["in time", { role: "seller", position: disputed({}, NOW + STATEMENT_S + 1) }, "refer"],
    ["the buyer waits for that", { position: disputed() }, `wait ${STATEMENT_S + 1}`],
    ["then it is referred", { position: disputed({ answered: true }) }, "refer"],
    [
      "but not again where the arbitrator can't rule in time",
      {
        memory: { refused: { task: "refer", code: "RulingTooSlow" } },
        position: disputed({ answered: true }),
      },
      `wait ${STATEMENT_S + 100_001}`,
    ],
    [
      "and again where what it lacks may come",
      { memory: { refused: { task: "refer", code: "SeatsTooFew" } }, position: disputed({ answered: true }) },
      "refer",
    ],
    [
      "and waits for a ruling",
      { position: disputed({ answered: true, referred: true }) },
      `wait ${STATEMENT_S + 100_001}`,
    ],
    ["which is executed", { position: disputed({ answered: true, referred: true, ruled: true }) }, "execute"],
    ["however late", { position: disputed({ ruled: true }, NOW + STATEMENT_S + 100_001) }, "execute"],
    ["and without one it lapses", { position: disputed({ referred: true }, NOW + STATEMENT_S + 100_001) }, "lapse"],
    [
      "what is settled is over",
      { position: { status: "Settled" }, payout: { outcome: "Accepted", toBuyer: 10n, toSeller: 120n } },
      "end: settled",
    ],
    ["once the chain tells how", { position: { status: "Settled" } }, "wait for news"],
  ];
  for (const [what, of, expected] of cases) it(`${what}: ${expected}`, () => assert.equal(next(of), expected));

  it("never waits for a moment that is over, and does only what its role can", () => {
    const role = fc.constantFrom<Role>("buyer", "seller");
    const status = fc.constantFrom<DealStatus>(
      "None",
      "Committed",
      "Delivered",
      "Disputed",
      "Settled",
      "Declared",
      "Defaulted",
    );
    const any = fc.record({
      ...{
        role,
        status,
        after: fc.nat(3 * 86_400),
        ours: fc.boolean(),
        isMetered: fc.boolean(),
        isCleared: fc.boolean(),
      },
      ...{ isMade: fc.boolean(), isBad: fc.option(fc.boolean()), declarer: fc.constantFrom(BUYER, SELLER) },
      ...{
        answered: fc.boolean(),
        referred: fc.boolean(),
        ruled: fc.boolean(),
        isPaid: fc.boolean(),
        wasRefused: fc.boolean(),
      },
    });
    fc.assert(
      fc.property(any, (drawn) => {
        const { status, after, ours, answered, referred, ruled, declarer } = drawn;
        const now = NOW + after;
        const dispute = status === "Disputed" ? { ...DISPUTE, answered, referred, ruled } : null;
        const declaration = status === "Declared" ? { declarer, cureUntil: NOW + 7_200 } : null;
        const plan: Plan = planFor(
          situation({
            role: drawn.role,
            ...(drawn.isMetered && { deal: { reviewPeriod: 0 } }),
            memory: {
              clearance: drawn.isCleared ? CLEARED : null,
              evidence: drawn.isMade ? EVIDENCE : null,
              finding: drawn.isBad === null ? null : drawn.isBad ? BAD : { good: true },
              refused: drawn.wasRefused ? { task: "commit", code: "X" } : null,
            },
            position: { status, now, since: NOW, ours, dispute, declaration },
            payout: drawn.isPaid ? { outcome: "Refunded", toBuyer: 1n, toSeller: 0n } : null,
          }),
        );
        if ("wait" in plan) assert.ok(plan.until === null || plan.until > now, JSON.stringify(plan));
        if ("do" in plan) {
          assert.ok(plan.by === null || plan.by >= now, JSON.stringify(plan));
          const others =
            drawn.role === "buyer" ? ["produce", "deliver", "answer", "release"] : ["inspect", "accept", "dispute"];
          assert.ok(!others.includes(plan.do), plan.do);
        }
      }),
    );
  });
});
