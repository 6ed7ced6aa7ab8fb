import type { Order, Rejection } from "./connector.ts";

/**
 * Asked before money is committed: whether the principal approves of a deal, or whether the counterparty is trusted. An answer of
 * null lets it pass; `"pending"` is asked again, until the deal can't be committed any more.
 */
export interface Clearance {
  clear(order: Order): Promise<Rejection | "pending" | null>;
}
