const MOST_BUCKETS = 65_536;

/** With fewer outcomes than these, buckets cost more than they save. */
const FEW = 4_096;

/**
 * The ids of all outcomes that no other is better than for one of two parties and as good as for the other: by the first party's
 * utility, falling, equal ones by id.
 */
export function sweep(first: Float64Array, second: Float64Array): Uint32Array {
  const order = candidates(first, second).sort(
    (a, b) => (first[b] ?? 0) - (first[a] ?? 0) || (second[b] ?? 0) - (second[a] ?? 0) || a - b,
  );
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
 * Few outcomes of many are worth sorting: those which are better for the second party than all that lie in a higher bucket of the
 * first party's utility.
 */
function candidates(first: Float64Array, second: Float64Array): Uint32Array {
  if (first.length < FEW) return Uint32Array.from(first, (_, id) => id);
  const bucketOf = bucketing(first);
  const best = new Float64Array(MOST_BUCKETS + 1).fill(Number.NEGATIVE_INFINITY);
  for (let id = 0; id < first.length; id++) {
    const bucket = bucketOf(first[id] ?? 0);
    if ((second[id] ?? 0) > (best[bucket] ?? 0)) best[bucket] = second[id] ?? 0;
  }
  for (let bucket = MOST_BUCKETS - 1; bucket >= 0; bucket--) {
    best[bucket] = Math.max(best[bucket] ?? 0, best[bucket + 1] ?? 0);
  }
  const ids = new Uint32Array(first.length);
  let count = 0;
  for (let id = 0; id < first.length; id++) {
    if ((second[id] ?? 0) > (best[bucketOf(first[id] ?? 0) + 1] ?? 0)) ids[count++] = id;
  }
  return ids.slice(0, count);
}

/** Which bucket a utility belongs into: never a lower one than that of a lower utility. */
function bucketing(utilities: Float64Array): (utility: number) => number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const one of utilities) {
    if (one < low) low = one;
    if (one > high) high = one;
  }
  const perUnit = high > low ? MOST_BUCKETS / (high - low) : 0;
  return (utility) => Math.min(MOST_BUCKETS - 1, Math.floor((utility - low) * perUnit));
}
