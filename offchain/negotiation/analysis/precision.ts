/**
 * How near two figures are that count as the same. Sums of decimals such as 0.1 + 0.2 and 0.3 differ in their last bit, and neither is the
 * better one.
 */
const SAME = 1e-12;

/** How much more or less a figure may be that counts as the same as this one. */
export function slack(figure: number): number {
  return SAME * Math.max(1, Math.abs(figure));
}

/** Whether a figure is another, or more. */
export function reaches(value: number, least: number): boolean {
  return value >= least - slack(least);
}

/** Takes a party's utilities to so many places, in place, that those which only rounding tells apart are equal. */
export function settle(utilities: Float64Array): Float64Array {
  let largest = 1;
  for (const one of utilities) if (Math.abs(one) > largest) largest = Math.abs(one);
  const steps = 10 ** -Math.ceil(Math.log10(largest)) / SAME;
  for (let id = 0; id < utilities.length; id++) utilities[id] = Math.round((utilities[id] ?? 0) * steps) / steps;
  return utilities;
}
