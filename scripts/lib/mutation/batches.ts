import type { Mutant } from "./mutants.ts";

/** More in one contract, and the compiler takes longer for it than it saves. */
const LARGEST = 60;

/** Mutants that go into one source together, neighbours with neighbours, and those that have to go alone, each by itself. */
export function inBatches(mutants: readonly Mutant[], isWeavable: (mutant: Mutant) => boolean): Mutant[][] {
  const alone = mutants.filter((mutant) => !isWeavable(mutant));
  const batches: Mutant[][] = [];
  for (const ofFile of Map.groupBy(mutants.filter(isWeavable), ({ file }) => file).values()) {
    const count = Math.ceil(ofFile.length / LARGEST);
    const size = Math.ceil(ofFile.length / count);
    for (let at = 0; at < ofFile.length; at += size) batches.push(ofFile.slice(at, at + size));
  }
  return [...batches, ...alone.map((mutant) => [mutant])];
}
