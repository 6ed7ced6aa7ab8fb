import type { DisputeRecords } from "../adapters/chain/dispute-records.ts";
import type { Litigant } from "../adapters/chain/litigant.ts";
import type { Session } from "../dealing/session.ts";
import { utf8 } from "../kernel/bytes.ts";
import { type Clock, pause } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { ZERO_ADDRESS } from "../kernel/ids.ts";
import type { Archive, Chain } from "../ports/chain.ts";
import type { Finding, Intake, Order } from "../ports/connector.ts";
import type { Crypto } from "../ports/crypto.ts";
import type { Journal } from "../ports/journal.ts";
import { checkBundle } from "../settlement/disputes/bundle-check.ts";
import type { History } from "../settlement/history.ts";
import type { Statement } from "../settlement/saga/office.ts";
import type { Policy } from "../settlement/saga/plan.ts";
import { hashJson, type JsonObject } from "../terms/canonical-json.ts";
import type { Role } from "../terms/proposal.ts";
import { bundleToJson } from "../transcript/evidence/bundle.ts";
import { iso } from "../transcript/evidence/examine.ts";
import { ALL, type DisputesConfig } from "./disputes-config.ts";
import { bundleIn, readAccount } from "./evidence.ts";
import { EvidenceShelf, isFiled, type Shelved } from "./evidence-shelf.ts";

/** Between two tries to file what lies ready. */
const TRY_AGAIN_MS = 5_000;

/** What an agent's disputes are run with. */
export interface DisputesOffice {
  readonly chain: Chain & Archive;
  readonly litigant: Pick<Litigant, "submitEvidence">;
  readonly records: Pick<DisputeRecords, "find">;
  readonly crypto: Crypto;
  readonly clock: Clock;
  /** The negotiations'. */
  readonly journal: Pick<Journal, "read">;
  readonly history: History;
  readonly onTrouble: (error: ParleyError, retried: boolean, session: Session) => void;
}

/** One deal of ours that may come to a dispute. */
export interface Concern {
  readonly session: Session;
  readonly order: Order;
  /** Who has looked at what was delivered, or holds what shows it; null where nobody does. */
  readonly intake: Intake | null;
}

/** What one side states, and whether its own readings show that the levels were not kept. */
export interface Defence extends Statement {
  readonly showsBreach?: boolean;
}

/**
 * What an agent brings to disputes by itself, or has people bring. The bundle of what was said lies on the shelf before a statement names
 * its hash; where it lies is filed once the chain has the statement. So whatever process sends what was signed before, its file is there.
 */
export class OwnDisputes {
  readonly #config: DisputesConfig;
  readonly #office: DisputesOffice;
  readonly #shelf: EvidenceShelf | null;
  /** Deals of which something is being filed. */
  readonly #filing = new Map<Bytes32, Promise<void>>();

  constructor(config: DisputesConfig, office: DisputesOffice) {
    this.#config = config;
    this.#office = office;
    this.#shelf = config.evidence === null ? null : new EvidenceShelf(config.evidence);
  }

