import type { Amount } from "../../kernel/money.ts";
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

/** For how long what the market asks is taken as known: about a block. */
const FRESH_MS = 1_000;

/** What the chain asks at present, asked for once a block. */
export class FeeMarket {
  readonly #rpc: Rpc;
  #known: { readonly at: number; readonly fees: Promise<Fees> } | null = null;

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  present(): Promise<Fees> {
    const now = performance.now();
    if (this.#known !== null && now - this.#known.at < FRESH_MS) return this.#known.fees;
    const fees = this.#rpc.reads
      .estimateFeesPerGas({ type: "eip1559" })
      .then(({ maxFeePerGas, maxPriorityFeePerGas }) => ({ most: maxFeePerGas, tip: maxPriorityFeePerGas }));
    this.#known = { at: now, fees };
    // A failure is the asker's, not the next one's too.
    fees.catch(() => {
      this.#known = null;
    });
    return fees;
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
