import { type Amount, MAX_AMOUNT } from "../../kernel/money.ts";
import { atLeastAsGood, type PriceMove, type PriceTurn } from "./move.ts";
import { situationOf } from "./turns.ts";

/** Somebody else decides each move: a person, a language model, another program. What it may not cross is fixed beforehand. */
export interface External {
  readonly kind: "external";
  /** The worst price that may be offered or taken. */
  readonly limit: Amount;
}

/** What is proposed from outside. */
export type ProposedMove = { readonly say: "offer"; readonly price: Amount } | { readonly say: "accept" };

export const WAIT: PriceMove = { say: "wait", reason: "somebody else decides, and has not yet" };

/** Why a proposed move may not be made; null if it may. */
export function refusalOf({ limit }: External, move: ProposedMove, turn: PriceTurn): string | null {
  const { theirs, mayOffer } = situationOf(turn);
  if (move.say === "offer" && !mayOffer) return "no offer may be made any more, only accepted";
  const price = move.say === "offer" ? move.price : theirs;
  if (price === null) return "there is no offer to accept";
  if (price < 0n || price > MAX_AMOUNT) return `${price} is no price: a whole amount up to 2^128 - 1`;
  return atLeastAsGood(turn.role, price, limit)
    ? null
    : `${price} is past the limit of ${limit} that was set beforehand`;
}
