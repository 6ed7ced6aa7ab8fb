import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Session } from "../dealing/session.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Finding, Intake, Order } from "../ports/connector.ts";
import { type Access, accessIn, accessProof } from "../settlement/metering/access.ts";
import { type CallEntry, CallLog } from "../settlement/metering/call-log.ts";
import { underWayIn } from "../settlement/metering/readings.ts";
import { judgeService } from "../settlement/metering/sla.ts";
import { canonicalJson, hashJson, type JsonObject, parseCanonicalJson } from "../terms/canonical-json.ts";
import { evidenceOf } from "../terms/delivery-proof.ts";
import type { MeterReading } from "../terms/meter-reading.ts";
import { AccessLine } from "./access-line.ts";
import { type BoughtCalls, notMeasured, readingsFile } from "./bought-calls.ts";
import { ServiceEnd, type TimeContext } from "./service-end.ts";
import { measuredOf, type ReadingContext, signedReadings } from "./signed-readings.ts";
import { writeWhole } from "./whole-file.ts";

/** Seconds after the end that calls under way have to come to theirs; then they count as they are. */
const PATIENCE_S = 60;

export interface BoughtAccessContext extends TimeContext, ReadingContext {
  /** What shows a delivery, as the seller recorded it on the chain; null before it. */
  readonly recorded: (dealHash: Bytes32) => Bytes32 | null;
  readonly onTrouble: (error: ParleyError) => void;
}

/**
 * One deal about access, as its buyer sees it: applications call while it runs, and at its end what was measured of these calls is held
 * against the terms' levels. What is found is decided by the log of calls alone, so any later process finds the same.
 */
export class BoughtAccess implements Intake {
  readonly #session: Session;
  readonly #calls: BoughtCalls;
  readonly #folder: string;
  readonly #context: BoughtAccessContext;
  #line: AccessLine | null = null;

  constructor(session: Session, calls: BoughtCalls, folder: string, context: BoughtAccessContext) {
    [this.#session, this.#calls, this.#folder, this.#context] = [session, calls, folder, context];
  }

  async inspect(order: Order): Promise<Finding | null> {
    const [access, proof] = [accessIn(order.terms), accessProof(order)];
    const recorded = this.#context.recorded(order.dealHash);
    const position = this.#context.history.position(order.deal, order.transcript, 0);
    if (access === null || proof === null || recorded === null || position?.status !== "Delivered") return null;
    const agreed = evidenceOf(proof);
    if (recorded !== agreed) {
      const note = `${recorded} was recorded, which is not the access that the terms are about (${agreed})`;
      return { good: false, share: 0, evidence: recorded, note };
    }
    const end = position.since + access.seconds;
    if (position.now <= end) {
      await this.#serve(order, access);
      return null;
    }
    this.#line?.stop();
    if (this.#line?.isBusy === true && position.now <= end + PATIENCE_S) return null;
    return await this.#judge(order, access, recorded);
  }

  /** The readings as they were signed first: a finding names them by their hash. */
  async report(order: Order): Promise<JsonObject | null> {
    try {
      return parseCanonicalJson(await readFile(this.#pathOf(order), "utf8")) as JsonObject;
    } catch {
      // Lost, or not there yet: it can't keep a dispute from being opened in time.
      return null;
    }
  }

  async #serve(order: Order, access: Access): Promise<void> {
    if (this.#line !== null) return;
    const { clock, history } = this.#context;
    this.#line = new AccessLine({
      ...(await this.#recall(order)),
      ...{ calls: access.calls, client: this.#calls.clientFor(access.url, order, access.bytes), clock },
      ...{ end: new ServiceEnd(order, access.seconds, this.#context), newestBlock: () => history.time(0) },
      keep: async () => void (await this.#keepAtEnd(order)),
      onTrouble: (thrown) => this.#tell(thrown),
    });
    this.#calls.add(order, this.#line);
  }

  /** `recorded` is what there is to name where the readings can't be shown. */
  async #judge(order: Order, access: Access, recorded: Bytes32): Promise<Finding> {
    // Where nobody waits for a call any more, what its log has no end of was cut off by us too.
    const { entries } = await this.#recall(order, this.#line?.isBusy !== true);
    // One look for all: calls that are under way may end meanwhile, and share and document have to say the same.
    const measured = this.#measured(order, entries);
    if (entries.length > 0 && measured.length === 0) throw undecided(order);
    const judgement = judgeService(access.levels, measured);
    const report = await this.#keepAtEnd(order, measured);
    if (judgement.share === 10_000 && judgement.breaches.length === 0) return { good: true };
    const evidence = report === null ? recorded : hashJson(report);
    return { good: false, share: judgement.share, evidence, note: judgement.says };
  }

  /** What the entries come to, without what counts against nobody, whether that could be written down or not. */
  #measured(order: Order, entries: readonly CallEntry[]): readonly MeterReading[] {
    return measuredOf(this.#session, order, entries, this.#line?.leftOut);
  }

  /** The log; where it is an earlier process's, what that had under way was cut off by us, and says nothing about the seller. */
  async #recall(order: Order, isEarlier = true): Promise<Awaited<ReturnType<typeof CallLog.open>>> {
    const { log, entries } = await CallLog.open(this.#context.journal, order);
    if (!isEarlier) return { log, entries };
    const at = this.#context.clock.now();
    const out = new Set([...underWayIn(entries), ...(this.#line?.leftOut ?? [])]);
    for (const { what, number } of entries) if (what === "void") out.delete(number);
    const cut = [...out].map((number): CallEntry => ({ what: "void", number, at }));
    // What can't be written is out for this process all the same: the time to dispute is over soon.
    await Promise.all(cut.map((entry) => log.note(entry))).catch((thrown: unknown) => {
      this.#context.onTrouble(notMeasured(order, thrown));
    });
    return { log, entries: [...entries, ...cut] };
  }

  /** Signed once: a second signature would make another document, of another hash. */
  async #keep(order: Order, measured: readonly MeterReading[] | null): Promise<JsonObject> {
    const known = await this.report(order);
    if (known !== null) return known;
    const found = measured ?? this.#measured(order, (await CallLog.open(this.#context.journal, order)).entries);
    const signed = await signedReadings(this.#session, found, this.#context);
    await writeWhole(this.#folder, readingsFile(order), canonicalJson(signed));
    return signed;
  }

  /**
   * Null where they can't be written, or be signed any more: keys are revoked. It is told; the time to dispute is over soon, and the deal
   * ends, all the same.
   */
  async #keepAtEnd(order: Order, measured: readonly MeterReading[] | null = null): Promise<JsonObject | null> {
    try {
      return await this.#keep(order, measured);
    } catch (thrown) {
      this.#context.onTrouble(notMeasured(order, thrown));
      return null;
    }
  }

  #pathOf(order: Order): string {
    return join(this.#folder, readingsFile(order));
  }

  #tell(thrown: unknown): void {
    if (!(thrown instanceof ParleyError)) throw thrown;
    this.#context.onTrouble(thrown);
  }
}

/** As for a file that can't be fetched: to pay would count it against us, and to dispute it against the seller. */
function undecided({ dealHash }: Order): ParleyError<"DeliveryUndecided"> {
  return new ParleyError("DeliveryUndecided", `no call on account of ${dealHash} came to anything that can be judged`, {
    hint: "whose network it was can't be told from here; dispute it before the review ends if it was the seller's: after that the seller can claim the price",
    retryable: true,
    facts: { dealHash },
  });
}
