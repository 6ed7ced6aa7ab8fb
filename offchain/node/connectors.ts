import { mkdir } from "node:fs/promises";
import { ArtifactIntake } from "../adapters/connector/artifact/artifact-intake.ts";
import { ArtifactServer } from "../adapters/connector/artifact/artifact-server.ts";
import { ArtifactSupply } from "../adapters/connector/artifact/artifact-supply.ts";
import { openGate } from "../adapters/connector/meter/gate.ts";
import { upstreamOf } from "../adapters/connector/meter/upstream.ts";
import type { Session } from "../dealing/session.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { Intake, Order, Supply } from "../ports/connector.ts";
import type { History } from "../settlement/history.ts";
import { accessIn, objectionToAccess } from "../settlement/metering/access.ts";
import { type Rate, rateOf } from "../settlement/metering/rate.ts";
import { SellerMeter } from "../settlement/metering/seller-meter.ts";
import type { JsonObject } from "../terms/canonical-json.ts";
import { type DeliveryTerms, digestIn, USUAL_ANSWER_BYTES } from "../terms/delivery-terms.ts";
import type { DealTemplate, Role } from "../terms/proposal.ts";
import { readStandardTerms } from "../terms/standard-terms.ts";
import { type AdmissionContext, loadTls } from "./admission.ts";
import { admitAgents } from "./agent-admission.ts";
import { BoughtAccess, type BoughtAccessContext } from "./bought-access.ts";
import { BoughtCalls, type CallingContext } from "./bought-calls.ts";
import type { DeliverConfig, IntakeConfig } from "./connectors-config.ts";
import type { Defence } from "./own-disputes.ts";
import { receiptedIn } from "./receipts.ts";
import { endsAfterDelivery } from "./service-end.ts";
import { SoldAccess } from "./sold-access.ts";

/** Between two blocks of a chain that is reached. */
const RECENT_S = 300;

/** Milliseconds that an API may be silent before a call of it has failed. */
const UPSTREAM_IDLE_MS = 120_000;

export interface ConnectorsContext extends AdmissionContext, CallingContext, BoughtAccessContext {
  readonly history: History;
}

/** Hands over what is sold, and takes in what is bought, as the configuration says. */
export class Connectors {
  readonly #context: ConnectorsContext;
  readonly #deliver: DeliverConfig | null;
  readonly #intake: ArtifactIntake | null;
  /** Where the buyer's things are put; null where it takes in none. */
  readonly #folder: string | null;
  readonly #mostCallBytes: number;
  #artifact: { readonly server: ArtifactServer; readonly supply: ArtifactSupply } | null = null;
  /** Digest of the artifact that is sold. */
  #sold: string | null = null;
  #meter: SellerMeter | null = null;
  #access: SoldAccess | null = null;
  #bought: BoughtCalls | null = null;
  #serves: string | null = null;
  readonly #closing: (() => Promise<void>)[] = [];

  private constructor(deliver: DeliverConfig | null, intake: IntakeConfig | null, context: ConnectorsContext) {
    this.#deliver = deliver;
    this.#context = context;
    this.#folder = intake?.folder ?? null;
    this.#mostCallBytes = intake?.mostCallBytes ?? 0;
    this.#intake =
      intake === null
        ? null
        : new ArtifactIntake({
            ...{ ...intake, ...context, isOnline: () => isOnline(context) },
            reviewEndsAt: (order) => endsAfterDelivery(order, order.deal.reviewPeriod, context),
          });
  }

  static async open(
    deliver: DeliverConfig | null,
    intake: IntakeConfig | null,
    context: ConnectorsContext,
  ): Promise<Connectors> {
    const connectors = new Connectors(deliver, intake, context);
    try {
      await connectors.#open(intake);
    } catch (thrown) {
      await connectors.close();
      throw thrown;
    }
    return connectors;
  }

  /** The address by which buyers know what is served here; null where nothing is. */
  get serves(): string | null {
    return this.#serves;
  }

  /** Where calls that were bought are made; null where none are. */
  get calls(): string | null {
    return this.#bought?.url ?? null;
  }

