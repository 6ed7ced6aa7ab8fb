import type { Session } from "../dealing/session.ts";
import type { Agreed } from "../dealing/state.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { SessionProof } from "../ports/chain.ts";
import {
  type BoundDeal,
  type Outcome,
  type SettlingOptions,
  settleAsBuyer,
  settleAsSeller,
} from "../settlement/settle.ts";

/** The member of the terms that names what the buyer expects, by its digest. */
const DIGEST = "digest";

/**
 * Carries an agreed negotiation to its end on the chain, and keeps the transcript in step: the seller says DELIVER
 * before it records the delivery, the buyer ends with a RECEIPT for the whole price.
 */
export async function carryOut(
  session: Session,
  agreed: Agreed,
  deliver: Bytes32 | null,
  options: SettlingOptions,
): Promise<Outcome> {
  const { agreement, brief, proposal } = agreed;
  const bound: BoundDeal = {
    deal: agreement.deal,
    transcript: agreement.transcript,
    proofs: proofsOf(session, agreed),
  };
  const deal = agreement.dealHash;
  if (brief.role === "seller") {
    const produce = async () => {
      if (deliver !== null && fulfilment(session).evidence === null) {
        await session.speak({ kind: "DELIVER", deal, evidence: deliver });
      }
      return deliver;
    };
    return settleAsSeller(bound, { ...options, produce });
  }
  const inspect = () => {
    const { evidence } = fulfilment(session);
    return evidence !== null && evidence === proposal.terms[DIGEST];
  };
  const outcome = await settleAsBuyer(bound, { ...options, inspect });
  const total = agreement.deal.price;
  if (outcome === "settled" && fulfilment(session).receipted < total) {
    await session.speak({ kind: "RECEIPT", deal, total });
  }
  return outcome;
}

/** The OFFER and the ACCEPT, each with the certificate of the key that signed it. */
function proofsOf(session: Session, { agreement, brief, peerCertificate }: Agreed): BoundDeal["proofs"] {
  const { transcript } = session;
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

function fulfilment({ state }: Session): Agreed["fulfilment"] {
  return state.phase === "agreed" ? state.fulfilment : { evidence: null, receipted: 0n };
}
