/** What `npm run test:deep -- --store` keeps for docs/results.md. */
export const DEEP_STORED = "test/contracts/deep.json";

/** What came of a file's properties. */
export interface DeepRun {
  readonly file: string;
  readonly runs: number;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
}

/** What --store keeps. */
export interface Deep {
  readonly date: string;
  readonly commit: string;
  readonly seed: number;
  readonly files: readonly DeepRun[];
}
