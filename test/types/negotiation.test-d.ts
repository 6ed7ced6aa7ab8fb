// Type tests: checked by tsc, never run.
import type { PriceMove, PriceTurn } from "../../offchain/negotiation/price/move.ts";
import { decidePrice, type PriceStrategy } from "../../offchain/negotiation/price/strategy.ts";
import type { TimeDependent } from "../../offchain/negotiation/price/time-dependent.ts";
import { type Equal, expectType } from "./expect.ts";

declare const strategy: PriceStrategy;
declare const turn: PriceTurn;

// A strategy is told apart by its kind.
if (strategy.kind === "time-dependent") strategy satisfies TimeDependent;
// @ts-expect-error a strategy is data with a known kind
({ kind: "hopeful", from: 1n, limit: 2n, pace: 1 }) satisfies PriceStrategy;
// @ts-expect-error prices are bigints
({ kind: "time-dependent", from: 1, limit: 2, pace: 1 }) satisfies PriceStrategy;

// Whatever is decided says why, and only an offer has a price.
const move = decidePrice(strategy, turn);
expectType<Equal<typeof move, PriceMove>>();
move.reason satisfies string;
// @ts-expect-error only an offer has a price
move.price;
if (move.say === "offer") expectType<Equal<typeof move.price, bigint>>();
// @ts-expect-error an acceptance has no price of its own
({ say: "accept", price: 1n, reason: "" }) satisfies PriceMove;
