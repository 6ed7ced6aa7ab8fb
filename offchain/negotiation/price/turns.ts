import type { Amount } from "../../kernel/money.ts";
import type { PriceTurn } from "./move.ts";

/**
 * Alternating offers with a deadline in rounds. The opener offers first; in each round either side speaks once, by
 * counter-offer, acceptance or leaving. The last turn belongs to the responder and can't be an offer, since nobody
 * could answer it.
 */
export const alternation = {
  /** Whose turn follows once that many offers have been made. */
  speaker: (offers: number): "opener" | "responder" => (offers % 2 === 0 ? "opener" : "responder"),

  /** The round of that turn, from 0. */
  round: (offers: number): number => Math.floor(offers / 2),

  /** Whether the side whose turn it is may still make an offer. */
  mayOffer: (offers: number, rounds: number): boolean => offers < 2 * rounds - 1,
};

/** What a turn comes down to for who looks at no more than the last offer. */
export interface Situation {
  /** Counts from 0 to rounds - 1. */
  readonly round: number;
  /** The other side's newest offer; null before its first. */
  readonly theirs: Amount | null;
  /** False on the last turn of all, when an offer could no longer be answered. */
  readonly mayOffer: boolean;
}

export function situationOf({ offers, rounds }: Pick<PriceTurn, "offers" | "rounds">): Situation {
  const { length } = offers;
  return {
    round: alternation.round(length),
    theirs: offers.at(-1) ?? null,
    mayOffer: alternation.mayOffer(length, rounds),
  };
}
