import type { OpponentModel } from "../models/model.ts";
import type { Seat } from "../strategy.ts";
import type { Pick } from "./composed.ts";

/** How many outcomes are looked at for one offer. */
export const CANDIDATES = 128;

/**
 * Of the outcomes worth from the target to so much more, in shares of all there is to win, the one that is best for the others by what
 * is believed of them. Each comes once before any comes again: new offers are what the others can learn from and answer.
 */
export function pickNicest({ bids, party }: Seat, model: OpponentModel, band: number): Pick {
  const width = band * (bids.highest - bids.lowest);
  const times = new Map<string, number>();
  return (target) => {
    let best = Number.NEGATIVE_INFINITY;
    let own = Number.NEGATIVE_INFINITY;
    let chosen = bids.best;
    for (const outcome of bids.among(target, target + width, CANDIDATES)) {
      const score = model.of(outcome) - (times.get(outcome.join()) ?? 0);
      const utility = party.utility.of(outcome);
      if (score > best || (score === best && utility > own)) [best, own, chosen] = [score, utility, outcome];
    }
    const key = chosen.join();
    times.set(key, (times.get(key) ?? 0) + 1);
    return chosen;
  };
}
