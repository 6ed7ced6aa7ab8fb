import type { Bytes32 } from "../kernel/ids.ts";
import type { JsonObject } from "../terms/canonical-json.ts";
import type { Deal } from "../terms/deal.ts";

/** What an outside system is asked to do something for. */
export interface Order {
  /** The same for the same deal, always: whatever is asked twice under one id must be done once. */
  readonly id: string;
  readonly deal: Deal;
  readonly dealHash: Bytes32;
  readonly transcript: Bytes32;
  /** Null where only their hash is known. */
  readonly terms: JsonObject | null;
}

/** Why an outside system says no. */
export interface Rejection {
  /** Stable, for machines: `OutOfStock`. */
  readonly code: string;
  readonly note: string;
}

/** The seller's systems: inventory, production, shipping. Calls may be repeated after a crash, and must have their effect once. */
export interface Supply {
  /** Sets aside what was sold; null where that is done. */
  reserve(order: Order): Promise<Rejection | null>;
  /** Hands it over, and returns the hash of what shows that; null while it is not done yet. */
  deliver(order: Order): Promise<Bytes32 | null>;
  /** Nothing comes of the deal: what was set aside is free again. */
  release(order: Order): Promise<void>;
}

/** What the buyer finds about a delivery. */
export type Finding =
  | { readonly good: true }
  | {
      readonly good: false;
      /** Part of the price, in basis points, that the seller is due all the same. */
      readonly share: number;
      /** Hash of what shows it. */
      readonly evidence: Bytes32;
      readonly note: string;
    };

/** The buyer's systems: they say whether what came is what was agreed. */
export interface Intake {
  /** Null while that is not decided yet; once the review period is over, silence is acceptance. */
  inspect(order: Order): Promise<Finding | null>;
  /** The document that a finding names by its hash, for whoever has to judge it; null where there is none. */
  report?(order: Order): Promise<JsonObject | null>;
}
