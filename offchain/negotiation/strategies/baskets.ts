import { sweep } from "../analysis/sweep.ts";
import type { Party } from "../scenario.ts";
import { type Both, both } from "./pieces.ts";

/** How far sums may be off by rounding, where that must not cost an outcome. */
const ROUNDING = 1e-9;

/** The values of one issue that go with each basket, and the place of what it has before that issue. */
interface Layer {
  readonly index: number;
  readonly values: Float64Array;
  readonly before: Uint32Array;
}

/** Some values of an issue. */
export interface Choice {
  readonly index: number;
  readonly values: ArrayLike<number>;
}

/**
 * Combinations of the values of some issues, none of which is better than another for one of two and as good for the other. Kept as a
 * tree, as most have their beginnings in common.
 */
export class Baskets {
  /** What they are worth: to the first falling, to the second rising. */
  readonly worths: Both<Float64Array>;
  /** From the last issue back to the first. */
  readonly #layers: readonly Layer[];

  constructor(worths: Both<Float64Array>, layers: readonly Layer[]) {
    this.worths = worths;
    this.#layers = layers.toReversed();
  }

  /** Writes the values of the basket at a place into an outcome. */
  write(place: number, outcome: number[]): void {
    let at = place;
    for (const { index, values, before } of this.#layers) {
      outcome[index] = values[at] ?? 0;
      at = before[at] ?? 0;
    }
  }
}

/**
 * Combines issue by issue. Of two beginnings, the one that is worth less to both can't end up better however they go on: sums that are
 * rounded keep their order. Nor is one kept that leaves a side less than `least` with the best of what follows, `room` of it in issues that
 * are not combined here. Beyond `most`, so many are kept that lie evenly.
 */
export function combine(
  parties: Both<Party>,
  choices: readonly Choice[],
  { least, room, most }: { readonly least: Both<number>; readonly room: Both<number>; readonly most: number },
): Baskets {
  const issues = choices.map(({ index, values }) => {
    const parts = both(parties, ({ utility }) => Float64Array.from(values, (value) => utility.part(index, value)));
    return { index, values, parts, greatest: both(parts, greatest) };
  });
  let following = issues.reduce((sum, { greatest }) => plus(sum, greatest, 1), room);
  const layers: Layer[] = [];
  let worths: Both<Float64Array> = [Float64Array.of(0), Float64Array.of(0)];
  for (const { index, values, parts, greatest } of issues) {
    following = plus(following, greatest, -1);
    const floors: Both<number> = [withRoom(least[0], following[0]), withRoom(least[1], following[1])];
    const sums: Both<Float64Array> = [sumsOf(worths[0], parts[0]), sumsOf(worths[1], parts[1])];
    const ids = thinned(best(sums, floors), most);
    layers.push({
      index,
      values: Float64Array.from(ids, (id) => values[id % values.length] ?? 0),
      before: ids.map((id) => Math.floor(id / values.length)),
    });
    worths = both(sums, (all) => taken(all, ids));
  }
  return new Baskets(worths, layers);
}

/**
 * The places, from the first one's best to the second one's, of worths that no other is better than for one and as good as for the other,
 * among those of at least so much; of equal ones the first.
 */
export function best([one, two]: Both<Float64Array>, [least, leastOther]: Both<number>): Uint32Array {
  const places = new Uint32Array(one.length);
  let count = 0;
  for (let id = 0; id < one.length; id++) {
    if ((one[id] ?? 0) >= least && (two[id] ?? 0) >= leastOther) places[count++] = id;
  }
  const reaching = places.subarray(0, count);
  const [first, second] = [taken(one, reaching), taken(two, reaching)];
  const sorted = sweep(first, second);
  let kept = 0;
  let last = Number.NaN;
  for (const place of sorted) {
    const worth = first[place] ?? 0;
    if (worth === last) continue;
    last = worth;
    sorted[kept++] = reaching[place] ?? 0;
  }
  return sorted.slice(0, kept);
}

/** The figures at some places. */
export function taken(all: Float64Array, places: Uint32Array): Float64Array {
  const figures = new Float64Array(places.length);
  for (let index = 0; index < figures.length; index++) figures[index] = all[places[index] ?? 0] ?? 0;
  return figures;
}

/** So many of them at most, evenly, the first and the last among them. */
export function thinned(places: Uint32Array, most: number): Uint32Array {
  const { length } = places;
  if (length <= most) return places;
  return Uint32Array.from({ length: most }, (_, place) => places[Math.round((place * (length - 1)) / (most - 1))] ?? 0);
}

function withRoom(least: number, room: number): number {
  return least - room - ROUNDING * Math.max(1, Math.abs(least), Math.abs(room));
}

function greatest(figures: Float64Array): number {
  return figures.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
}

function plus([one, two]: Both<number>, more: Both<number>, sign: 1 | -1): Both<number> {
  return [one + sign * more[0], two + sign * more[1]];
}

/** Every sum with every part added. */
function sumsOf(sums: Float64Array, parts: Float64Array): Float64Array {
  const all = new Float64Array(sums.length * parts.length);
  let place = 0;
  for (const sum of sums) for (const part of parts) all[place++] = sum + part;
  return all;
}
