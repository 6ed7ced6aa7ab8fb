import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DealName } from "../adapters/connector/http/deal-path.ts";
import type { Introduce } from "../adapters/connector/http/outward.ts";
import type { HttpListening } from "../adapters/connector/http/server.ts";
import { type CallAnswer, type CallRequest, MeterClient } from "../adapters/connector/meter/client.ts";
import { DEAL_HEADER, openDoor } from "../adapters/connector/meter/door.ts";
import type { Session } from "../dealing/session.ts";
import type { SigningKeys } from "../identity/signing-keys.ts";
import type { Clock } from "../kernel/clock.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Order } from "../ports/connector.ts";
import type { Journal } from "../ports/journal.ts";
import { BuyerMeter } from "../settlement/metering/buyer-meter.ts";
import { CallLog } from "../settlement/metering/call-log.ts";
import type { Rate } from "../settlement/metering/rate.ts";
import { canonicalJson } from "../terms/canonical-json.ts";
import { readStandardTerms } from "../terms/standard-terms.ts";
import type { IntakeConfig } from "./connectors-config.ts";
import { receiptedIn } from "./receipts.ts";
import { measuredBy, signedReadings } from "./signed-readings.ts";

/** Milliseconds of silence after which a call's answer counts as lost. */
const IDLE_MS = 130_000;

/**
 * Calls under way at a time, of each deal and of all: each holds its body or its answer in memory. A seller that lets its calls hang must not take
 * the places of others.
 */
const [MOST_CALLS_OF_DEAL, MOST_CALLS] = [64, 256];

/** Calls on account of one deal. */
export interface Line {
  /** Whether its calls are over, though the deal isn't: then it is not the newest that can be called. */
  readonly isOver?: boolean;
  call(request: CallRequest): Promise<CallAnswer>;
  /** Makes no more calls. */
  stop(): void;
  /** The deal is over: what is left to be written down of it is. */
  end(): Promise<void>;
  /** The agent stops, and goes on with it after the next start. */
  close(): Promise<void>;
}

/** What calls need of an agent. */
export interface CallingContext {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly keys: SigningKeys;
  readonly introduce: Introduce;
  readonly onTrouble: (error: ParleyError) => void;
}

/** Where a buyer's applications use the calls that it has bought. */
export class BoughtCalls {
  readonly #config: IntakeConfig;
  readonly #context: CallingContext;
  /** By deal, the newest last. */
  readonly #lines = new Map<Bytes32, Line>();
  /** How many calls of each have not come to their end. */
  readonly #underWay = new WeakMap<Line, number>();
  #door: HttpListening | null = null;

  private constructor(config: IntakeConfig, context: CallingContext) {
    this.#config = config;
    this.#context = context;
  }

