import { readIfThere, writeWhole } from "../bootstrap/files.mjs";

/** What `npm run test:deep -- --store` keeps for docs/results.md. */
export const DEEP_STORED = "test/contracts/deep.json";

/** What came of a file's properties. */
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

/** Keeps what came of one file in the place of what was known of it: a run of all takes hours, and may be ended between two files. */
export function storeDeep(run: DeepRun): void {
  const all = [...readDeep().filter(({ file }) => file !== run.file), run];
  all.sort((one, other) => (one.file < other.file ? -1 : 1));
  writeWhole(DEEP_STORED, `${JSON.stringify(all, null, 2)}\n`);
}
