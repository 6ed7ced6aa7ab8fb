import type { Amount } from "../../kernel/money.ts";
import type { Role } from "../../terms/proposal.ts";

/** What a side does on its turn, with one line that says why. The reason is for its own people, never for the other side. */
export type PriceMove =
  | { readonly say: "offer"; readonly price: Amount; readonly reason: string }
  | { readonly say: "accept"; readonly reason: string }
  | { readonly say: "end"; readonly reason: string }
  /** Somebody else decides, and is yet to. */
  | { readonly say: "wait"; readonly reason: string };

/** All that a strategy is told when it is its turn. */
export interface PriceTurn {
  readonly role: Role;
  readonly rounds: number;
  /** Every offer so far, the oldest first; the sides take turns, and it is the turn of whoever didn't make the last. */
  readonly offers: readonly Amount[];
  /** Where its chance comes from: the same for every turn of a negotiation. */
  readonly seed: number;
}

/** True where `left` is at least as good as `right` for that role. */
export function atLeastAsGood(role: Role, left: Amount, right: Amount): boolean {
  return role === "buyer" ? left <= right : left >= right;
}
