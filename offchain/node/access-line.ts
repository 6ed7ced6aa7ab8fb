import { climbs } from "../adapters/connector/http/deal-path.ts";
import type { CallAnswer, CallRequest, CallResult, MeterClient } from "../adapters/connector/meter/client.ts";
import type { Clock } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import { prepaid } from "../settlement/metering/access.ts";
import { BuyerMeter } from "../settlement/metering/buyer-meter.ts";
import type { CallEntry, CallLog } from "../settlement/metering/call-log.ts";
import type { Line } from "./bought-calls.ts";
import type { ServiceEnd } from "./service-end.ts";

/** What may be the fault of either side's network. */
const DOUBTFUL: readonly string[] = ["SellerUnreachable", "Interrupted", "CallLost"];

/**
 * What is the seller's doing, though no answer came: a server that changes to another protocol was there, and served nothing; an answer that
 * is longer than the terms allow is none; and a gate that stays full serves nobody, since we have no more calls under way than it has to serve.
 */
const ITS_OWN: readonly string[] = ["ReceiptUnheard", "GateFull", "NotServed", "AnswerTooLarge"];

/** Milliseconds after a call that got no answer in which a new block shows that it was not our network. */
const DOUBT_MS = 30_000;

export interface AccessLineOptions {
  readonly log: CallLog;
  readonly entries: readonly CallEntry[];
  readonly calls: number;
  readonly client: Pick<MeterClient, "send">;
  readonly clock: Clock;
  readonly end: ServiceEnd;
  /** When the newest block that is known was made, in Unix seconds; null where none is. */
  readonly newestBlock: () => number | null;
  /** Writes down what was measured, if that is not done yet. */
  readonly keep: () => Promise<void>;
  readonly onTrouble: (thrown: unknown) => void;
}

interface Ended {
  readonly number: number;
  readonly result: CallResult;
  /** When the newest block was made that was known while it was under way. */
  readonly newest: number | null;
}

/**
 * Calls that a deal about access has paid for. Each is weighed once it has ended: what our own network, our process or our application
 * made of it says nothing about the seller, and is taken out of the measure.
 */
export class AccessLine implements Line {
  readonly #options: AccessLineOptions;
  readonly #meter: BuyerMeter;
  readonly #underWay = new Set<Promise<unknown>>();
  /** Calls of which it isn't known yet whose network failed, with what calls the waiting off. */
  readonly #doubts = new Map<number, () => void>();
  /** Calls that say nothing about the seller, which could not be written down. */
  readonly #unwritten = new Set<number>();

  constructor(options: AccessLineOptions) {
    this.#options = options;
    const { calls, log, entries, clock, end, onTrouble } = options;
    const rate = prepaid(calls);
    this.#meter = new BuyerMeter({
      ...{ rate, log, entries, clock, until: end.at, onTrouble },
      // All of it is paid for, so there is never anything to sign.
      ...{ receipted: () => rate.price, sign: async () => undefined },
    });
  }

  /** Whether some call can't be judged yet. */
  get isBusy(): boolean {
    return this.#underWay.size > 0 || this.#doubts.size > 0;
  }

  /** Calls that count against nobody, though the log doesn't say so: whose network failed isn't known yet, or it couldn't be written down. */
  get leftOut(): ReadonlySet<number> {
    return new Set([...this.#doubts.keys(), ...this.#unwritten]);
  }

  get isOver(): boolean {
    const { clock, end } = this.#options;
    return clock.now() > end.at;
  }

  async call(request: CallRequest): Promise<CallAnswer> {
    if (this.isOver) throw accessOver();
    // The gate refuses it too; but then it would count as the seller's failure.
    if (!request.path.startsWith("/") || climbs(request.path)) throw badPath();
    const calling = this.#call(request);
    this.#underWay.add(calling);
    return await calling.finally(() => this.#underWay.delete(calling));
  }

  stop(): void {
    this.#meter.stop();
  }

  async end(): Promise<void> {
    await this.#letGo();
    await this.#options.keep();
  }

  async close(): Promise<void> {
    await this.#letGo();
  }

  async #call(request: CallRequest): Promise<CallAnswer> {
    const { client, newestBlock } = this.#options;
    const ended: Ended[] = [];
    const send = async (number: number): Promise<CallResult> => {
      const before = newestBlock();
      const result = await client.send(number, request);
      ended.push({ number, result, newest: latest(before, newestBlock()) });
      return result;
    };
    try {
      return await this.#meter.call(send);
    } finally {
      // Once it is written down how it ended: what is taken out afterwards is out whatever that was.
      for (const one of ended) await this.#weigh(one);
    }
  }

  async #weigh({ number, result, newest: known }: Ended): Promise<void> {
    const { error } = result;
    // Answered, or refused by the gate or the API in so many words.
    if (error === undefined || ITS_OWN.includes(error.code)) return;
    // Where nobody listens, somebody was there to say so.
    if (error.facts["refused"] === true) return;
    if (!DOUBTFUL.includes(error.code)) return await this.#leaveOut(number);
    const { clock, newestBlock } = this.#options;
    const callOff = clock.at(clock.now() + DOUBT_MS, () => {
      const newest = newestBlock();
      // By blocks alone: our own clock needn't be the chain's.
      const isOurs = newest === null || known === null || newest <= known;
      const written = isOurs ? this.#leaveOut(number) : Promise.resolve();
      // In doubt until it is written down, or known as what couldn't be.
      void written.then(() => this.#doubts.delete(number));
    });
    this.#doubts.set(number, callOff);
  }

  /** What can't be found out any more is held against nobody. */
  async #letGo(): Promise<void> {
    const doubts = [...this.#doubts];
    this.#doubts.clear();
    for (const [number, callOff] of doubts) {
      callOff();
      await this.#leaveOut(number);
    }
  }

  /** What can't be written is told, and kept in mind: whoever judges tries again to write it. */
  async #leaveOut(number: number): Promise<void> {
    const { log, clock, onTrouble } = this.#options;
    try {
      await log.note({ what: "void", number, at: clock.now() });
    } catch (thrown) {
      this.#unwritten.add(number);
      onTrouble(thrown);
    }
  }
}

/** The later of two blocks' times; null where neither is known. */
function latest(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}

function accessOver(): ParleyError<"AccessOver"> {
  return new ParleyError("AccessOver", "the time that was bought is over", {
    hint: "negotiate another deal for more of it",
  });
}

function badPath(): ParleyError<"BadPath"> {
  return new ParleyError("BadPath", "the path leads out of what the deal is about", {
    hint: "call a path below the deal's own: it begins with a slash, and has no `..` in it",
  });
}
