import type { Amount } from "../../kernel/money.ts";
import { fresh } from "./fresh.ts";
import type { Rpc } from "./rpc.ts";

/** What a transaction offers for a unit of gas. */
export interface Fees {
  readonly most: Amount;
  /** Part of it that whoever makes the block may keep. */
  readonly tip: Amount;
}

/** Nodes take a transaction in the place of another only for a tenth more; some want an eighth. */
const [STEP, OF] = [9n, 8n];

/** How many times what the market asks is offered at most. */
const MOST_TIMES = 4n;

/** What the chain asks at present, asked for once a block. */
export class FeeMarket {
  readonly present: () => Promise<Fees>;

  constructor({ reads }: Rpc) {
    this.present = fresh(async () => {
      const { maxFeePerGas, maxPriorityFeePerGas } = await reads.estimateFeesPerGas({ type: "eip1559" });
      return { most: maxFeePerGas, tip: maxPriorityFeePerGas };
    });
  }
}

/** Never more than `cap`, where there is one. */
export function capped({ most, tip }: Fees, cap: Amount | null): Fees {
  const limited = cap === null || most < cap ? most : cap;
  return { most: limited, tip: tip < limited ? tip : limited };
}

/**
 * What replaces a transaction that offered `last`: what the market asks, and at least so much more that nodes take it. Null where it offers
 * far more than that already: then it isn't for the fee that it isn't included, and raising it would only burn money.
 */
export function raised(last: Fees, market: Fees): Fees | null {
  if (last.most >= market.most * MOST_TIMES) return null;
  return { most: larger(market.most, stepUp(last.most)), tip: larger(market.tip, stepUp(last.tip)) };
}

/** Whether nodes take the one in the place of the other. */
export function replaces(next: Fees, last: Fees): boolean {
  return next.most >= stepUp(last.most) && next.tip >= stepUp(last.tip);
}

function stepUp(fee: Amount): Amount {
  return (fee * STEP) / OF + 1n;
}

function larger(one: Amount, other: Amount): Amount {
  return one > other ? one : other;
}
