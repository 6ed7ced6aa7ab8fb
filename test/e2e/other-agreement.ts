import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import { issueCertificate } from "../../offchain/identity/certificate.ts";
import { localWallet } from "../../offchain/identity/wallet.ts";
import { ZERO_32 } from "../../offchain/kernel/ids.ts";
import type { Participant, Rehearsal } from "../../offchain/node/principal.ts";
import type { SessionProof, SessionProofs } from "../../offchain/ports/chain.ts";
import { type Body, hashBody } from "../../offchain/terms/body.ts";
import { type Deal, hashDeal } from "../../offchain/terms/deal.ts";
import { domainSeparator, settlementDomain } from "../../offchain/terms/eip712.ts";
import { type Envelope, envelopePreimage, hashEnvelope } from "../../offchain/terms/envelope.ts";

/** Both sides' signatures for a deal, by other keys of theirs: another transcript than the one that their agents have of it. */
export async function otherAgreement(
  { deployment }: Pick<Rehearsal, "deployment">,
  deal: Deal,
  { buyer, seller }: { readonly buyer: Participant; readonly seller: Participant },
): Promise<SessionProofs> {
  const crypto = new NodeCrypto();
  const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
  const say = async (
    { agent, wallet }: Participant,
    body: Body,
    place: Pick<Envelope, "seq" | "seen">,
  ): Promise<SessionProof> => {
    const signer = crypto.sessionSigner(crypto.generateSessionSecret());
    const validity = { notBefore: 0, notAfter: 4_000_000_000, epoch: 1 };
    const certificate = await issueCertificate(localWallet(wallet), deployment, agent, signer.publicKey, validity);
    const { kind } = body;
    const about = { negotiation: deal.negotiation, agent, kind, sentAt: 1, prev: ZERO_32 };
    const envelope: Envelope = { ...about, body: hashBody(body), ...place };
    const signature = await signer.sign(envelopePreimage(separator, envelope));
    return { certificate, message: { envelope, signature, body } };
  };
  const offer = await say(buyer, { kind: "OFFER", deal }, { seq: 4, seen: ZERO_32 });
  const seen = hashEnvelope(separator, offer.message.envelope);
  return { buyer: offer, seller: await say(seller, { kind: "ACCEPT", deal: hashDeal(deal) }, { seq: 5, seen }) };
}
