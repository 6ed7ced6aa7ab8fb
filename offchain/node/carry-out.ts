import type { Session } from "../dealing/session.ts";
import type { Agreed, SpokenBody } from "../dealing/state.ts";
import { pause } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Inclusion, SessionProof, SessionProofs } from "../ports/chain.ts";
import type { Finding, Intake, Order } from "../ports/connector.ts";
import type { BoundDeal, Table } from "../settlement/lookout.ts";
import type { RunningSaga, SagaOffice, Statement } from "../settlement/saga/office.ts";
import type { InDoubt, Outcome } from "../settlement/saga/outcome.ts";
import { Saga } from "../settlement/saga/saga.ts";
import type { Act } from "../settlement/saga/tasks.ts";
import { type Deal, hashDeal } from "../terms/deal.ts";
import type { Chain } from "../transcript/chain.ts";
import type { Transcript } from "../transcript/verify.ts";
import type { Accounts } from "./accounts/accounts.ts";
import type { Connectors } from "./connectors.ts";
import type { Concern, Defence, OwnDisputes } from "./own-disputes.ts";
import type { Receipts } from "./receipts.ts";

/** The member of the terms that names what the buyer expects, by its digest. */
const DIGEST = "digest";

/** Milliseconds before it is tried again to serve, or to call, what a deal is about. */
const BEGIN_AGAIN_MS = 2_000;

/** For how long a seller's DELIVER is waited for where the chain has told of the delivery. */
const WORD_MS = 5_000;

/** What of a settlement all deals of an agent share. */
export type CommonOffice = Omit<SagaOffice, "supply" | "intake" | "receipt" | "stating" | Told>;

type Told = "onDone" | "onProduced" | "onCommitted" | "onDisputed" | "onTrouble";

/** What an agent's deals are carried out with. */
export interface Means {
  readonly connectors: Connectors;
  /** Where deals may be paid besides the chain; null where there are no running accounts. */
  readonly accounts: Accounts | null;
  readonly receipts: Receipts;
  readonly disputes: OwnDisputes;
  /** What shows a delivery, as the seller recorded it on the chain; null before it. */
  readonly recorded: (dealHash: Bytes32) => Bytes32 | null;
}

/** What is told about the settlement of one negotiation. */
export interface CarryingOut {
  readonly signal: AbortSignal;
  /** Told once that the deal is on the chain, whoever brought it there. */
  readonly onCommitted: () => void;
  readonly onAct: (act: Act, inclusion: Inclusion) => void;
  /** `retried` is how it is where nothing is said. */
  readonly onTrouble: (error: ParleyError, retried?: boolean) => void;
  /** Told where it is given up before it is known how the deal ends. */
  readonly onInDoubt: (doubt: InDoubt) => void;
}

/**
 * Carries a deal to its end on the chain, and keeps the transcript in step: the seller says DELIVER before it records
 * the delivery, the buyer ends with a RECEIPT for the whole price.
 */
export async function carryOut(
  session: Session,
  bound: BoundDeal,
  means: Means,
  common: CommonOffice,
  { signal, ...told }: CarryingOut,
): Promise<Outcome> {
  const { connectors, accounts, receipts, disputes } = means;
  const { brief, proposal } = session.state;
  const deal = hashDeal(bound.deal);
  const say = async (body: SpokenBody): Promise<void> => {
    try {
      await session.speak(body);
    } catch (thrown) {
      // What is said helps the other side; what is done on the chain moves the money, and must not wait for it.
      if (!(thrown instanceof ParleyError)) throw thrown;
      told.onTrouble(thrown);
    }
  };
  const looking = intakeOf(session, means);
  const concernOf = (saga: RunningSaga): Concern => ({ session, order: orderOf(saga), intake: looking });
  /** A seller that has measured what it delivered states that. */
  const defended = async (saga: RunningSaga, usual: Statement): Promise<Defence> => {
    const own = brief.role === "seller" ? await connectors.defence(session, orderOf(saga), usual.share) : null;
    // Where nobody can be shown what was measured, naming it would only be held against us.
    return own === null || disputes.keepsEvidence ? (own ?? usual) : { ...own, evidence: usual.evidence };
  };
  const file = (saga: RunningSaga) => void disputes.file(concernOf(saga), signal);
  const office: SagaOffice = {
    ...{ ...common, supply: accounts?.supplyFor(proposal.terms) ?? connectors.supply },
    intake: { inspect: (order) => lookAt({ session, order, intake: looking }, disputes) },
    stating: async (saga, usual) => disputes.state(concernOf(saga), await defended(saga, usual)),
    onDisputed: file,
    receipt: () => receipts.newest(session),
    onProduced: async (_saga, evidence) => {
      if (fulfilment(session)?.evidence === null) await say({ kind: "DELIVER", deal, evidence });
    },
    onDone: (saga, task, inclusion) => {
      if (inclusion !== null) told.onAct(task as Act, inclusion);
      if (task === "dispute" || task === "answer") file(saga);
    },
    onCommitted: (saga) => {
      told.onCommitted();
      tellAgain(saga);
      void begin(saga);
    },
    onTrouble: (_saga, error, retried) => told.onTrouble(error, retried),
  };
  /** What an earlier process found, and told: people have to hear of it until somebody has acted. */
  const tellAgain = (saga: RunningSaga): void => {
    const { finding } = saga.memory;
    const concern = concernOf(saga);
    const position = common.history.position(bound.deal, bound.transcript, 0);
    if (finding?.good !== false || position?.status !== "Delivered" || disputes.opens(concern.order)) return;
    void disputes.tell(concern, finding);
  };
  const begin = async (saga: RunningSaga): Promise<void> => {
    try {
      // What was made ready counts as delivered, though nobody may have been told before a crash.
      if (!signal.aborted) await connectors.begin(session, orderOf(saga), saga.memory.evidence !== null);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError)) throw thrown;
      told.onTrouble(thrown);
      if (!thrown.retryable) return;
      await pause(common.clock, BEGIN_AGAIN_MS);
      await begin(saga);
    }
  };
  await receipts.recall(session);
  const saga = await Saga.begin(office, { role: brief.role, ...bound, terms: proposal.terms });
  receipts.onNewer(session, () => saga.wake());
  const outcome = await saga.run(signal).catch((thrown: unknown) => {
    if (signal.aborted && saga.standing.kind === "inDoubt") told.onInDoubt(saga.standing);
    throw thrown;
  });
  await connectors.end(orderOf(saga));
  const total = bound.deal.price;
  const receipted = fulfilment(session)?.receipted;
  // A metered deal is paid by what was called of it, and not a call more.
  const isWhole = bound.deal.reviewPeriod > 0;
  if (isWhole && brief.role === "buyer" && outcome.kind === "settled" && receipted !== undefined && receipted < total) {
    await say({ kind: "RECEIPT", deal, total });
  }
  return outcome;
}

