import { readIfThere, writeWhole } from "../bootstrap/files.mjs";

/** What `npm run chaos -- --store` keeps for docs/results.md. */
export const CHAOS_STORED = "test/chaos/chaos.json";

/** What came of the runs, all together. */
export interface ChaosSummary {
  readonly runs: number;
  readonly seed: number;
  readonly date: string;
  readonly commit: string;
  readonly deals: number;
  readonly withoutDeal: number;
  readonly kills: number;
  readonly cuts: number;
  readonly frames: number;
  readonly disksFull: number;
  readonly clocksApart: number;
  readonly revocations: number;
  readonly failures: readonly { readonly seed: number; readonly wrong: readonly string[] }[];
}

export function readChaos(): ChaosSummary | null {
  const stored = readIfThere(CHAOS_STORED);
  return stored === undefined ? null : JSON.parse(stored);
}

export function storeChaos(summary: ChaosSummary): void {
  writeWhole(CHAOS_STORED, `${JSON.stringify(summary, null, 2)}\n`);
}
