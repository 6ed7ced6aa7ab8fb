import type { Match } from "../negotiation/tournament.ts";

/** A batch is to last so many milliseconds: what is lost by an interruption, and how often progress is told. */
const LASTS = 200;
const LARGEST = 500;
/** A batch is at most so many times as large as the one before: the first over a scenario takes longer than those after it. */
const GROWTH = 4;

/** The matches that wait to be played, handed out in batches over one scenario each. */
export class Batches {
  /** By scenario, the next one last. */
  readonly #waiting: Map<number, Match[]>;
  readonly #begun = new Set<number>();

  constructor(matches: readonly Match[]) {
    const byScenario = Map.groupBy(matches, ({ scenario }) => scenario);
    this.#waiting = new Map([...byScenario].map(([scenario, all]) => [scenario, all.toReversed()]));
  }

  /**
   * The next matches, at most so many; none if nothing waits. They are of the scenario that whoever asks has at hand, as long as there are
   * any; else a single one, as nobody knows how long it takes, of a scenario that nobody has begun, or else of that with the most left.
   */
  take(atHand: number | null, most: number): Match[] {
    const scenario = atHand !== null && this.#waiting.has(atHand) ? atHand : this.#other();
    const left = scenario === null ? undefined : this.#waiting.get(scenario);
    if (scenario === null || left === undefined) return [];
    this.#begun.add(scenario);
    const batch = left.splice(Math.max(0, left.length - (scenario === atHand ? most : 1))).reverse();
    if (left.length === 0) this.#waiting.delete(scenario);
    return batch;
  }

  /** Hands out nothing more. */
  stop(): void {
    this.#waiting.clear();
  }

  #other(): number | null {
    let [best, most]: [number | null, number] = [null, 0];
    for (const [scenario, { length }] of this.#waiting) {
      if (!this.#begun.has(scenario)) return scenario;
      if (length > most) [best, most] = [scenario, length];
    }
    return best;
  }
}

/** How large the next batch is to be, by how long the last one took. */
export function nextSize(last: number, milliseconds: number): number {
  const fitting = Math.floor((last * LASTS) / Math.max(1, milliseconds));
  return Math.max(1, Math.min(LARGEST, GROWTH * last, fitting));
}