/** Who looks at what a session's seller delivers. */
export function intakeOf(session: Session, means: Means): Intake {
  const intake = means.connectors.intakeFor(session) ?? { inspect: (order) => inspect(session, means, order) };
  return means.disputes.overlooking(intake);
}

function orderOf({ stream, memory: { undertaking } }: RunningSaga): Order {
  const { deal, transcript, terms } = undertaking;
  return { id: stream, deal, dealHash: hashDeal(deal), transcript, terms };
}

/** What the intake finds. What is bad comes to a dispute by itself, or people are told. */
async function lookAt(concern: Concern, disputes: OwnDisputes): Promise<Finding | null> {
  const finding = (await concern.intake?.inspect(concern.order)) ?? null;
  if (finding?.good === false && !disputes.opens(concern.order)) await disputes.tell(concern, finding);
  return finding;
}

/**
 * Accepts what is of the digest that was agreed, by the seller's own word of it: where nothing is fetched, that is all there is to look
 * at. Where the terms name no digest only people can tell.
 */
async function inspect(session: Session, { disputes, recorded }: Means, order: Order): Promise<Finding | null> {
  const expected = session.state.proposal.terms[DIGEST];
  const evidence = fulfilment(session)?.evidence ?? (isOverdue(session) ? recorded(order.dealHash) : null);
  if (evidence === null) return null;
  if (evidence === expected) return { good: true };
  const note = `it is ${evidence}, but \`terms.${DIGEST}\` is ${typeof expected === "string" ? expected : "absent"}`;
  const finding = { good: false, share: 0, evidence, note } as const;
  if (typeof expected === "string") return finding;
  if (TOLD.get(session) !== evidence) await disputes.tell({ session, order, intake: null }, finding);
  TOLD.set(session, evidence);
  return null;
}

/**
 * Whether a seller's word has had its time, since it was first looked for. What the chain says is as good; but a transcript that holds the
 * word too shows more, and a seller whose connection is just coming back says it in a moment.
 */
function isOverdue(session: Session): boolean {
  if (fulfilment(session) === null) return true;
  const since = LOOKED_FOR.get(session) ?? performance.now();
  LOOKED_FOR.set(session, since);
  return performance.now() - since >= WORD_MS;
}

const LOOKED_FOR = new WeakMap<Session, number>();

/** What nobody but people can look at, so that it is said once. */
const TOLD = new WeakMap<Session, Bytes32>();

/** The agreement of a negotiation, with what proves it. */
export async function boundBy(session: Session, agreed: Agreed): Promise<BoundDeal> {
  const { deal, transcript } = agreed.agreement;
  return { deal, transcript, proofs: proofsOf(await session.transcript(), agreed) };
}

/** What is on the table between the two sides. */
export function tableOf({ state, isFinal }: Session): Table {
  const deals = (chain: Chain): Deal[] => {
    const offers: Deal[] = [];
    for (let link = chain; link !== null; link = link.previous) if (link.deal !== null) offers.push(link.deal);
    return offers;
  };
  return {
    template: state.phase === "opening" ? null : state.template,
    offers: [...deals(state.ours), ...deals(state.theirs)],
    open: !isFinal,
    doubted: state.doubted,
  };
}

/** The OFFER and the ACCEPT, each with the certificate of the key that signed it. */
function proofsOf(transcript: Transcript, { agreement, brief, peerCertificate }: Agreed): SessionProofs {
  const [ours, theirs] = brief.opener
    ? [transcript.opener, transcript.responder]
    : [transcript.responder, transcript.opener];
  const weAccepted = agreement.acceptedBy === "self";
  const self = ours[weAccepted ? agreement.acceptSeq : agreement.offerSeq];
  const peer = theirs[weAccepted ? agreement.offerSeq : agreement.acceptSeq];
  if (!self || !peer || !peerCertificate) {
    throw new ParleyError("TranscriptIncomplete", `the transcript of ${agreement.dealHash} lacks its agreement`);
  }
  const own: SessionProof = { message: self, certificate: brief.certificate };
  const other: SessionProof = { message: peer, certificate: peerCertificate };
  return brief.role === "buyer" ? { buyer: own, seller: other } : { buyer: other, seller: own };
}

/** Null where the negotiation doesn't know of its agreement: the chain does, and nothing can be said about it. */
function fulfilment({ state }: Session): Agreed["fulfilment"] | null {
  return state.phase === "agreed" ? state.fulfilment : null;
}
