import { readIfThere, writeWhole } from "../bootstrap/files.mjs";

/** What `npm run test:deep -- --store` keeps for docs/results.md. */
export const DEEP_STORED = "test/contracts/deep.json";

/** What came of a file's properties, drawn from one seed. */
export interface DeepRun {
  readonly file: string;
  readonly runs: number;
  readonly seed: number;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly date: string;
  readonly commit: string;
}

export function readDeep(): readonly DeepRun[] {
  return JSON.parse(readIfThere(DEEP_STORED) ?? "[]");
}

/** Keeps a run beside the others, in the place of one from the same seed: all of them take hours, and may be ended between two. */
export function storeDeep(run: DeepRun): void {
  const others = readDeep().filter(({ file, seed }) => file !== run.file || seed !== run.seed);
  const all = [...others, run].sort((one, other) => (place(one) < place(other) ? -1 : 1));
  writeWhole(DEEP_STORED, `${JSON.stringify(all, null, 2)}\n`);
}

function place({ file, seed }: DeepRun): string {
  return `${file} ${String(seed).padStart(10, "0")}`;
}

/** A run's draws in slices, each from a seed of its own: a slice is soon done, and one process doesn't grow forever. */
export function slicesOf(runs: number, seed: number, most: number): { runs: number; seed: number }[] {
  return Array.from({ length: Math.ceil(runs / most) }, (_, index) => ({
    runs: Math.min(most, runs - index * most),
    seed: seed + index,
  }));
}
