import type { Session } from "../dealing/session.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Intake, Order, Rejection, Supply } from "../ports/connector.ts";
import { accessIn, accessProof, prepaid } from "../settlement/metering/access.ts";
import type { SellerMeter } from "../settlement/metering/seller-meter.ts";
import { judgeService } from "../settlement/metering/sla.ts";
import { hashJson, type JsonObject } from "../terms/canonical-json.ts";
import { evidenceOf } from "../terms/delivery-proof.ts";
import type { MeterReading } from "../terms/meter-reading.ts";
import { ALL } from "./disputes-config.ts";
import type { Defence } from "./own-disputes.ts";
import { ServiceEnd, type TimeContext } from "./service-end.ts";
import { measuredBy, type ReadingContext, signedReadings } from "./signed-readings.ts";

/** Milliseconds for which calls are served after the end: the buyer's clock needn't be ours. */
const GRACE_MS = 30_000;

export interface SoldAccessContext extends TimeContext, ReadingContext {
  readonly onTrouble: (error: ParleyError) => void;
}

interface Report {
  readonly document: JsonObject;
  /** What it comes to. */
  readonly said: Defence;
}

/** Access that is sold: opening the gate to the buyer is the delivery. What the gate served is measured, for a dispute. */
export class SoldAccess implements Supply {
  readonly #meter: SellerMeter;
  readonly #context: SoldAccessContext;
  /** What was measured, signed for the disputes of this process, and its share: what is stated again is the same, and shown by it. */
  readonly #reports = new Map<Bytes32, Report>();

  constructor(meter: SellerMeter, context: SoldAccessContext) {
    this.#meter = meter;
    this.#context = context;
  }

  async reserve({ terms }: Order): Promise<Rejection | null> {
    if (accessIn(terms) !== null) return null;
    return { code: "NotForSale", note: "access for a time is sold here, and the terms are about something else" };
  }

  /** Before the delivery is on the chain: the buyer may come as soon as it is there. */
  async deliver(order: Order): Promise<Bytes32 | null> {
    const proof = accessProof(order);
    if (proof === null) return null;
    await this.resume(order);
    return evidenceOf(proof);
  }

  /** Serves a deal that was delivered: also after a restart, from where its log stands. */
  async resume(order: Order): Promise<void> {
    const access = accessIn(order.terms);
    if (access === null) return;
    const { deal, dealHash, transcript } = order;
    const end = new ServiceEnd(order, access.seconds, this.#context);
    const rate = prepaid(access.calls);
    await this.#meter.serve({
      ...{ dealHash, transcript, buyer: deal.buyer, rate, isMeasured: true },
      ...{ until: () => end.at + GRACE_MS, receipted: () => rate.price },
    });
  }

  async release(order: Order): Promise<void> {
    this.#meter.end(order);
  }

  /** What this side's own readings show, for its evidence. Nothing is looked at: that is for the buyer. */
  get witness(): Intake {
    return { inspect: async () => null, report: async ({ dealHash }) => this.#reports.get(dealHash)?.document ?? null };
  }

  /** What to state where the delivery is disputed: no more than our own readings come to; null where they tell nothing. */
  async defence(session: Session, order: Order, asks: number): Promise<Defence | null> {
    const [access, proof] = [accessIn(order.terms), accessProof(order)];
    if (access === null || proof === null) return null;
    const known = this.#reports.get(order.dealHash);
    if (known !== undefined) return { ...known.said, share: Math.min(asks, known.said.share) };
    // What is under way just now would count as failed, and who disputes could have any number of calls hang then.
    const measured = await measuredBy(session, order, this.#context.journal, new Set(this.#meter.underWay(order)));
    if (measured.length === 0) return null;
    const { share, breaches } = judgeService(access.levels, measured);
    const document = await this.#signed(session, order, measured);
    const evidence = document === null ? evidenceOf(proof) : hashJson(document);
    const said = { share, showsBreach: share < ALL || breaches.length > 0, evidence };
    if (document !== null) this.#reports.set(order.dealHash, { document, said });
    return { ...said, share: Math.min(asks, share) };
  }

  /** Null where it can't be signed any more: keys are revoked. What is asked for has to be stated anyway. */
  async #signed(session: Session, order: Order, measured: readonly MeterReading[]): Promise<JsonObject | null> {
    try {
      return await signedReadings(session, measured, this.#context);
    } catch (thrown) {
      this.#context.onTrouble(notSigned(order, thrown));
      return null;
    }
  }
}

function notSigned({ dealHash }: Order, cause: unknown): ParleyError<"ReadingsUnsigned"> {
  return new ParleyError("ReadingsUnsigned", `the readings of ${dealHash} can't be signed: ${messageOf(cause)}`, {
    hint: "the share is stated without them; the calls themselves stand in the journal",
    facts: { dealHash },
    cause,
  });
}
