/**
 * How long and from where fast-check searches. By the environment: PARLEY_FUZZ_RUNS, the number of runs of every property, and
 * PARLEY_FUZZ_SEED, where to begin; `npm run test:deep` sets both. Without them the tests draw the same cases each time.
 */
import type { Parameters } from "fast-check";

const runs = wholeNumber("PARLEY_FUZZ_RUNS");
const seed = wholeNumber("PARLEY_FUZZ_SEED");

/** How often to run a property that by default runs `few` times. */
export function fuzzRuns(few: number): number {
  return runs ?? few;
}

/** Where to begin if by default it is from `usual`. */
export function fuzzSeed(usual: number): number {
  return seed ?? usual;
}

/** Both as parameters for `fc.assert`. */
export function fuzz<T>(few: number, usual: number): Parameters<T> {
  return { numRuns: fuzzRuns(few), seed: fuzzSeed(usual) };
}

/** Milliseconds for a test that by default takes `few` runs and at most `usual` of them; more runs may take longer. */
export function fuzzTime(few: number, usual: number): number {
  return Math.ceil(usual * Math.max(1, fuzzRuns(few) / few));
}

function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === "") return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new Error(`${name} takes a whole number, not ${text}`);
  return Number(text);
}
