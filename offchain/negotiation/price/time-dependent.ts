import type { Amount } from "../../kernel/money.ts";
import { bad } from "../strategies/parameters.ts";
import { atLeastAsGood, type PriceMove, type PriceTurn } from "./move.ts";
import { situationOf } from "./turns.ts";

/** Concedes by the clock alone, from an opening price to a limit (Faratin, Sierra and Jennings 1998). */
export interface TimeDependent {
  readonly kind: "time-dependent";
  /** Where it opens. */
  readonly from: Amount;
  /** The worst price that it takes, and never crosses. */
  readonly limit: Amount;
  /** Below 1 holds out until late (Boulware), 1 is linear, above 1 gives early (conceder). */
  readonly pace: number;
}

/** Share of the way from opening to limit is kept in billionths, so that prices stay integers throughout. */
const SCALE = 1_000_000_000;

/** Beyond these a pace says "at the very end" or "at once"; far below, its reciprocal would be infinite. */
const MIN_PACE = 0.001;
const MAX_PACE = 1_000;

/** How much of the way is conceded at time `t` in [0, 1]. */
export function conceded(t: number, pace: number): number {
  return Math.min(1, Math.max(0, t)) ** (1 / pace);
}

/** The price that the strategy stands at in a round. */
export function standingPrice({ from, limit, pace }: TimeDependent, round: number, rounds: number): Amount {
  const share = Math.round(conceded(rounds <= 1 ? 1 : round / (rounds - 1), pace) * SCALE);
  return from + ((limit - from) * BigInt(share)) / BigInt(SCALE);
}

/** Takes the other's offer once it is no worse than what it would ask for itself; else asks for that. */
export function decideByTime(strategy: TimeDependent, turn: PriceTurn): PriceMove {
  const { role, rounds } = turn;
  const { round, theirs, mayOffer } = situationOf(turn);
  const price = standingPrice(strategy, round, rounds);
  if (theirs !== null && atLeastAsGood(role, theirs, price)) {
    return { say: "accept", reason: `${theirs} is no worse than the ${price} it would ask for itself` };
  }
  if (!mayOffer) {
    return theirs !== null && atLeastAsGood(role, theirs, strategy.limit)
      ? { say: "accept", reason: `last turn, and ${theirs} is within the limit of ${strategy.limit}` }
      : { say: "end", reason: `last turn, and ${theirs ?? "nothing"} is not within the limit of ${strategy.limit}` };
  }
  const share = Math.round(conceded(rounds <= 1 ? 1 : round / (rounds - 1), strategy.pace) * 100);
  return { say: "offer", price, reason: `round ${round + 1} of ${rounds}: ${share}% of the way to ${strategy.limit}` };
}

/** Throws where the parameters contradict each other or the role. */
export function checkTimeDependent({ from, limit, pace }: TimeDependent, role: PriceTurn["role"]): void {
  if (!(pace >= MIN_PACE && pace <= MAX_PACE)) {
    throw bad("pace", `a pace of ${pace} is not from ${MIN_PACE} to ${MAX_PACE}`);
  }
  if (!atLeastAsGood(role, from, limit)) {
    throw bad("from", `a ${role} can't open at ${from} with a limit of ${limit}: it is past it`);
  }
}