  /** The seller's systems, for any deal. */
  get supply(): Supply {
    const deliver = this.#deliver;
    if (this.#artifact !== null) return this.#artifact.supply;
    if (this.#access !== null) return this.#access;
    const digest = deliver?.kind === "digest" ? deliver.digest : null;
    return { reserve: async () => null, deliver: async () => digest, release: async () => undefined };
  }

  /** Whoever looks at what a deal's terms name, and holds what shows it; null where it comes some other way. */
  intakeFor(session: Session): Intake | null {
    const { brief, proposal } = session.state;
    const { terms } = proposal;
    if (accessIn(terms) === null) return this.#intake?.takes({ terms }) ? this.#intake : null;
    if (brief.role === "seller") return this.#access?.witness ?? null;
    if (this.#bought === null || this.#folder === null) return null;
    return new BoughtAccess(session, this.#bought, this.#folder, this.#context);
  }

  /** What a seller's own systems say where its delivery is disputed, and it would ask for so much; null where they say nothing. */
  async defence(session: Session, order: Order, asks: number): Promise<Defence | null> {
    return (await this.#access?.defence(session, order, asks)) ?? null;
  }

  /** Why this agent can't keep a deal of such terms; null where it can. */
  objection(deal: DealTemplate, terms: JsonObject, role: Role): string | null {
    const standard = readStandardTerms(terms);
    const delivery = standard?.delivery ?? null;
    const isMetered = deal.reviewPeriod === 0;
    if (isMetered !== (delivery?.by === "meter"))
      return "deals with no review are metered ones, and the other way round";
    const unfit = standard === null ? null : objectionToAccess(deal, standard);
    if (unfit !== null) return unfit;
    if (role === "buyer") return this.#objectionOfBuyer(delivery);
    if (delivery !== null && delivery.url !== null && this.#serves !== null && delivery.url !== this.#serves) {
      return `what is sold here is served at ${this.#serves}`;
    }
    const config = this.#deliver;
    if (config?.kind === "artifact") {
      return digestIn(terms) === this.#sold ? null : "the terms' digest is not that of what is sold here";
    }
    if (config?.kind === "access") return objectionToSell(delivery, config);
    if (delivery?.by === "access") return "access for a time is not sold here";
    if (config?.kind !== "meter") return isMetered ? "metered deals are not made here" : null;
    if (delivery?.by !== "meter") return "calls are sold here, by the meter";
    const { unitPrice, everyCalls, everySeconds } = delivery;
    if (unitPrice < config.leastUnitPrice) return `a call costs at least ${config.leastUnitPrice} here`;
    if (unitPrice * BigInt(everyCalls) > config.mostCredit)
      return `at most ${config.mostCredit} is served on credit here`;
    return everySeconds > config.mostSeconds ? `receipts are wanted every ${config.mostSeconds} s here` : null;
  }

  /**
   * The deal is on the chain: what was sold is served, what was bought can be called. `isDelivered` is what the settlement's journal
   * knows of an earlier process of ours that handed it over; whether the transcript or the chain knows of it is looked up here.
   */
  async begin(session: Session, order: Order, isDelivered = false): Promise<void> {
    const { deal, terms } = order;
    const rate = rateOf(deal, terms);
    const isSeller = session.state.brief.role === "seller";
    if (rate !== null) return await this.#beginCalls(session, order, rate, isSeller);
    if (isSeller && accessIn(terms) !== null) {
      const status = this.#context.history.position(deal, order.transcript, 0)?.status;
      const isReady = status === "Committed" && (isDelivered || hasDelivered(session));
      // Not once it is disputed: the chain shows no more then until when it was to be served.
      if (isReady || status === "Delivered") await this.#access?.resume(order);
      return;
    }
    // What is sold by now may be another file than this deal's: that one is neither its buyer's, nor what the terms name.
    const isSold = terms === null || digestIn(terms) === this.#sold;
    if (isSeller && isSold && (isDelivered || hasDelivered(session) || this.#isRecorded(order))) {
      await this.#artifact?.supply.resume(order);
    }
  }

  /** The deal is over. */
  async end(order: Order): Promise<void> {
    this.#meter?.end(order);
    await this.#bought?.end(order);
  }

  /** Closes everything, whatever one of them says; that is told. */
  async close(): Promise<void> {
    for (const close of this.#closing.splice(0).reverse()) {
      await close().catch((thrown: unknown) => this.#context.onTrouble(notClosed(thrown)));
    }
  }

  /** Whether the delivery stands on the chain: then the buyer may fetch it, for its review or for a dispute. */
  #isRecorded({ deal, transcript }: Order): boolean {
    const status = this.#context.history.position(deal, transcript, 0)?.status;
    return status === "Delivered" || status === "Disputed";
  }

  #objectionOfBuyer(delivery: DeliveryTerms | null): string | null {
    if (delivery?.by === "meter") return this.#bought === null ? "metered deals are not made here" : null;
    if (delivery?.by === "access") {
      const bytes = delivery.bytes ?? USUAL_ANSWER_BYTES;
      if (this.#bought === null) return "calls are not made here";
      const most = this.#mostCallBytes;
      return bytes > most ? `answers of at most ${most} bytes are taken here, and the terms allow ${bytes}` : null;
    }
    return delivery?.by === "artifact" && delivery.url !== null && this.#intake === null
      ? "nothing is fetched here"
      : null;
  }

  async #open(intake: IntakeConfig | null): Promise<void> {
    const { onTrouble } = this.#context;
    if (intake !== null) {
      await mkdir(intake.folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
        throw new ParleyError("BadConfig", `\`intake.folder\` can't be made: ${messageOf(cause)}`, {
          hint: "name a folder that the agent's user can write to",
        });
      });
      if (intake.calls !== null) {
        this.#bought = await BoughtCalls.open(intake, this.#context);
        this.#closing.push(() => this.#bought?.close() ?? Promise.resolve());
      }
    }
    const deliver = this.#deliver;
    if (deliver === null || deliver.kind === "digest") return;
    const tls = deliver.tls === null ? null : await loadTls(deliver.tls);
    const admission = admitAgents(this.#context, () => this.#serves ?? "");
    const { perHost } = deliver;
    const common = { authenticator: admission, tls: tls as { key?: string; cert?: string } | null, perHost, onTrouble };
    if (deliver.kind === "artifact") {
      const server = await ArtifactServer.listen(deliver.listen, common);
      this.#closing.push(() => server.close());
      const supply = new ArtifactSupply(deliver.file, server);
      this.#sold = await supply.digest();
      this.#artifact = { server, supply };
      this.#serves = deliver.url ?? server.url;
    } else {
      const meter = new SellerMeter(this.#context.journal, this.#context.clock);
      const handler = upstreamOf({ url: new URL(deliver.upstream), idleMs: UPSTREAM_IDLE_MS });
      const gate = await openGate(deliver.listen, { ...common, meter, handler });
      this.#closing.push(() => gate.close());
      this.#meter = meter;
      if (deliver.kind === "access") this.#access = new SoldAccess(meter, this.#context);
      this.#serves = deliver.url ?? gate.url;
    }
  }

  async #beginCalls(session: Session, order: Order, rate: Rate, isSeller: boolean): Promise<void> {
    const { history, clock } = this.#context;
    const { deal, dealHash, transcript } = order;
    const position = history.position(deal, transcript, 0);
    if (position?.status !== "Committed") return;
    const until = clock.now() + (position.since + deal.deliverWithin - position.now) * 1_000;
    if (!isSeller) return await this.#bought?.begin(session, order, rate, until);
    const receipted = () => receiptedIn(session);
    await this.#meter?.serve({ dealHash, transcript, buyer: deal.buyer, rate, until, receipted });
  }
}

function objectionToSell(
  delivery: DeliveryTerms | null,
  { mostCalls, mostSeconds, answerBytes }: DeliverConfig & { readonly kind: "access" },
): string | null {
  if (delivery?.by !== "access") return "access for a time is sold here";
  const bytes = delivery.bytes ?? USUAL_ANSWER_BYTES;
  if (bytes < answerBytes) return `answers have up to ${answerBytes} bytes here, and the terms allow ${bytes}`;
  if (delivery.calls > mostCalls) return `at most ${mostCalls} calls are sold at a time here`;
  return delivery.seconds > mostSeconds ? `access is sold for at most ${mostSeconds} s here` : null;
}

function notClosed(thrown: unknown): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  return new ParleyError("NotClosed", `a connector could not be closed: ${messageOf(thrown)}`, {
    hint: "end the process; what is to be paid is paid after the next start",
    cause: thrown,
  });
}

/** New blocks come from far away, whoever tells us of them: where there is a recent one, our network is up. */
function isOnline({ history, clock }: ConnectorsContext): boolean {
  const newest = history.time(0);
  return newest !== null && Math.abs(clock.now() / 1_000 - newest) < RECENT_S;
}

/** Whether we have said that it was handed over. */
function hasDelivered({ state }: Session): boolean {
  return state.phase === "agreed" && state.fulfilment.evidence !== null;
}
