/**
 * Resolves once nothing is carried any more and nothing was posted for later. What is posted may be asked again while others are waited
 * for: so it is looked for anew each time.
 */
export async function untilIdle(
  carried: () => Iterable<Promise<unknown>>,
  nextPosting: () => Promise<boolean>,
): Promise<void> {
  let known = new Set<Promise<unknown>>();
  for (;;) {
    const present = new Set(carried());
    if ([...present].some((one) => !known.has(one))) await Promise.all(present);
    else if (!(await nextPosting())) return;
    known = present;
  }
}
