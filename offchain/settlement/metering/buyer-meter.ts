import type { Clock } from "../../kernel/clock.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Amount } from "../../kernel/money.ts";
import { BuyerTally } from "./buyer-tally.ts";
import type { CallEntry, CallLog } from "./call-log.ts";
import type { Rate } from "./rate.ts";

/** Part of `everySeconds` after which a receipt is signed, so that it is there before the seller asks for it. */
const [EARLY, OF] = [3, 4];

/** Milliseconds before a receipt that could not be said is tried again. */
const RETRY_MS = 1_000;

/** Milliseconds before the deal's time is over at which the last receipt is signed, if not before. */
const LAST_MS = 30_000;

/** How a call ended, as far as its maker can tell. */
export type CallEnd<Answer> =
  | { readonly what: "answered"; readonly answer: Answer }
  /** It was not served, or failed at the seller's: it costs nothing. `answer` is what is said instead; `error` why it didn't get there. */
  | { readonly what: "cancelled"; readonly answer: Answer; readonly error?: ParleyError }
  /** Whether it was served isn't known. `next` is the number that the seller counts on from, where it told. */
  | { readonly what: "lost"; readonly error: ParleyError; readonly next?: number };

export interface BuyerMeterOptions {
  readonly rate: Rate;
  readonly log: CallLog;
  /** What the log holds by now. */
  readonly entries: readonly CallEntry[];
  readonly clock: Clock;
  /** Milliseconds since 1970 up to which calls are served. */
  readonly until: number;
  /** What the newest receipt is over. */
  readonly receipted: () => Amount;
  /** Says RECEIPT over so much in all. */
  readonly sign: (total: Amount) => Promise<void>;
  /** Told of a receipt that could not be said in time. */
  readonly onTrouble: (thrown: unknown) => void;
}

/** Makes the calls of one metered deal, counts them, and pays for them in intervals. */
export class BuyerMeter {
  readonly #options: BuyerMeterOptions;
  readonly #tally: BuyerTally;
  #signing: Promise<void> | null = null;
  #waiting: (() => void)[] = [];
  #callOff: (() => void) | null = null;
  #closed = false;

  constructor(options: BuyerMeterOptions) {
    this.#options = options;
    this.#tally = new BuyerTally(options.rate);
    for (const entry of options.entries) this.#tally.note(entry);
    // Whatever was under way when the process died may have been served.
    const at = options.clock.now();
    for (const number of this.#tally.underWay) this.#tally.note({ what: "lost", number, at });
    this.#payInTime();
  }

  /** Calls that were answered; those of which it isn't known count as lost. */
  get calls(): { readonly answered: number; readonly lost: number } {
    const { answered, lost } = this.#tally;
    return { answered, lost };
  }

  /** Makes one call, once there is room for it. `send` is given the number that it has. */
  async call<Answer>(send: (number: number) => Promise<CallEnd<Answer>>): Promise<Answer> {
    const number = await this.#begin();
    const end = await send(number);
    const { log, clock } = this.#options;
    const entry: CallEntry = { what: end.what, number, at: clock.now() };
    this.#tally.note(entry);
    if (end.what === "lost" && end.next !== undefined) this.#tally.skipTo(end.next);
    this.#wakeUp();
    await log.note(entry);
    this.#payInTime();
    if (end.what === "lost") throw end.error;
    return end.answer;
  }

  /** Signs for all that is payable by now. */
  async pay(): Promise<void> {
    // One at a time: the second of two receipts must not be over less.
    while (this.#signing !== null) await this.#signing.catch(() => undefined);
    const { receipted, sign, clock } = this.#options;
    const total = this.#tally.payable;
    if (total <= receipted()) return this.#tally.signedFor(total, clock.now());
    this.#signing = sign(total).finally(() => {
      this.#signing = null;
      this.#wakeUp();
    });
    await this.#signing;
    this.#tally.signedFor(total, clock.now());
  }

  /** Makes no more calls, and leaves what is to be paid to the next start. */
  stop(): void {
    this.#closed = true;
    this.#callOff?.();
    this.#wakeUp();
  }

  /** Makes no more calls, and pays for those that were made. */
  async close(): Promise<void> {
    this.stop();
    await this.pay();
  }

  async #begin(): Promise<number> {
    for (;;) {
      if (this.#closed) throw closed();
      if (!this.#tally.hasRoom) throw usedUp(this.#options.rate);
      if (this.#tally.mayBegin(this.#options.receipted())) break;
      if (this.#tally.payable > this.#options.receipted()) await this.pay();
      // Where nothing more can be signed for, one of the calls under way has to come to its end first.
      else if (this.#tally.underWay.length === 0) throw creditGone();
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const entry: CallEntry = { what: "begun", number: this.#tally.next, at: this.#options.clock.now() };
    this.#tally.note(entry);
    await this.#options.log.note(entry);
    return entry.number;
  }

  #wakeUp(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Pays when an interval is nearly over, though nobody calls any more. */
  #payInTime(notBefore = 0): void {
    const { clock, rate, onTrouble, until } = this.#options;
    const since = this.#tally.unsignedSince;
    if (since === null || this.#closed) return;
    this.#callOff?.();
    const isUsedUp = !this.#tally.hasRoom && this.#tally.underWay.length === 0;
    // The last receipt has to be there when the deal's time is over: then the seller claims what it has.
    const due = isUsedUp ? 0 : Math.min(since + (rate.everySeconds * 1_000 * EARLY) / OF, until - LAST_MS);
    this.#callOff = clock.at(Math.max(due, notBefore), () => {
      void this.pay()
        .catch(onTrouble)
        .then(() => this.#payInTime(clock.now() + RETRY_MS));
    });
  }
}

function usedUp({ price }: Rate): ParleyError<"DealUsedUp"> {
  return new ParleyError("DealUsedUp", `the deal's price of ${price} is used up`, {
    hint: "negotiate another deal for more calls",
  });
}

function creditGone(): ParleyError<"CreditUsedUp"> {
  return new ParleyError("CreditUsedUp", "more calls were lost than are paid for, so the seller serves no more", {
    hint: "nothing more is paid for this deal; negotiate another one, with a seller whose answers arrive",
  });
}

function closed(): ParleyError<"MeterClosed"> {
  return new ParleyError("MeterClosed", "no more calls are made for this deal: it is over, or the agent stops", {
    hint: "see the deal's outcome, or start the agent again",
  });
}
