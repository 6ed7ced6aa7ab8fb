// One step: a transaction, and what the model says to it.
import type { Deal } from "../typedData.ts";
import type { Matter } from "./deals.ts";
import type { Payout, State } from "./state.ts";

/** As in contracts/types/Act.sol. */
export const Act = {
  Commit: 0,
  Deliver: 1,
  Accept: 2,
  Claim: 3,
  ClaimReceipt: 4,
  Close: 5,
  Refund: 6,
  Split: 7,
  Dispute: 8,
  Answer: 9,
  Refer: 10,
  Execute: 11,
  Lapse: 12,
  Cure: 13,
  Penalise: 14,
} as const;

export interface Preview {
  act: number;
  /** Zero address: carried with a session key's signature. */
  by: string;
  amount: bigint;
}

export interface Plan {
  /** What it is counted as. */
  name: string;
  from: string;
  to: string;
  data: string;
  value?: bigint;
  model: (draft: State) => Payout | undefined;
  /** The deal that it is about. */
  matter?: Matter;
  /** The deals that it is about, if they are several. */
  deals?: Deal[];
  preview?: Preview;
}
