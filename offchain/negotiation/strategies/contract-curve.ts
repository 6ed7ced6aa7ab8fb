import type { Outcome } from "../../terms/issue-space.ts";
import { reaches } from "../analysis/precision.ts";
import type { Party } from "../scenario.ts";
import { best, taken } from "./baskets.ts";
import { type Both, both, fairestShare } from "./pieces.ts";
import { floorOf } from "./seat.ts";

/** In how many steps a curve is taken where it has to be taken in points. */
const STEPS = 128;

/** A corner of a curve, from 0, or the share of the way to the next one that a place lies beyond it. */
export interface CurvePlace {
  readonly corner: number;
  readonly share: number;
}

/** The outcomes at the shares of a way, from 0 to 1. */
export type Way = (share: number) => Outcome;

/**
 * The contract curve, as Edgeworth named it: what two can agree on such that neither could have more without the other having less, and
 * that leaves neither less than no deal; from the first one's best to the second one's. Of outcomes that are worth the same to both, one.
 *
 * It has corners. From some of them a way leads straight to the next one, through outcomes that differ in one number.
 */
export class ContractCurve {
  /** What its corners are worth: to the first falling, to the second rising. */
  readonly worths: Both<Float64Array>;
  readonly #parties: Both<Party>;
  readonly #cornerAt: (corner: number) => Outcome;
  readonly #ways: ReadonlyMap<number, Way>;
  #points: ContractCurve | null = null;

  constructor(
    parties: Both<Party>,
    worths: Both<Float64Array>,
    cornerAt: (corner: number) => Outcome,
    ways: ReadonlyMap<number, Way> = new Map(),
  ) {
    this.#parties = parties;
    this.worths = worths;
    this.#cornerAt = cornerAt;
    this.#ways = ways;
  }

  /** The best of some outcomes, by what they are worth to the last bit. */
  static ofPoints(parties: Both<Party>, worths: Both<Float64Array>, outcomeAt: (id: number) => Outcome): ContractCurve {
    const floors = both(parties, ({ reservation }) => floorOf(reservation));
    const kept = best(worths, floors);
    return new ContractCurve(
      parties,
      both(worths, (all) => taken(all, kept)),
      (corner) => outcomeAt(kept[corner] ?? 0),
    );
  }

  /** How many corners it has; none if there is nothing to agree on. */
  get count(): number {
    return this.worths[0].length;
  }

  at({ corner, share }: CurvePlace): Outcome {
    return share === 0 ? this.#cornerAt(corner) : (this.#ways.get(corner)?.(share) ?? []);
  }

  /** What a place is worth to the first (0) or the second (1). */
  worth(party: 0 | 1, { corner, share }: CurvePlace): number {
    const worths = this.worths[party];
    const worth = worths[corner] ?? Number.NEGATIVE_INFINITY;
    return share === 0 ? worth : worth + ((worths[corner + 1] ?? worth) - worth) * share;
  }

  /** The corner that is best for the first or the second; there has to be one. */
  bestFor(party: 0 | 1): CurvePlace {
    return { corner: party === 0 ? 0 : this.count - 1, share: 0 };
  }

  /** The place that is best for the other among those that leave a party so much; null if there is none. */
  placeLeaving(party: 0 | 1, least: number): CurvePlace | null {
    const worths = this.worths[party];
    // Seen from the other's best, what a corner is worth to the party rises.
    const cornerAt = (step: number) => (party === 1 ? step : this.count - 1 - step);
    const worthAt = (step: number) => worths[cornerAt(step)] ?? Number.NEGATIVE_INFINITY;
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (reaches(worthAt(middle), least)) high = middle;
      else low = middle + 1;
    }
    if (low === this.count) return null;
    const corner = cornerAt(low);
    const start = party === 1 ? corner - 1 : corner;
    const share = (least - worthAt(low - 1)) / (worthAt(low) - worthAt(low - 1));
    if (low === 0 || !this.#ways.has(start) || !(share < 1)) return { corner, share: 0 };
    return { corner: start, share: party === 1 ? share : 1 - share };
  }

  /**
   * The curve in points: its corners, and of each way steps and the place with the greatest product of gains over no deal. What they are
   * worth is as the utilities say to the last bit.
   */
  get inPoints(): ContractCurve {
    this.#points ??= this.#ways.size === 0 ? this : this.#stepped();
    return this.#points;
  }

  #stepped(): ContractCurve {
    const corners = Array.from({ length: this.count }, (_, corner) => ({ corner, share: 0 }));
    const between = [...this.#ways.keys()].flatMap((corner) => this.#between(corner));
    const outcomes = [...corners, ...between].map((place) => this.at(place));
    const worths = both(this.#parties, ({ utility }) => Float64Array.from(outcomes, (outcome) => utility.of(outcome)));
    return ContractCurve.ofPoints(this.#parties, worths, (id) => outcomes[id] ?? []);
  }

  #between(corner: number): CurvePlace[] {
    const from = both(this.worths, (worths) => worths[corner] ?? 0);
    const to = both(this.worths, (worths) => worths[corner + 1] ?? 0);
    const lengthOf = (party: 0 | 1) => {
      const worths = this.worths[party];
      return (to[party] - from[party]) / ((worths.at(-1) ?? 0) - (worths[0] ?? 0));
    };
    const steps = Math.ceil(STEPS * Math.max(lengthOf(0), lengthOf(1)));
    const fairest = fairestShare(
      { from, to },
      both(this.#parties, ({ reservation }) => reservation),
    );
    const shares = Array.from({ length: Math.max(0, steps - 1) }, (_, step) => (step + 1) / steps);
    return [...shares, fairest].flatMap((share) => (share > 0 && share < 1 ? [{ corner, share }] : []));
  }
}
