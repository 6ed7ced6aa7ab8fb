import type { Address, Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";

export type CourtStage = "None" | "Drawing" | "Committing" | "Revealing" | "Appealable" | "Ruled" | "Executed";

/** A vote that decides nothing: one more than the whole in basis points. */
export const REFUSAL = 10_001;

export interface PanelMember {
  readonly holder: Address;
  readonly ballot: "None" | "Committed" | "Revealed";
  /** Once revealed: the seller's share in basis points, or `REFUSAL`. */
  readonly vote: number | null;
  /** Zero before it is committed. */
  readonly commitment: Bytes32;
}

/** A dispute as the Court has it, by one block. */
export interface CourtCase {
  readonly dispute: bigint;
  readonly arbitrable: Address;
  readonly stage: CourtStage;
  /** From 0; each appeal opens another. */
  readonly round: bigint;
  /** Last second of the present stage; null where it has none, once the ruling is final. */
  readonly until: number | null;
  /** The block that the panel is drawn from. */
  readonly seedBlock: bigint;
  /** Empty before the draw. */
  readonly panel: readonly PanelMember[];
  /** Whether the round's votes are counted, and stakes shared out. */
  readonly counted: boolean;
  /** The ERC-792 ruling as it stands. */
  readonly ruling: bigint;
  /** What an appeal costs; null where none can come. */
  readonly appealCost: Amount | null;
  readonly now: number;
}

export interface Seat {
  readonly taken: boolean;
  readonly stake: Amount;
  /** When it was left or lost; null while it is taken, or never was. */
  readonly leftAt: number | null;
  /** Panels that it sits on and that are not counted yet. */
  readonly panels: number;
  /** What can be withdrawn. */
  readonly credit: Amount;
}
