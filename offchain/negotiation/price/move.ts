import type { Amount } from "../../kernel/money.ts";
import type { Role } from "../../terms/proposal.ts";

/** What a strategy decides on its turn, with one line that says why. */
export type PriceMove =
  | { readonly say: "offer"; readonly price: Amount; readonly reason: string }
  | { readonly say: "accept"; readonly reason: string }
  | { readonly say: "end"; readonly reason: string };

/** All that a strategy is told when it is its turn. */
export interface PriceTurn {
  readonly role: Role;
  /** Counts from 0 to rounds - 1. */
  readonly round: number;
  readonly rounds: number;
  /** The other side's newest offer; null before its first. */
  readonly theirs: Amount | null;
  /** False on the last turn of all, when an offer could no longer be answered. */
  readonly mayOffer: boolean;
}

/** True where `left` is at least as good as `right` for that role. */
export function atLeastAsGood(role: Role, left: Amount, right: Amount): boolean {
  return role === "buyer" ? left <= right : left >= right;
}
