const MOST_BUCKETS = 65_536;

/** With fewer outcomes than these, buckets cost more than they save. */
const FEW = 4_096;

/**
 * The ids of all outcomes that no other is better than for one of two parties and as good as for the other: by the first party's
 * utility, falling, equal ones by id.
 */
export function sweep(first: Float64Array, second: Float64Array): Uint32Array {
  const order = sorted(first, second);
  let kept = 0;
  let [bestFirst, bestSecond] = [Number.NaN, Number.NEGATIVE_INFINITY];
  for (const id of order) {
    const [one, two] = [first[id] ?? 0, second[id] ?? 0];
    const equalsLast = two === bestSecond && one === bestFirst;
    if (two <= bestSecond && !equalsLast) continue;
    [bestFirst, bestSecond] = [one, two];
    order[kept++] = id;
  }
  return order.slice(0, kept);
}

/**
 * What is worth looking at, the first party's best first. Few outcomes of many are: those which are better for the second party than
 * all that lie in a higher bucket of the first party's utility. Where all are, sorting each bucket is still faster than all at once.
 */
function sorted(first: Float64Array, second: Float64Array): Uint32Array {
  const compare = (a: number, b: number) =>
    (first[b] ?? 0) - (first[a] ?? 0) || (second[b] ?? 0) - (second[a] ?? 0) || a - b;
  if (first.length < FEW) return Uint32Array.from(first, (_, id) => id).sort(compare);
  const bucketOf = bucketing(first);
  const best = bestFromAbove(first, second, bucketOf);
  const isCandidate = (id: number, bucket: number) =>
    (second[id] ?? 0) > (best[bucket - 1] ?? Number.NEGATIVE_INFINITY);
  const starts = new Uint32Array(MOST_BUCKETS + 1);
  for (let id = 0; id < first.length; id++) {
    const bucket = bucketOf(first[id] ?? 0);
    if (isCandidate(id, bucket)) starts[bucket + 1] = (starts[bucket + 1] ?? 0) + 1;
  }
  for (let bucket = 1; bucket < starts.length; bucket++) {
    starts[bucket] = (starts[bucket] ?? 0) + (starts[bucket - 1] ?? 0);
  }
  const ids = new Uint32Array(starts[MOST_BUCKETS] ?? 0);
  const next = starts.slice();
  for (let id = 0; id < first.length; id++) {
    const bucket = bucketOf(first[id] ?? 0);
    if (!isCandidate(id, bucket)) continue;
    const place = next[bucket] ?? 0;
    ids[place] = id;
    next[bucket] = place + 1;
  }
  for (let bucket = 0; bucket < MOST_BUCKETS; bucket++) {
    const [from = 0, to = 0] = [starts[bucket], starts[bucket + 1]];
    if (to - from > 1) ids.subarray(from, to).sort(compare);
  }
  return ids;
}

/** The best for the second party in each bucket or one before it. */
function bestFromAbove(first: Float64Array, second: Float64Array, bucketOf: (utility: number) => number): Float64Array {
  const best = new Float64Array(MOST_BUCKETS).fill(Number.NEGATIVE_INFINITY);
  for (let id = 0; id < first.length; id++) {
    const bucket = bucketOf(first[id] ?? 0);
    if ((second[id] ?? 0) > (best[bucket] ?? 0)) best[bucket] = second[id] ?? 0;
  }
  for (let bucket = 1; bucket < MOST_BUCKETS; bucket++) {
    best[bucket] = Math.max(best[bucket] ?? 0, best[bucket - 1] ?? 0);
  }
  return best;
}

/** Which bucket a utility belongs into, from the best down: never a later one than that of a lower utility. */
function bucketing(utilities: Float64Array): (utility: number) => number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const one of utilities) {
    if (one < low) low = one;
    if (one > high) high = one;
  }
  const perUnit = MOST_BUCKETS / (high - low);
  // All are worth the same, or so nearly that there is no telling how many buckets they are apart.
  if (!Number.isFinite(perUnit)) return () => 0;
  return (utility) => Math.min(MOST_BUCKETS - 1, Math.floor((high - utility) * perUnit));
}
