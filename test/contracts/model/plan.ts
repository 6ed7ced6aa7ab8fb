// One step: a transaction, and what the model says to it.
import type { Deal } from "../typedData.ts";
import type { Matter } from "./deals.ts";
import type { Payout, State } from "./state.ts";

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
