import { formatCoin } from "../../kernel/money.ts";
import type { CourtCase } from "../../ports/court.ts";
import type { DisputeRecord } from "../../ports/dispute-record.ts";
import { STATEMENT_S } from "../saga/plan.ts";

/** Who can move a stage on. */
export type Actor = "buyer" | "seller" | "panel" | "arbitrator" | "anyone" | "nobody";

/** How a dispute stands: whose turn it is, until when, and what comes if nobody does anything. */
export interface StageClock {
  readonly stage: string;
  readonly actor: Actor;
  /** What is to be done, as one would say it: "state the share that it asks for". */
  readonly act: string;
  /** Last second for it, by the chain's clock; null where there is none. */
  readonly until: number | null;
  /** To whom or what it goes if nobody does. */
  readonly otherwise: string;
}

/** What the contracts themselves make of the clock. `court` where the deal's arbitrator is a Court of Parley's. */
export function clockOf(record: DisputeRecord, court: CourtCase | null): StageClock {
  const { claim, answer, referral, ruling, now, status } = record;
  if (status === "Settled") return step("settled", "nobody", "nothing is left to do", null, "both sides can be rated");
  if (claim === null || status !== "Disputed") return beforeDispute(record);
  if (ruling !== null) return step("ruled", "anyone", "execute the ruling", null, "the money waits in escrow");
  if (now > claim.rulingUntil) {
    return step("overdue", "anyone", "let it lapse", null, "the money waits in escrow");
  }
  const statements = claim.at + STATEMENT_S;
  if (answer === null && now <= statements && referral === null) {
    return step("stating", "seller", "state the share that it asks for", statements, "it counts as asking for all");
  }
  if (referral === null) {
    return step("unreferred", "anyone", "refer it to the arbitrator", claim.rulingUntil, lapse(record));
  }
  return court === null
    ? step("judging", "arbitrator", "rule", claim.rulingUntil, lapse(record))
    : inCourt(court, record, claim.rulingUntil);
}

function beforeDispute({ status, delivery, deal, now }: DisputeRecord): StageClock {
  const until = (delivery?.at ?? 0) + deal.reviewPeriod;
  if (status !== "Delivered" || delivery === null) {
    return step(status.toLowerCase(), "nobody", "nothing is in dispute", null, "the deal goes its way");
  }
  if (now <= until) return step("review", "buyer", "accept or dispute the delivery", until, "the seller can claim");
  return step("reviewed", "seller", "claim the price", null, "it is too late for a dispute");
}

function inCourt(court: CourtCase, record: DisputeRecord, rulingUntil: number): StageClock {
  const { until, appealCost, round } = court;
  const earlier = round === 0n ? "a refusal, and so the deal's own share" : "the earlier round's ruling stands";
  switch (court.stage) {
    case "Drawing":
      return step("drawing", "anyone", "draw the panel", until, earlier);
    case "Committing":
      return step(
        "committing",
        "panel",
        "commit its votes",
        until,
        `who doesn't is fined; with no vote at all: ${earlier}`,
      );
    case "Revealing":
      return step(
        "revealing",
        "panel",
        "reveal its votes",
        until,
        `who doesn't is fined; with none revealed: ${earlier}`,
      );
    case "Appealable": {
      const cost = appealCost === null ? "" : ` for ${formatCoin(appealCost)}`;
      return step("appealable", "anyone", `ask a larger panel${cost}`, until, "the ruling is final");
    }
    case "Ruled":
      return step("final", "anyone", "have the Court pass on its ruling", rulingUntil, lapse(record));
    case "Executed":
    case "None":
      // It ruled too late, or Settlement didn't take it.
      return step("judged", "anyone", "wait, and let it lapse", rulingUntil, lapse(record));
  }
}

function lapse({ deal }: DisputeRecord): string {
  return `anyone lets it lapse: the seller gets ${deal.lapseShare / 100} % of the price, and both bonds return`;
}

function step(stage: string, actor: Actor, act: string, until: number | null, otherwise: string): StageClock {
  return { stage, actor, act, until, otherwise };
}
