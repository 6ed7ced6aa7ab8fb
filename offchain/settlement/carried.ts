import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Crypto } from "../ports/crypto.ts";
import type { CarriedAgreement, SignedWord } from "../terms/agreement-json.ts";
import { hashBody } from "../terms/body.ts";
import { hashDeal } from "../terms/deal.ts";
import { envelopePreimage, hashEnvelope } from "../terms/envelope.ts";

/**
 * Throws `BadAgreement` unless both sides have signed this deal: the one an OFFER, the other the ACCEPT of it. What takes the chain to know, as
 * whose the certificates are, the contract is asked for.
 */
export async function checkCarried(
  { deal, proofs }: CarriedAgreement,
  separator: Bytes32,
  crypto: Pick<Crypto, "verify">,
): Promise<void> {
  const { buyer, seller } = proofs;
  const dealHash = hashDeal(deal);
  const [offer, accept] = buyer.message.body.kind === "ACCEPT" ? [seller, buyer] : [buyer, seller];
  const kinds = `${offer.message.body.kind} ${accept.message.body.kind}`;
  demand(kinds === "OFFER ACCEPT", "an agreement is an OFFER of one side and an ACCEPT of the other");
  demand(buyer.certificate.key.agent === deal.buyer, "the buyer's certificate is another agent's");
  demand(seller.certificate.key.agent === deal.seller, "the seller's certificate is another agent's");
  for (const { message, certificate } of [offer, accept]) {
    const { envelope, body } = message;
    demand(envelope.agent === certificate.key.agent, "what was said is another agent's than the certificate");
    demand(envelope.negotiation === deal.negotiation, "what was said is of another negotiation");
    demand(envelope.body === dealHash && hashBody(body) === dealHash, "what was said is about another deal");
  }
  const accepted = hashEnvelope(separator, offer.message.envelope);
  demand(accept.message.envelope.seen === accepted, "the ACCEPT is of another offer");
  for (const word of [offer, accept]) demand(await isSigned(word, separator, crypto), "a signature is not good");
}

async function isSigned({ message, certificate }: SignedWord, separator: Bytes32, crypto: Pick<Crypto, "verify">) {
  return await crypto.verify(certificate.key, envelopePreimage(separator, message.envelope), message.signature);
}

function demand(isSo: boolean, says: string): void {
  if (isSo) return;
  throw new ParleyError("BadAgreement", says, { hint: "send the OFFER and the ACCEPT as they were signed" });
}
