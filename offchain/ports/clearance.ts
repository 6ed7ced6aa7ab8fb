import type { Order, Rejection } from "./connector.ts";

/** Not yet: what it waits for, as people are told. */
export interface Pending {
  readonly waitsFor: string;
}

/**
 * Asked before money is committed: whether the principal approves of a deal, or whether the counterparty is trusted. An answer of
 * null lets it pass; what is pending is asked again, until the deal can't be committed any more. `"pending"` alone doesn't say what for.
 */
export interface Clearance {
  clear(order: Order): Promise<Rejection | Pending | "pending" | null>;
}
