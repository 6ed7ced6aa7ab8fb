import type { Field } from "./field.ts";

/** How far weights may be from a sum of 1: decimals don't add up to the last bit. */
const ROUNDING = 1e-6;

/** The sum of weights that stand in a field, which has to be 1. */
export function sumOfWeights(weights: readonly number[], field: Field): number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (Math.abs(sum - 1) <= ROUNDING) return sum;
  throw field.refuse(`weights that sum to 1, not to ${Number(sum.toPrecision(9))}`);
}
