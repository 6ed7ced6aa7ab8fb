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
