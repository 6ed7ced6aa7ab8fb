import type { Clock } from "../../kernel/clock.ts";
import type { AgentId } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Order } from "../../ports/connector.ts";
import type { Journal } from "../../ports/journal.ts";
import type { Admission, CallEnding, CallMeter, MeteredCall } from "../../ports/metering.ts";
import { type CallEntry, CallLog } from "./call-log.ts";
import type { Rate } from "./rate.ts";
import { SellerTally } from "./seller-tally.ts";

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

/** As the log has it. Who hangs up says nothing about the service. */
const WRITTEN = { answered: "answered", failed: "cancelled", hungUp: "void" } as const satisfies Record<
  CallEnding,
  CallEntry["what"]
>;

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
    const { log, tally, until, receipted, open } = counter;
    const { number } = call;
    const now = this.#clock.now();
    if (now > (typeof until === "number" ? until : until())) return { admitted: false, because: "UsedUp" };
    const verdict = tally.judge(number, now, receipted());
    if (!verdict.admit) {
      const { admit, ...refusal } = verdict;
      return { admitted: admit, ...refusal };
    }
    // Counted before anything is waited for: calls come at the same time.
    tally.count(number, now);
    open.add(number);
    await log.note({ what: "begun", number, at: now });
    return { admitted: true, end: (how, waitedMs = 0) => this.#end(counter, number, how, waitedMs) };
  }

  async #end(counter: Counter, number: number, how: CallEnding, waitedMs: number): Promise<void> {
    const { log, tally, isMeasured = false, open } = counter;
    try {
      if (how === "failed") tally.cancel();
      else if (!isMeasured) return;
      await log.note({ what: WRITTEN[how], number, at: this.#clock.now() - waitedMs });
    } finally {
      open.delete(number);
    }
  }
}

function nameOf({ dealHash, transcript }: Pick<Order, "dealHash" | "transcript">): string {
  return `${dealHash}:${transcript}`;
}