  static async open(config: IntakeConfig, context: CallingContext): Promise<BoughtCalls> {
    const bought = new BoughtCalls(config, context);
    bought.#door = await openDoor(config.calls ?? "", {
      call: (deal, request) => bought.#call(deal, request),
      mostBytes: config.mostCallBytes,
      mostCalls: MOST_CALLS,
      onTrouble: context.onTrouble,
    });
    return bought;
  }

  get url(): string {
    return this.#door?.url ?? "";
  }

  /** Calls on account of a deal can be made from now on. */
  async begin(session: Session, { dealHash, transcript, terms }: Order, rate: Rate, until: number): Promise<void> {
    const { journal, clock, onTrouble } = this.#context;
    const delivery = terms === null ? null : readStandardTerms(terms)?.delivery;
    if (delivery?.by !== "meter" || this.#lines.has(dealHash)) return;
    const name = { dealHash, transcript };
    const meter = new BuyerMeter({
      ...(await CallLog.open(journal, name)),
      ...{ rate, clock, until },
      receipted: () => receiptedIn(session),
      sign: (total) => session.speak({ kind: "RECEIPT", deal: dealHash, total }),
      onTrouble: (thrown) => {
        if (!(thrown instanceof ParleyError)) throw thrown;
        onTrouble(thrown);
      },
    });
    const client = this.clientFor(delivery.url, name);
    const keep = () => this.#keepReadings(session, name);
    this.#lines.set(dealHash, {
      call: (request) => meter.call((number) => client.send(number, request)),
      ...{ stop: () => meter.stop(), end: keep, close: keep },
    });
  }

  /** Calls of a deal that is paid in another way can be made from now on. */
  add({ dealHash }: DealName, line: Line): void {
    this.#lines.set(dealHash, line);
  }

  /** Makes calls at a seller's gate, whose answers may be so long; as long as the configuration has it where the deal says nothing of it. */
  clientFor(url: string, name: DealName, mostBytes = this.#config.mostCallBytes): MeterClient {
    const { introduce, clock } = this.#context;
    const { allow } = this.#config;
    return new MeterClient({ ...{ url, name, allow, introduce, clock, mostBytes, idleMs: IDLE_MS } });
  }

  /** The deal is over: what is signed now would be worth nothing. What was measured is written down. */
  async end({ dealHash }: Pick<Order, "dealHash">): Promise<void> {
    const line = this.#lines.get(dealHash);
    this.#lines.delete(dealHash);
    line?.stop();
    await line?.end();
  }

  /** Makes no more calls. What is to be paid is paid after the next start. */
  async close(): Promise<void> {
    for (const line of this.#lines.values()) line.stop();
    await this.#door?.close();
    for (const line of this.#lines.values()) await line.close();
    this.#lines.clear();
  }

  /** Writes them down if that can be done. The deal has ended all the same, and how it did has to be told. */
  async #keepReadings(session: Session, name: DealName): Promise<void> {
    try {
      await this.#writeReadings(session, name);
    } catch (thrown) {
      this.#context.onTrouble(notMeasured(name, thrown));
    }
  }

  /** Signed readings of all that was called so far: evidence, for whoever needs it. */
  async #writeReadings(session: Session, name: DealName): Promise<void> {
    const measured = await measuredBy(session, name, this.#context.journal);
    const text = canonicalJson(await signedReadings(session, measured, this.#context));
    await writeFile(join(this.#config.folder, readingsFile(name)), text, { mode: 0o600 });
  }

  get #newest(): Line | undefined {
    const lines = [...this.#lines.values()];
    return lines.findLast(({ isOver = false }) => !isOver) ?? lines.at(-1);
  }

  async #call(deal: string | null, request: CallRequest): Promise<CallAnswer> {
    const line = deal === null ? this.#newest : this.#lines.get(deal as Bytes32);
    if (line === undefined) throw nothingBought(deal);
    const others = this.#underWay.get(line) ?? 0;
    if (others >= MOST_CALLS_OF_DEAL) throw tooManyCalls();
    this.#underWay.set(line, others + 1);
    try {
      return await line.call(request);
    } finally {
      this.#underWay.set(line, (this.#underWay.get(line) ?? 1) - 1);
    }
  }
}

/** Where readings of a deal lie in the intake's folder. */
export function readingsFile({ dealHash }: Pick<DealName, "dealHash">): string {
  return `${dealHash}.readings.json`;
}

export function notMeasured({ dealHash }: DealName, cause: unknown): ParleyError<"ReadingsUnwritten"> {
  return new ParleyError("ReadingsUnwritten", `the readings of ${dealHash} can't be written: ${messageOf(cause)}`, {
    hint: "see whether `intake.folder` is there and writable; the calls themselves stand in the journal",
    facts: { dealHash },
    cause,
  });
}

function tooManyCalls(): ParleyError<"TooManyCalls"> {
  return new ParleyError("TooManyCalls", `${MOST_CALLS_OF_DEAL} calls of this deal are under way`, {
    hint: `have at most ${MOST_CALLS_OF_DEAL} calls of a deal under way, and call again`,
    retryable: true,
  });
}

function nothingBought(deal: string | null): ParleyError<"NothingBought"> {
  const what = deal === null ? "no deal" : "no deal of that hash";
  return new ParleyError("NothingBought", `${what} pays for calls at present`, {
    hint: `wait for the deal to be committed, or name another one in ${DEAL_HEADER}`,
    retryable: true,
  });
}
