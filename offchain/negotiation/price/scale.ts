import type { Amount } from "../../kernel/money.ts";
import { IssueSpace, type Outcome } from "../../terms/issue-space.ts";
import type { Role } from "../../terms/proposal.ts";
import type { Bids } from "../bids/bids.ts";
import { orderBids } from "../bids/order.ts";
import type { Party } from "../scenario.ts";
import { Utility } from "../utility.ts";

/** Into so many steps the way from the best price to the limit is divided, or into as many as there are units of money. */
const STEPS = 1_000;

/**
 * A price between whole amounts of money, and the same as an issue of the engine: steps away from the best price, which is worth 1, to the
 * limit, which is worth 0. As far again beyond the limit prices are still told apart, so that a strategy sees whether the other side comes
 * closer; those further off, or better than the best, count as the last of them.
 */
export class PriceScale {
  readonly steps: Steps;
  readonly party: Party;
  readonly #best: Amount;
  /** How far it is from the best price to the limit; where there is but one price, to the next. */
  readonly #width: Amount;
  /** Whether prices get worse by rising. */
  readonly #rises: boolean;

  constructor({ from, limit }: { readonly from: Amount; readonly limit: Amount }, role: Role) {
    this.#best = from;
    this.#rises = role === "buyer";
    const width = this.#rises ? limit - from : from - limit;
    this.#width = width > 0n ? width : 1n;
    this.steps = stepsFor(this.#width);
    const reservation = width > 0n ? 0 : 1;
    this.party = { name: role, utility: this.steps.utility, reservation, discount: 1 };
  }

  priceOf([step = 0]: Outcome): Amount {
    const away = (this.#width * BigInt(step)) / BigInt(this.steps.count);
    return this.#rises ? this.#best + away : this.#best - away;
  }

  /** The step at which a price is, or the next worse one, so that it is never taken for better than it is. */
  outcomeOf(price: Amount): Outcome {
    const away = this.#rises ? price - this.#best : this.#best - price;
    if (away <= 0n) return [0];
    const last = 2 * this.steps.count;
    const step = (away * BigInt(this.steps.count) + this.#width - 1n) / this.#width;
    return [step > BigInt(last) ? last : Number(step)];
  }
}

/** The issue, and what it is worth; the same for every price that is divided into as many steps. */
interface Steps {
  readonly count: number;
  readonly space: IssueSpace;
  readonly utility: Utility;
  readonly bids: Bids;
}

function makeSteps(count: number): Steps {
  const space = new IssueSpace([{ kind: "integer", name: "price", from: 0, to: 2 * count }]);
  const table = Float64Array.from({ length: 2 * count + 1 }, (_, step) => 1 - step / count);
  const utility = new Utility([1], [{ kind: "table", first: 0, table }]);
  return { count, space, utility, bids: orderBids(space, utility) };
}

/** By far the most prices have as many units between them, and share these. */
const USUAL = makeSteps(STEPS);

function stepsFor(units: Amount): Steps {
  return units >= BigInt(STEPS) ? USUAL : makeSteps(Number(units));
}
