import assert from "node:assert/strict";
import { decidePrice, type PriceStrategy } from "../../../../offchain/negotiation/price/strategy.ts";
import { alternation } from "../../../../offchain/negotiation/price/turns.ts";
import type { Role } from "../../../../offchain/terms/proposal.ts";

export interface PriceSide {
  readonly role: Role;
  readonly strategy: PriceStrategy;
}

/** Two strategies against each other, as the protocol has them take turns. */
export function play(opener: PriceSide, responder: PriceSide, rounds: number, seed = 1) {
  const offers: bigint[] = [];
  const reasons: string[] = [];
  for (;;) {
    assert.ok(offers.length < 2 * rounds, "more turns than there are");
    const { role, strategy } = alternation.speaker(offers.length) === "opener" ? opener : responder;
    const move = decidePrice(strategy, { role, rounds, offers, seed });
    reasons.push(move.reason);
    if (move.say !== "offer") return { say: move.say, price: offers.at(-1) ?? null, offers, reasons };
    assert.ok(alternation.mayOffer(offers.length, rounds));
    offers.push(move.price);
  }
}
