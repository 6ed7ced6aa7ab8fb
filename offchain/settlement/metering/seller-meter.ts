import type { Clock } from "../../kernel/clock.ts";
import type { AgentId } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Order } from "../../ports/connector.ts";
import type { Journal } from "../../ports/journal.ts";
import type { Admission, CallEnding, CallMeter, MeteredCall } from "../../ports/metering.ts";
import { type CallEntry, CallLog } from "./call-log.ts";
import type { Rate } from "./rate.ts";
import { SellerTally } from "./seller-tally.ts";

/**
 * Calls that are served at a time: of a deal, and of all deals of a buyer. A buyer's agent makes at most 64 and 256; of a deal's it may have given
 * some up that haven't come to their end here. So no buyer takes the places of all others.
 */
const [MOST_CALLS_OF_DEAL, MOST_CALLS_OF_BUYER] = [96, 256];

/** A deal whose calls are served. */
export interface Served extends Pick<Order, "dealHash" | "transcript"> {
  readonly buyer: AgentId;
  readonly rate: Rate;
  /** Milliseconds since 1970 up to which calls are served, as far as that is known by now. */
  readonly until: number | (() => number);
  /** Whether it is written down too how each call ended, for readings of them. */
  readonly isMeasured?: boolean;
  /** What the buyer's newest receipt is over. */
  readonly receipted: () => Amount;
}

/** As the log has it. Who hangs up, or doesn't ask in full, says nothing about the service. */
const WRITTEN: Readonly<Record<CallEnding, readonly CallEntry["what"][]>> = {
  answered: ["answered"],
  failed: ["cancelled"],
  late: ["cancelled", "void"],
  hungUp: ["void"],
};

interface Counter extends Served {
  readonly log: CallLog;
  readonly tally: SellerTally;
  /** Calls that have not come to their end. */
  readonly open: Set<number>;
}

/** Counts the calls of every metered deal that its seller serves. */
export class SellerMeter implements CallMeter {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #counters = new Map<string, Counter>();
  /** Calls that have not come to their end, of every deal that a buyer has or had. */
  readonly #ofBuyer = new Map<AgentId, number>();

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
  }

  /** Serves a deal from now on, from where its log stands. */
  async serve(served: Served): Promise<void> {
    const name = nameOf(served);
    if (this.#counters.has(name)) return;
    const { log, entries } = await CallLog.open(this.#journal, served);
    const tally = new SellerTally(served.rate);
    for (const { what, number, at } of entries) {
      if (what === "begun") tally.count(number, at);
      if (what === "cancelled") tally.cancel();
    }
    this.#counters.set(name, { ...served, log, tally, open: new Set() });
  }

  /** Serves it no more. */
  end(name: Pick<Order, "dealHash" | "transcript">): void {
    this.#counters.delete(nameOf(name));
  }

  /** Calls of a deal that have to be paid for; null where it isn't served. */
  calls(name: Pick<Order, "dealHash" | "transcript">): number | null {
    return this.#counters.get(nameOf(name))?.tally.calls ?? null;
  }

  /** Calls of a deal that are being served just now: nobody can say yet how they end. */
  underWay(name: Pick<Order, "dealHash" | "transcript">): ReadonlySet<number> {
    return this.#counters.get(nameOf(name))?.open ?? new Set();
  }

  async admit(call: MeteredCall): Promise<Admission> {
    const counter = this.#counters.get(nameOf(call));
    if (counter === undefined || counter.buyer !== call.agent) return { admitted: false, because: "UnknownDeal" };
    const { log, tally, until, receipted, open, buyer } = counter;
    const { number } = call;
    const now = this.#clock.now();
    if (now > (typeof until === "number" ? until : until())) return { admitted: false, because: "UsedUp" };
    const verdict = tally.judge(number, now, receipted());
    if (!verdict.admit) {
      const { admit, ...refusal } = verdict;
      return { admitted: admit, ...refusal };
    }
    const ofBuyer = this.#ofBuyer.get(buyer) ?? 0;
    if (open.size >= MOST_CALLS_OF_DEAL || ofBuyer >= MOST_CALLS_OF_BUYER) {
      return { admitted: false, because: "TooManyCalls" };
    }
    // Counted before anything is waited for: calls come at the same time.
    tally.count(number, now);
    open.add(number);
    this.#ofBuyer.set(buyer, ofBuyer + 1);
    try {
      await log.note({ what: "begun", number, at: now });
    } catch (thrown) {
      this.#leave(counter, number);
      throw thrown;
    }
    return { admitted: true, end: (how, waitedMs = 0) => this.#end(counter, number, how, waitedMs) };
  }

  async #end(counter: Counter, number: number, how: CallEnding, waitedMs: number): Promise<void> {
    const { log, tally, isMeasured = false } = counter;
    const isFree = how === "failed" || how === "late";
    try {
      if (isFree) tally.cancel();
      else if (!isMeasured) return;
      const at = this.#clock.now() - waitedMs;
      // Those of one call stand in one record: together, or not at all.
      await Promise.all(WRITTEN[how].map((what) => log.note({ what, number, at })));
    } finally {
      this.#leave(counter, number);
    }
  }

  #leave({ open, buyer }: Counter, number: number): void {
    if (!open.delete(number)) return;
    const left = (this.#ofBuyer.get(buyer) ?? 1) - 1;
    if (left === 0) this.#ofBuyer.delete(buyer);
    else this.#ofBuyer.set(buyer, left);
  }
}

function nameOf({ dealHash, transcript }: Pick<Order, "dealHash" | "transcript">): string {
  return `${dealHash}:${transcript}`;
}
