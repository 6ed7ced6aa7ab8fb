/** Works on all items, at most so many at once, and returns the results in the items' order. The first error ends it. */
export async function atOnce<T, R>(
  lanes: number,
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const waiting = [...items.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      results.set(next[0], await work(next[1], next[0]));
    }
  };
  try {
    await Promise.all(Array.from({ length: lanes }, lane));
  } finally {
    waiting.length = 0;
  }
  return items.flatMap((_, index) => (results.has(index) ? [results.get(index) as R] : []));
}
