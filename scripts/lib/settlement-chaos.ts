import { readIfThere, writeWhole } from "../bootstrap/files.mjs";

/** What `npm run chaos:settlement -- --store` keeps for docs/results.md. */
export const SETTLEMENT_CHAOS = "test/chaos/settlement/chaos.json";

/** What came of the runs, all together. */
export interface SettlementChaos {
  readonly runs: number;
  readonly seed: number;
  readonly date: string;
  readonly commit: string;
  /** How many deals ended in which way. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly deaths: number;
  readonly reorgs: number;
  /** Money that its owners could not take out in the end. */
  readonly stuck: readonly string[];
  readonly failures: readonly { readonly seed: number; readonly wrong: readonly string[] }[];
}

export function readSettlementChaos(): SettlementChaos | null {
  const stored = readIfThere(SETTLEMENT_CHAOS);
  return stored === undefined ? null : JSON.parse(stored);
}

export function storeSettlementChaos(summary: SettlementChaos): void {
  writeWhole(SETTLEMENT_CHAOS, `${JSON.stringify(summary, null, 2)}\n`);
}
