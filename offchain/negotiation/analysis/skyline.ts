/** Below so many pairs, each is compared with each; and so are so few outcomes among themselves. */
const FEW_PAIRS = 2_048;
const FEW = 16;

/**
 * The ids of all outcomes that no other is better than for one of several parties and as good as for the rest: by the parties' utilities
 * in their order, falling, equal ones by id. Divides and conquers (Kung, Luccio and Preparata 1975): each half is solved by itself,
 * then what the better half dominates is taken out of the other.
 */
export function skyline(columns: readonly Float64Array[]): Uint32Array {
  const order = candidates(columns).sort((a, b) => compare(columns, a, b) || a - b);
  const isFirst = (place: number) => place === 0 || compare(columns, order[place - 1] ?? 0, order[place] ?? 0) !== 0;
  const distinct = order.filter((_, place) => isFirst(place));
  const dominated = new Dominance(columns, distinct).solve();
  let vector = -1;
  return order.filter((_, place) => {
    if (isFirst(place)) vector += 1;
    return dominated[vector] === 0;
  });
}

/** Negative where the outcome `a` comes first: the first party that tells them apart is better off with it. */
function compare(columns: readonly Float64Array[], a: number, b: number): number {
  for (const column of columns) {
    const difference = (column[b] ?? 0) - (column[a] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What is left when a few outcomes that are good for everybody have taken out all that they dominate: of many, few. */
function candidates(columns: readonly Float64Array[]): Uint32Array {
  const sums = new Float64Array(columns[0]?.length ?? 0);
  const strong = [...new Set(weightings(columns.length).map((weights) => bestOf(columns, weights, sums)))];
  const count = columns[0]?.length ?? 0;
  const ids = new Uint32Array(count);
  let kept = 0;
  for (let id = 0; id < count; id++) {
    if (!strong.some((other) => dominates(columns, other, id))) ids[kept++] = id;
  }
  return ids.slice(0, kept);
}

/** Everybody counts the same; or one counts more, or less. Of many parties each only more: every weighting goes over all outcomes. */
function weightings(parties: number): number[][] {
  const even = new Array<number>(parties).fill(1);
  const weights = parties <= 4 ? [3, 1.5, 0.4] : [3];
  return [even, ...even.flatMap((_, party) => weights.map((weight) => even.with(party, weight)))];
}

/** The outcome of the greatest weighted sum. `sums` is room to work in. */
function bestOf(columns: readonly Float64Array[], weights: readonly number[], sums: Float64Array): number {
  sums.fill(0);
  for (const [party, column] of columns.entries()) {
    const weight = weights[party] ?? 0;
    for (let id = 0; id < sums.length; id++) sums[id] = (sums[id] ?? 0) + weight * (column[id] ?? 0);
  }
  let best = 0;
  for (let id = 1; id < sums.length; id++) if ((sums[id] ?? 0) > (sums[best] ?? 0)) best = id;
  return best;
}

function dominates(columns: readonly Float64Array[], one: number, other: number): boolean {
  let isBetter = false;
  for (const column of columns) {
    const difference = (column[one] ?? 0) - (column[other] ?? 0);
    if (difference < 0) return false;
    if (difference > 0) isBetter = true;
  }
  return isBetter;
}

/** Finds what is dominated among outcomes that all differ, and are sorted: being at least as good in all is dominating then. */
class Dominance {
  readonly #columns: readonly Float64Array[];
  readonly #ids: Uint32Array;
  /** By place in the order: 1 for what is dominated. */
  readonly #dominated: Uint8Array;

  constructor(columns: readonly Float64Array[], ids: Uint32Array) {
    this.#columns = columns;
    this.#ids = ids;
    this.#dominated = new Uint8Array(ids.length);
  }

  solve(): Uint8Array {
    this.#solve(0, this.#ids.length);
    return this.#dominated;
  }

  #solve(from: number, to: number): void {
    if (to - from <= FEW) {
      this.#solveFew(from, to);
      return;
    }
    const middle = (from + to) >>> 1;
    this.#solve(from, middle);
    this.#solve(middle, to);
    this.#filter(this.#left(from, middle), this.#left(middle, to), 1);
  }

  /** Nothing is dominated by what comes after it. */
  #solveFew(from: number, to: number): void {
    for (let place = from + 1; place < to; place++) {
      for (let other = from; other < place; other++) {
        if (this.#dominated[other] === 1 || !this.#isAsGood(other, place, 1)) continue;
        this.#dominated[place] = 1;
        break;
      }
    }
  }

  #left(from: number, to: number): number[] {
    const places: number[] = [];
    for (let place = from; place < to; place++) if (this.#dominated[place] === 0) places.push(place);
    return places;
  }

  /** Takes out of `worse` what is dominated by one of `better`, which are at least as good for the parties before `party`. */
  #filter(better: readonly number[], worse: readonly number[], party: number): void {
    if (better.length === 0 || worse.length === 0) return;
    const last = this.#columns.length - 1;
    if (better.length * worse.length <= FEW_PAIRS) this.#compareAll(better, worse, party);
    else if (party >= last - 1) this.#sweep(better, worse, last);
    else this.#split(better, worse, party);
  }

  /** What is above a party's median can't be dominated from below it; and who is above it needs to be compared no more for this party. */
  #split(better: readonly number[], worse: readonly number[], party: number): void {
    const median = this.#median([...better, ...worse], party);
    const side = (places: readonly number[], keep: (utility: number) => boolean) =>
      places.filter((place) => this.#dominated[place] === 0 && keep(this.#utility(place, party)));
    const isAbove = (utility: number) => utility > median;
    const isBelow = (utility: number) => utility < median;
    this.#filter(side(better, isAbove), side(worse, isAbove), party);
    this.#filter(
      side(better, (utility) => utility >= median),
      side(worse, (utility) => utility <= median),
      party + 1,
    );
    this.#filter(side(better, isBelow), side(worse, isBelow), party);
  }

  /** Two parties are left, or one: from the top down by the one, the best so far for the other dominates. */
  #sweep(better: readonly number[], worse: readonly number[], last: number): void {
    const falling = (places: readonly number[]) =>
      [...places].sort((a, b) => this.#utility(b, last - 1) - this.#utility(a, last - 1));
    const above = falling(better);
    let next = 0;
    let best = Number.NEGATIVE_INFINITY;
    for (const place of falling(worse)) {
      const height = this.#utility(place, last - 1);
      for (; next < above.length && this.#utility(above[next] ?? 0, last - 1) >= height; next++) {
        best = Math.max(best, this.#utility(above[next] ?? 0, last));
      }
      if (best >= this.#utility(place, last)) this.#dominated[place] = 1;
    }
  }

  #compareAll(better: readonly number[], worse: readonly number[], party: number): void {
    for (const place of worse) {
      if (better.some((other) => this.#isAsGood(other, place, party))) this.#dominated[place] = 1;
    }
  }

  #isAsGood(one: number, other: number, party: number): boolean {
    for (let index = party; index < this.#columns.length; index++) {
      if (this.#utility(one, index) < this.#utility(other, index)) return false;
    }
    return true;
  }

  #median(places: readonly number[], party: number): number {
    const utilities = Float64Array.from(places, (place) => this.#utility(place, party)).sort();
    return utilities[utilities.length >>> 1] ?? 0;
  }

  #utility(place: number, party: number): number {
    return this.#columns[party]?.[this.#ids[place] ?? 0] ?? 0;
  }
}
