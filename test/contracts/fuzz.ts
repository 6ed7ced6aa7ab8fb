/**
 * How long and from where fast-check searches. By the environment: PARLEY_FUZZ_RUNS, the number of runs of every property
 * (`npm run test:deep` sets it), and PARLEY_FUZZ_SEED, which draws the same cases again. fast-check names its seed when it finds a
 * counterexample; so does this file, once, for a run that was killed or ran out of time.
 */
import type { Parameters } from "fast-check";

const runs = wholeNumber("PARLEY_FUZZ_RUNS");
const seed = wholeNumber("PARLEY_FUZZ_SEED") ?? Math.floor(Math.random() * 0x7fffffff);

if (runs !== undefined) console.log(`PARLEY_FUZZ_RUNS=${runs} PARLEY_FUZZ_SEED=${seed}`);

/** How often to run a property that by default runs `few` times. */
export function fuzzRuns(few: number): number {
  return runs ?? few;
}

/** The same as parameters for `fc.assert`, with the seed. */
export function fuzz<T>(few: number): Parameters<T> {
  return { numRuns: fuzzRuns(few), seed };
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
