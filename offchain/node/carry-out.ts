import type { Session } from "../dealing/session.ts";
import type { Agreed, SpokenBody } from "../dealing/state.ts";
import { pause } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Inclusion, SessionProof, SessionProofs } from "../ports/chain.ts";
import type { Finding, Order } from "../ports/connector.ts";
import type { BoundDeal, Table } from "../settlement/lookout.ts";
import type { InDoubt, Outcome } from "../settlement/saga/outcome.ts";
import { Saga, type SagaOffice } from "../settlement/saga/saga.ts";
import type { Act } from "../settlement/saga/tasks.ts";
import type { JsonObject } from "../terms/canonical-json.ts";
import { type Deal, hashDeal } from "../terms/deal.ts";
import type { Chain } from "../transcript/chain.ts";
import type { Transcript } from "../transcript/verify.ts";
import type { Connectors } from "./connectors.ts";
import type { Receipts } from "./receipts.ts";

/** The member of the terms that names what the buyer expects, by its digest. */
const DIGEST = "digest";

/** Milliseconds before it is tried again to serve, or to call, what a deal is about. */
const BEGIN_AGAIN_MS = 2_000;

/** What of a settlement all deals of an agent share. */
export type CommonOffice = Omit<
  SagaOffice,
  "clearances" | "supply" | "intake" | "receipt" | "onDone" | "onProduced" | "onCommitted" | "onTrouble"
>;

/** What is told about the settlement of one negotiation. */
export interface CarryingOut {
  readonly signal: AbortSignal;
  /** Told once that the deal is on the chain, whoever brought it there. */
  readonly onCommitted: () => void;
  readonly onAct: (act: Act, inclusion: Inclusion) => void;
  readonly onTrouble: (error: ParleyError) => void;
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
  connectors: Connectors,
  receipts: Receipts,
  common: CommonOffice,
  { signal, ...told }: CarryingOut,
): Promise<Outcome> {
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
  const office: SagaOffice = {
    ...{ ...common, clearances: [], supply: connectors.supply },
    intake: connectors.intakeFor(proposal.terms) ?? { inspect: async () => inspect(session, told.onTrouble) },
    receipt: () => receipts.newest(session),
    onProduced: async (_saga, evidence) => {
      if (fulfilment(session)?.evidence === null) await say({ kind: "DELIVER", deal, evidence });
    },
    onDone: (_saga, task, inclusion) => {
      if (inclusion !== null) told.onAct(task as Act, inclusion);
    },
    onCommitted: (saga) => {
      told.onCommitted();
      void begin(orderOf(saga));
    },
    onTrouble: (_saga, error) => told.onTrouble(error),
  };
  const begin = async (order: Order): Promise<void> => {
    try {
      if (!signal.aborted) await connectors.begin(session, order);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError)) throw thrown;
      told.onTrouble(thrown);
      if (!thrown.retryable) return;
      await pause(common.clock, BEGIN_AGAIN_MS);
      await begin(order);
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

function orderOf({ stream, memory: { undertaking } }: Saga): Order {
  const { deal, transcript, terms } = undertaking;
  return { id: stream, deal, dealHash: hashDeal(deal), transcript, terms };
}

/** Accepts what is of the digest that was agreed. What is not is for people to decide on. */
function inspect(session: Session, onTrouble: (error: ParleyError) => void): Finding | null {
  const { terms } = session.state.proposal;
  const evidence = fulfilment(session)?.evidence ?? null;
  if (evidence !== null && evidence === terms[DIGEST]) return { good: true };
  if (evidence !== null && TOLD.get(session) !== evidence) {
    TOLD.set(session, evidence);
    onTrouble(notAsAgreed(evidence, terms));
  }
  return null;
}

/** What was found not as agreed, so that it is said once. */
const TOLD = new WeakMap<Session, Bytes32>();

function notAsAgreed(evidence: Bytes32, terms: JsonObject): ParleyError<"NotAsAgreed"> {
  const expected = typeof terms[DIGEST] === "string" ? terms[DIGEST] : "absent";
  return new ParleyError("NotAsAgreed", `what was delivered is ${evidence}, but \`terms.${DIGEST}\` is ${expected}`, {
    hint: "unless it is accepted, the seller can claim the price once the review period is over",
  });
}

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
