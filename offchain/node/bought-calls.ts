import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DealName } from "../adapters/connector/http/deal-path.ts";
import type { Introduce } from "../adapters/connector/http/outward.ts";
import type { HttpListening } from "../adapters/connector/http/server.ts";
import { type CallAnswer, type CallRequest, MeterClient } from "../adapters/connector/meter/client.ts";
import { DEAL_HEADER, openDoor } from "../adapters/connector/meter/door.ts";
import type { Session } from "../dealing/session.ts";
import { signReading } from "../identity/reading.ts";
import type { SigningKeys } from "../identity/signing-keys.ts";
import type { Clock } from "../kernel/clock.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Order } from "../ports/connector.ts";
import type { Journal } from "../ports/journal.ts";
import { BuyerMeter } from "../settlement/metering/buyer-meter.ts";
import { CallLog } from "../settlement/metering/call-log.ts";
import type { Rate } from "../settlement/metering/rate.ts";
import { readingsFrom } from "../settlement/metering/readings.ts";
import { canonicalJson } from "../terms/canonical-json.ts";
import { proofToJson } from "../terms/delivery-proof.ts";
import { readStandardTerms } from "../terms/standard-terms.ts";
import type { IntakeConfig } from "./connectors-config.ts";
import { receiptedIn } from "./receipts.ts";

/** Milliseconds of silence after which a call's answer counts as lost. */
const IDLE_MS = 130_000;

/** Calls under way at a time, each of which holds its body or its answer in memory. */
const MOST_CALLS = 64;

/** Seconds of a reading. */
const READING_S = 3_600;

interface Line {
  readonly session: Session;
  readonly name: DealName;
  readonly meter: BuyerMeter;
  readonly client: MeterClient;
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
    const { journal, clock, introduce, onTrouble } = this.#context;
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
    const { allow, mostCallBytes: mostBytes } = this.#config;
    const client = new MeterClient({
      ...{ url: delivery.url, name, allow, introduce, clock, mostBytes, idleMs: IDLE_MS },
    });
    this.#lines.set(dealHash, { session, name, meter, client });
  }

  /** The deal is over: what is signed now would be worth nothing. What was measured is written down. */
  async end({ dealHash }: Pick<Order, "dealHash">): Promise<void> {
    const line = this.#lines.get(dealHash);
    this.#lines.delete(dealHash);
    line?.meter.stop();
    if (line !== undefined) await this.#keepReadings(line);
  }

  /** Makes no more calls. What is to be paid is paid after the next start. */
  async close(): Promise<void> {
    for (const { meter } of this.#lines.values()) meter.stop();
    await this.#door?.close();
    for (const line of this.#lines.values()) await this.#keepReadings(line);
    this.#lines.clear();
  }

  /** Writes them down if that can be done. The deal has ended all the same, and how it did has to be told. */
  async #keepReadings(line: Line): Promise<void> {
    try {
      await this.#writeReadings(line);
    } catch (thrown) {
      this.#context.onTrouble(notMeasured(line.name, thrown));
    }
  }

  /** Signed readings of all that was called so far, by the hour: evidence, for whoever needs it. */
  async #writeReadings({ session, name: { dealHash, transcript } }: Line): Promise<void> {
    const { journal, keys } = this.#context;
    const { self, certificate } = session.state.brief;
    const { entries } = await CallLog.open(journal, { dealHash, transcript });
    const measured = readingsFrom(entries, { deal: dealHash, transcript, reader: self }, READING_S);
    const signer = keys.signer(certificate.key);
    const readings = await Promise.all(measured.map((reading) => signReading(signer, certificate, reading)));
    const text = canonicalJson(proofToJson({ kind: "readings", readings }));
    await writeFile(join(this.#config.folder, `${dealHash}.readings.json`), text, { mode: 0o600 });
  }

  async #call(deal: string | null, request: CallRequest): Promise<CallAnswer> {
    const line = deal === null ? [...this.#lines.values()].at(-1) : this.#lines.get(deal as Bytes32);
    if (line === undefined) throw nothingBought(deal);
    return await line.meter.call((number) => line.client.send(number, request));
  }
}

function notMeasured({ dealHash }: DealName, cause: unknown): ParleyError<"ReadingsUnwritten"> {
  return new ParleyError("ReadingsUnwritten", `the readings of ${dealHash} can't be written: ${messageOf(cause)}`, {
    hint: "see whether `intake.folder` is there and writable; the calls themselves stand in the journal",
    facts: { dealHash },
    cause,
  });
}

function nothingBought(deal: string | null): ParleyError<"NothingBought"> {
  const what = deal === null ? "no deal" : "no deal of that hash";
  return new ParleyError("NothingBought", `${what} pays for calls at present`, {
    hint: `wait for the deal to be committed, or name another one in ${DEAL_HEADER}`,
    retryable: true,
  });
}