  get policy(): Pick<Policy, "opensDisputes" | "defendedShare"> {
    return { opensDisputes: this.#config.open === "auto", defendedShare: this.#config.asks };
  }

  /** Whether what is brought lies somewhere for others. */
  get keepsEvidence(): boolean {
    return this.#shelf !== null;
  }

  /** Whether a delivery that is not as agreed comes to a dispute without people. */
  opens({ deal }: Pick<Order, "deal">): boolean {
    return this.#config.open === "auto" && deal.arbitrator !== ZERO_ADDRESS;
  }

  /** The same, but what falls short by too little to be worth a dispute is as good as agreed. */
  overlooking(intake: Intake): Intake {
    const { least } = this.#config;
    const inspect = async (order: Order): Promise<Finding | null> => {
      const finding = await intake.inspect(order);
      return finding?.good === false && ALL - finding.share < least ? { good: true } : finding;
    };
    return { inspect, report: async (order) => (await intake.report?.(order)) ?? null };
  }

  /** What to state on the chain in place of the usual; the file that it names lies on the shelf by then. */
  async state(concern: Concern, usual: Defence): Promise<Statement> {
    const share = await this.#inViewOfClaim(concern, this.#shareOf(concern.session, usual), usual.showsBreach ?? false);
    const brought = await this.#bring(concern, usual.evidence);
    return { share, evidence: brought?.hash ?? usual.evidence };
  }

  /** Files where the evidence of our statement lies, unless somebody has: tried until it is done, or the dispute is over. */
  async file(concern: Concern, signal: AbortSignal): Promise<void> {
    const { dealHash } = concern.order;
    // Two that look at a time would both find that nothing is filed yet.
    const filing = (this.#filing.get(dealHash) ?? Promise.resolve()).then(() => this.#fileUntilDone(concern, signal));
    this.#filing.set(dealHash, filing);
    await filing;
    if (this.#filing.get(dealHash) === filing) this.#filing.delete(dealHash);
  }

  async #fileUntilDone({ session, order }: Concern, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        return await this.#file(order, session.state.brief.role);
      } catch (thrown) {
        if (signal.aborted) return;
        const known = thrown instanceof ParleyError ? thrown : new ParleyError("Unexpected", String(thrown));
        // Whoever states the same share ends the dispute, perhaps since we looked: whether it did is looked at again.
        const isOver = known.code === "StatusMismatch";
        if (!isOver) this.#office.onTrouble(known, known.retryable, session);
        if (!isOver && !known.retryable) return;
        await pause(this.#office.clock, TRY_AGAIN_MS);
      }
    }
  }

  /** Tells people that it is for them to dispute a delivery: how, and until when. Never rejects. */
  async tell(concern: Concern, finding: Finding & { readonly good: false }): Promise<void> {
    const { session, order } = concern;
    const { onTrouble } = this.#office;
    const share = this.#shareOf(session, finding);
    const isOpen = order.deal.arbitrator !== ZERO_ADDRESS;
    // People can export the evidence themselves: better that they know.
    const brought = isOpen ? await this.#bring(concern, finding.evidence).catch(() => null) : null;
    // Nothing is lost by it yet.
    onTrouble(notAsAgreed(finding.note, this.#adviceFor(order, share, brought)), true, session);
  }

  #shareOf({ state }: Session, { share }: Statement): number {
    return state.brief.role === "buyer" ? (this.#config.share ?? share) : share;
  }

  /**
   * What the buyer says that the seller is due it gets in any case: who answers with less is paid less. And where both have measured a
   * breach, each at its own end, an arbitrator needn't say which of two figures close to each other it is.
   */
  async #inViewOfClaim({ session, order }: Concern, share: number, showsBreach: boolean): Promise<number> {
    if (session.state.brief.role === "buyer") return share;
    const { claim } = await this.#office.records.find(order.dealHash);
    if (claim === null) return share;
    const isClose = showsBreach && share - claim.share <= this.#config.concedes;
    return isClose ? claim.share : Math.max(share, claim.share);
  }

  /** Null where there is no shelf, or nothing to put there that would hold. */
  async #bring({ session, order, intake }: Concern, evidence: Bytes32): Promise<Shelved | null> {
    const { crypto, chain, onTrouble } = this.#office;
    if (this.#shelf === null) return null;
    try {
      const report = (await intake?.report?.(order)) ?? null;
      const text = await this.#bundle(session, report !== null && hashJson(report) === evidence ? [report] : []);
      const wanted = { ...order, deployment: chain.deployment };
      // As strictly as the panel will: what doesn't hold would be held against us.
      await checkBundle(crypto, wanted, utf8.encode(text), (bundle) => readAccount(chain, crypto, bundle));
      return await this.#shelf.put(text);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError) || thrown.retryable) throw thrown;
      // The time to state anything runs: what was found stands, and more can be filed as long as the dispute lasts.
      onTrouble(thrown, false, session);
      return null;
    }
  }

  async #bundle({ state }: Session, attachments: readonly JsonObject[]): Promise<string> {
    const { journal, chain } = this.#office;
    const bundle = await bundleIn(journal, chain.deployment, state.half, { proposal: true, terms: true });
    return `${JSON.stringify(bundleToJson({ ...bundle, attachments }), null, 2)}\n`;
  }

  async #file({ deal, dealHash, transcript }: Order, role: Role): Promise<void> {
    const { records, litigant } = this.#office;
    if (this.#shelf === null) return;
    const { status, claim, answer, submissions } = await records.find(dealHash);
    const said = role === "buyer" ? claim : answer;
    if (status !== "Disputed" || said === null || !(await this.#shelf.has(said.evidence))) return;
    const uri = this.#shelf.addressOf(said.evidence);
    if (uri === null || submissions.some((one) => one.side === role && isFiled(one.uri, said.evidence))) return;
    await litigant.submitEvidence(deal, transcript, uri);
  }

  #adviceFor(order: Order, share: number, brought: Shelved | null): string {
    const silence = "unless it is disputed or accepted, the seller can claim the price once the review period is over";
    if (order.deal.arbitrator === ZERO_ADDRESS) return `${silence}; the deal names no arbitrator, so agree on a split`;
    const bundle = brought === null ? "" : ` --bundle ${quoted(brought.path)}`;
    const uri = brought?.uri == null ? "" : ` --uri ${quoted(brought.uri)}`;
    const command = `parley dispute open --config FILE --deal ${order.dealHash} --share ${share}${bundle}${uri}`;
    return `${this.#untilWhen(order)}: ${command}; ${silence}`;
  }

  #untilWhen({ deal, transcript }: Order): string {
    const position = this.#office.history.position(deal, transcript, 0);
    if (position?.status !== "Delivered") return "within the review period";
    return `until ${iso(position.since + deal.reviewPeriod)} by the chain's clock`;
  }
}

/** As shells take it for one word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function notAsAgreed(note: string, hint: string): ParleyError<"NotAsAgreed"> {
  return new ParleyError("NotAsAgreed", `what was delivered is not as agreed: ${note}`, { hint });
}
