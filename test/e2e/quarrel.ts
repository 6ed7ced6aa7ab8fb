import type { Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { SettlementChain } from "../../offchain/adapters/chain/settlement.ts";
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import { issueCertificate } from "../../offchain/identity/certificate.ts";
import { localWallet } from "../../offchain/identity/wallet.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import { type Address, type Bytes32, ZERO_32 } from "../../offchain/kernel/ids.ts";
import { systemEntropy } from "../../offchain/node/entropy.ts";
import type { Participant, Rehearsal } from "../../offchain/node/principal.ts";
import type { SessionSigner } from "../../offchain/ports/crypto.ts";
import { type Body, hashBody } from "../../offchain/terms/body.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import type { Certificate } from "../../offchain/terms/certificate.ts";
import { type Deal, hashDeal } from "../../offchain/terms/deal.ts";
import { domainSeparator, settlementDomain } from "../../offchain/terms/eip712.ts";
import { type Envelope, envelopePreimage, hashEnvelope } from "../../offchain/terms/envelope.ts";
import type { Message } from "../../offchain/terms/message.ts";
import { negotiationId, openerHalf } from "../../offchain/terms/negotiation-id.ts";
import { dealAt, encodeProposal, type Proposal, type Role } from "../../offchain/terms/proposal.ts";
import { bundleToJson } from "../../offchain/transcript/evidence/bundle.ts";
import { proposalFor } from "../proposal.ts";

interface Voice {
  readonly party: Participant;
  readonly signer: SessionSigner;
  readonly certificate: Certificate;
  readonly salt: Bytes32;
  readonly said: Message[];
}

export interface Grievance {
  readonly arbitrator: Address;
  readonly maxFee: bigint;
  readonly rulingWithin: number;
  readonly terms: JsonObject;
  /** What the seller says, and records, that it delivered. */
  readonly delivered: Bytes32;
}

/** A deal that was truly bargained for, committed and delivered, and that the two are about to fall out over. */
export class Quarrel {
  readonly deal: Deal;
  readonly dealHash: Bytes32;
  transcript: Bytes32 = ZERO_32;
  readonly #voices: Readonly<Record<Role, Voice>>;
  readonly #rehearsal: Rehearsal;
  readonly #terms: JsonObject;
  readonly #separator: Bytes32;

  private constructor(rehearsal: Rehearsal, voices: Readonly<Record<Role, Voice>>, terms: JsonObject, deal: Deal) {
    const { chainId, settlement } = rehearsal.deployment;
    this.#separator = domainSeparator(settlementDomain(chainId, settlement));
    [this.#rehearsal, this.#voices, this.#terms, this.deal] = [rehearsal, voices, terms, deal];
    this.dealHash = hashDeal(deal);
  }

  static async over(rpc: Rpc, rehearsal: Rehearsal, parties: Readonly<Record<Role, Participant>>, about: Grievance) {
    const { deployment, token } = rehearsal;
    const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
    const now = await rehearsal.chain.time();
    const voices = {
      buyer: await voiceOf(rehearsal, parties.buyer, now),
      seller: await voiceOf(rehearsal, parties.seller, now),
    };
    const half = openerHalf(separator, parties.buyer.agent, parties.seller.agent, voices.buyer.salt);
    const { arbitrator, maxFee, rulingWithin, terms } = about;
    const usual = proposalFor({ commitBy: now + 3_600, rounds: 3, token });
    const proposal: Proposal = { ...usual, deal: { ...usual.deal, arbitrator, maxFee, rulingWithin }, terms };
    const agents = { buyer: parties.buyer.agent, seller: parties.seller.agent };
    const deal = dealAt(proposal, agents, negotiationId(half, voices.seller.salt), 100n);
    const quarrel = new Quarrel(rehearsal, voices, terms, deal);
    await quarrel.#bargain(half, proposal);
    await quarrel.#perform(rpc, about.delivered);
    return quarrel;
  }

  /** What either side can show: everything that was said. */
  bundle(): string {
    return JSON.stringify(
      bundleToJson({
        deployment: this.#rehearsal.deployment,
        transcript: { opener: this.#voices.buyer.said, responder: this.#voices.seller.said },
        beside: [],
        terms: this.#terms,
        chain: null,
      }),
    );
  }

  async #bargain(half: Bytes32, proposal: Proposal): Promise<void> {
    const { buyer, seller } = this.#voices;
    const responder = seller.party.agent;
    const introduction = { salt: buyer.salt, certificate: buyer.certificate, proposal: encodeProposal(proposal) };
    const open = await this.#say("buyer", { kind: "OPEN", responder, ...introduction }, half);
    const joined = { salt: seller.salt, certificate: seller.certificate };
    await this.#say("seller", { kind: "JOIN", open: hashEnvelope(this.#separator, open.envelope), ...joined });
    await this.#say("buyer", { kind: "OFFER", deal: this.deal });
    const accept = await this.#say("seller", { kind: "ACCEPT", deal: this.dealHash });
    this.transcript = hashEnvelope(this.#separator, accept.envelope);
  }

  async #perform(rpc: Rpc, evidence: Bytes32): Promise<void> {
    const { buyer, seller } = this.#voices;
    const chainOf = ({ party: { wallet } }: Voice) =>
      new SettlementChain(rpc, new Sender(rpc, wallet), this.#rehearsal.deployment);
    const proof = ({ said, certificate }: Voice) => ({ message: said[1] as Message, certificate });
    await chainOf(buyer).commit(this.deal, { buyer: proof(buyer), seller: proof(seller) });
    await this.#say("seller", { kind: "DELIVER", deal: this.dealHash, evidence });
    await chainOf(seller).deliver(this.deal, this.transcript, evidence);
  }

  async #say(side: Role, body: Body, negotiation = this.deal.negotiation): Promise<Message> {
    const [self, peer] = [this.#voices[side], this.#voices[side === "buyer" ? "seller" : "buyer"]];
    const newest = ({ said }: Voice) => {
      const last = said.at(-1);
      return last === undefined ? ZERO_32 : hashEnvelope(this.#separator, last.envelope);
    };
    const envelope: Envelope = {
      ...{ negotiation, agent: self.party.agent, seq: self.said.length, kind: body.kind },
      ...{ sentAt: Date.now(), prev: newest(self), seen: newest(peer), body: hashBody(body) },
    };
    const signature = await self.signer.sign(envelopePreimage(this.#separator, envelope));
    const message: Message = { envelope, signature, body };
    self.said.push(message);
    return message;
  }
}

async function voiceOf({ deployment }: Rehearsal, party: Participant, now: number): Promise<Voice> {
  const crypto = new NodeCrypto();
  const signer = crypto.sessionSigner(crypto.generateSessionSecret());
  const validity = { notBefore: now - 60, notAfter: now + 30 * 86_400, epoch: 1 };
  const wallet = localWallet(party.wallet);
  const certificate = await issueCertificate(wallet, deployment, party.agent, signer.publicKey, validity);
  return { party, signer, certificate, salt: toHex(systemEntropy.bytes(32)), said: [] };
}
