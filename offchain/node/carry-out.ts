import type { Session } from "../dealing/session.ts";
import type { Agreed, SpokenBody } from "../dealing/state.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { SessionProof, SessionProofs } from "../ports/chain.ts";
import type { Table } from "../settlement/lookout.ts";
import {
  type BoundDeal,
  type Outcome,
  type SettlingOptions,
  settleAsBuyer,
  settleAsSeller,
} from "../settlement/settle.ts";
import type { JsonObject } from "../terms/canonical-json.ts";
import { type Deal, hashDeal } from "../terms/deal.ts";
import type { Chain } from "../transcript/chain.ts";
import type { Transcript } from "../transcript/verify.ts";

/** The member of the terms that names what the buyer expects, by its digest. */
const DIGEST = "digest";

/**
 * Carries a deal to its end on the chain, and keeps the transcript in step: the seller says DELIVER before it records
 * the delivery, the buyer ends with a RECEIPT for the whole price.
 */
export async function carryOut(
  session: Session,
  bound: BoundDeal,
  deliver: Bytes32 | null,
  options: SettlingOptions,
): Promise<Outcome> {
  const { brief, proposal } = session.state;
  const deal = hashDeal(bound.deal);
  const say = async (body: SpokenBody): Promise<void> => {
    try {
      await session.speak(body);
    } catch (thrown) {
      // What is said helps the other side; what is done on the chain moves the money, and must not wait for it.
      if (!(thrown instanceof ParleyError)) throw thrown;
      options.onTrouble(thrown);
    }
  };
  if (brief.role === "seller") {
    const produce = async () => {
      if (deliver !== null && fulfilment(session)?.evidence === null) {
        await say({ kind: "DELIVER", deal, evidence: deliver });
      }
      return deliver;
    };
    return settleAsSeller(bound, { ...options, produce });
  }
  let told: Bytes32 | null = null;
  const inspect = () => {
    const evidence = fulfilment(session)?.evidence ?? null;
    const agreed = evidence !== null && evidence === proposal.terms[DIGEST];
    if (!agreed && evidence !== null && told !== evidence) options.onTrouble(notAsAgreed(evidence, proposal.terms));
    told = evidence;
    return agreed;
  };
  const outcome = await settleAsBuyer(bound, { ...options, inspect });
  const total = bound.deal.price;
  const receipted = fulfilment(session)?.receipted;
  if (outcome === "settled" && receipted !== undefined && receipted < total) {
    await say({ kind: "RECEIPT", deal, total });
  }
  return outcome;
}

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
