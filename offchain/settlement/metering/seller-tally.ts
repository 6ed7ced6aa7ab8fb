import type { Amount } from "../../kernel/money.ts";
import { callsPaidBy, mostAttempts, mostCalls, type Rate, totalFor } from "./rate.ts";

/** Numbers of calls that are told apart, counted back from the largest one: more are never under way at a time. */
const WINDOW = 4_096;

export type Verdict =
  | { readonly admit: true }
  | { readonly admit: false; readonly because: "ReceiptDue"; readonly due: Amount }
  | { readonly admit: false; readonly because: "CallRepeated"; readonly next: number }
  | { readonly admit: false; readonly because: "UsedUp" };

/**
 * What a seller has served of a metered deal. What is not receipted never exceeds one interval: `everyCalls` calls, or those since
 * `everySeconds` before the oldest unpaid one.
 */
export class SellerTally {
  readonly #rate: Rate;
  /** Of calls that count, oldest first; those that are paid for are dropped from its beginning. */
  #times: number[] = [];
  /** Calls that `#times` holds no more. */
  #dropped = 0;
  #highest = 0;
  #cancelled = 0;
  readonly #recent = new Set<number>();

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Calls that have to be paid for. */
  get calls(): number {
    return this.#dropped + this.#times.length;
  }

  /** Whether a call under that number may be served at `now` (milliseconds), with that much receipted. */
  judge(number: number, now: number, receipted: Amount): Verdict {
    const rate = this.#rate;
    if (this.#recent.has(number) || number <= this.#highest - WINDOW) {
      return { admit: false, because: "CallRepeated", next: this.#highest + 1 };
    }
    if (this.calls >= mostCalls(rate) || this.calls + this.#cancelled >= mostAttempts(rate))
      return { admit: false, because: "UsedUp" };
    const paid = this.#drop(receipted);
    if (this.calls + 1 - paid > rate.everyCalls) {
      return { admit: false, because: "ReceiptDue", due: totalFor(this.calls + 1 - rate.everyCalls, rate) };
    }
    const oldest = this.#times[0];
    if (oldest === undefined || now - oldest < rate.everySeconds * 1_000) return { admit: true };
    return { admit: false, because: "ReceiptDue", due: totalFor(this.calls, rate) };
  }

  /** Counts a call. */
  count(number: number, at: number): void {
    this.#times.push(at);
    this.#recent.add(number);
    this.#highest = Math.max(this.#highest, number);
    if (this.#recent.size <= 2 * WINDOW) return;
    for (const old of this.#recent) if (old <= this.#highest - WINDOW) this.#recent.delete(old);
  }

  /** A call that was counted needn't be paid for; which of the newest ones makes no difference. Its number stays used. */
  cancel(): void {
    this.#cancelled++;
    if (this.#times.pop() === undefined && this.#dropped > 0) this.#dropped--;
  }

  /** Lets go of what is paid for; returns how many calls that are. */
  #drop(receipted: Amount): number {
    const paid = callsPaidBy(receipted, this.#rate);
    const more = Math.min(paid - this.#dropped, this.#times.length);
    if (more > 0) {
      this.#times = this.#times.slice(more);
      this.#dropped += more;
    }
    return paid;
  }
}
