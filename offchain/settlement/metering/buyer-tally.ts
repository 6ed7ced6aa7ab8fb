import type { Amount } from "../../kernel/money.ts";
import type { CallEntry } from "./call-log.ts";
import { callsPaidBy, mostAttempts, mostCalls, type Rate, totalFor } from "./rate.ts";

/**
 * What a buyer has called of a metered deal. It pays for answers, and for calls whose answer was lost on the way up to one interval in
 * all: so long the seller is believed that it did its part.
 */
export class BuyerTally {
  readonly #rate: Rate;
  #answered = 0;
  #lost = 0;
  #cancelled = 0;
  #highest = 0;
  /** Numbers of calls that are under way, with when they began. */
  readonly #open = new Map<number, number>();
  /** When the oldest answer came that is not signed for, in milliseconds; null where all are. */
  #unsignedSince: number | null = null;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  get answered(): number {
    return this.#answered;
  }

  get lost(): number {
    return this.#lost;
  }

  /** The number that the next call has. */
  get next(): number {
    return this.#highest + 1;
  }

  get underWay(): readonly number[] {
    return [...this.#open.keys()];
  }

  get unsignedSince(): number | null {
    return this.#unsignedSince;
  }

  /** What can be signed for: never a call that wasn't made, never more than the price. */
  get payable(): Amount {
    return totalFor(this.#answered + Math.min(this.#lost, this.#rate.everyCalls), this.#rate);
  }

  /** Whether the price has room for one more call. Never later than at the seller's gate, which refuses what is over: it counts no more than these. */
  get hasRoom(): boolean {
    return this.#made < mostCalls(this.#rate) && this.#made + this.#cancelled < mostAttempts(this.#rate);
  }

  /** Whether one more call stays within the interval that the seller serves on credit. */
  mayBegin(signed: Amount): boolean {
    return this.#made + 1 - callsPaidBy(signed, this.#rate) <= this.#rate.everyCalls;
  }

  /** Takes note of what became of a call. */
  note({ what, number, at }: CallEntry): void {
    if (what === "begun") {
      this.#highest = Math.max(this.#highest, number);
      this.#open.set(number, at);
      return;
    }
    if (!this.#open.delete(number)) return;
    if (what === "cancelled") this.#cancelled++;
    else if (what === "answered") this.#answered++;
    else this.#lost++;
    if (what !== "cancelled") this.#unsignedSince ??= at;
  }

  /** Takes note that a receipt over so much was said at that time. */
  signedFor(total: Amount, at: number): void {
    this.#unsignedSince = total >= this.payable ? null : at;
  }

  /** The seller counts from there: numbers below are used up. */
  skipTo(number: number): void {
    this.#highest = Math.max(this.#highest, number - 1);
  }

  get #made(): number {
    return this.#answered + this.#lost + this.#open.size;
  }
}
