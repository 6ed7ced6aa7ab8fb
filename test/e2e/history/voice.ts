import { agreementArgs, saidArgs } from "../../../offchain/adapters/chain/session-auth.ts";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { issueCertificate } from "../../../offchain/identity/certificate.ts";
import { localWallet } from "../../../offchain/identity/wallet.ts";
import { type AgentId, type Bytes32, ZERO_32 } from "../../../offchain/kernel/ids.ts";
import type { Participant } from "../../../offchain/node/principal.ts";
import type { Deployment, SessionProof, SessionProofs } from "../../../offchain/ports/chain.ts";
import type { SessionSigner } from "../../../offchain/ports/crypto.ts";
import { type Body, hashBody } from "../../../offchain/terms/body.ts";
import type { Certificate } from "../../../offchain/terms/certificate.ts";
import { type Deal, hashDeal } from "../../../offchain/terms/deal.ts";
import { domainSeparator, settlementDomain } from "../../../offchain/terms/eip712.ts";
import { type Envelope, envelopePreimage, hashEnvelope } from "../../../offchain/terms/envelope.ts";

/** An agreement that the chain can be shown. */
export interface Agreed {
  readonly deal: Deal;
  readonly hash: Bytes32;
  readonly transcript: Bytes32;
  readonly proofs: SessionProofs;
  readonly args: ReturnType<typeof agreementArgs>;
}

type Words = Extract<Body, { kind: "OFFER" | "ACCEPT" | "RECEIPT" | "CANCEL" }>;

/** Session keys of several agents, which say what they are told to. */
export class Voices {
  readonly #separator: Bytes32;
  readonly #voices = new Map<AgentId, { signer: SessionSigner; certificate: Certificate }>();
  readonly #deployment: Deployment;

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
    this.#separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
  }

  async join({ agent, wallet }: Participant): Promise<void> {
    const crypto = new NodeCrypto();
    const signer = crypto.sessionSigner(crypto.generateSessionSecret());
    const validity = { notBefore: 0, notAfter: 4e9, epoch: 1 };
    const issuer = localWallet(wallet);
    const certificate = await issueCertificate(issuer, this.#deployment, agent, signer.publicKey, validity);
    this.#voices.set(agent, { signer, certificate });
  }

  async agree(deal: Deal): Promise<Agreed> {
    const hash = hashDeal(deal);
    const offer = await this.say(deal.buyer, deal, { kind: "OFFER", deal });
    const seen = hashEnvelope(this.#separator, offer.message.envelope);
    const accept = await this.say(deal.seller, deal, { kind: "ACCEPT", deal: hash }, 1, seen);
    const transcript = hashEnvelope(this.#separator, accept.message.envelope);
    const proofs = { buyer: offer, seller: accept };
    return { deal, hash, transcript, proofs, args: agreementArgs(deal, proofs) };
  }

  /** An act in a deal, as the contract takes it. */
  async act(agent: AgentId, deal: Deal, body: Words) {
    return saidArgs(await this.say(agent, deal, body)).auth;
  }

  async say(agent: AgentId, { negotiation }: Deal, body: Words, sentAt = 1, seen = ZERO_32): Promise<SessionProof> {
    const voice = this.#voices.get(agent);
    if (voice === undefined) throw new Error(`agent ${agent} has no voice`);
    const hash = body.kind === "OFFER" ? hashDeal(body.deal) : body.kind === "ACCEPT" ? body.deal : hashBody(body);
    const place = { negotiation, agent, seq: 4, prev: ZERO_32, seen };
    const envelope: Envelope = { ...place, kind: body.kind, sentAt, body: hash };
    const signature = await voice.signer.sign(envelopePreimage(this.#separator, envelope));
    return { certificate: voice.certificate, message: { envelope, signature, body } };
  }
}
