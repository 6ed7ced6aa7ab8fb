import type { Address } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";

/** What the chain tells at present of whoever would rule a deal's dispute. */
export interface ArbitratorFacts {
  /** Whether there is a contract at its address. */
  readonly isThere: boolean;
  /** What a dispute costs, in native coin; null where it doesn't say. */
  readonly cost: Amount | null;
  /** Null for arbitrators of another make than the Court: of those nothing but the cost can be known. */
  readonly court: CourtFacts | null;
}

export interface CourtFacts {
  /** A dispute has to leave it more seconds than these, or is refused. */
  readonly needsS: number;
  readonly seats: number;
  /** Seats that a dispute's first panel takes. */
  readonly panel: number;
}

/** The part of the chain that a deal's arbitrator is judged by. */
export interface Arbitrators {
  /** `rulingWithin` is the deal's: what a dispute costs may depend on it. */
  facts(arbitrator: Address, rulingWithin: number): Promise<ArbitratorFacts>;
}
