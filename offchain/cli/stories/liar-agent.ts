import { randomBytes } from "node:crypto";
import { NodeCrypto } from "../../adapters/crypto/node/crypto.ts";
import { WebSocketTransport } from "../../adapters/transport/websocket/transport.ts";
import { issueCertificate } from "../../identity/certificate.ts";
import { localWallet } from "../../identity/wallet.ts";
import { toHex } from "../../kernel/bytes.ts";
import { type AgentId, type Bytes32, ZERO_32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Participant } from "../../node/principal.ts";
import type { Deployment } from "../../ports/chain.ts";
import type { SessionSigner } from "../../ports/crypto.ts";
import type { Channel } from "../../ports/transport.ts";
import { type Body, hashBody } from "../../terms/body.ts";
import { domainSeparator, settlementDomain } from "../../terms/eip712.ts";
import { type Envelope, envelopePreimage, hashEnvelope } from "../../terms/envelope.ts";
import { decodeMessage, encodeMessage, type Message } from "../../terms/message.ts";
import { negotiationId, openerHalf } from "../../terms/negotiation-id.ts";
import { dealAt, encodeProposal, type Proposal } from "../../terms/proposal.ts";

const DAY_S = 86_400;

/** Where an envelope stands in its side's chain. */
interface Place {
  readonly seq: number;
  readonly prev: Bytes32;
  readonly seen: Bytes32;
}

/** A buyer that signs what it likes, by its own keys. Our agents can't: it had to be written. */
export class Liar {
  readonly #agent: AgentId;
  readonly #peer: AgentId;
  readonly #proposal: Proposal;
  readonly #separator: Bytes32;
  readonly #signer: SessionSigner;
  readonly #channel: Channel;
  readonly #connected = Promise.withResolvers<void>();
  readonly #heard: Message[] = [];
  #wake: () => void = () => undefined;
  #negotiation: Bytes32 = ZERO_32;

  private constructor(
    agent: AgentId,
    peer: AgentId,
    proposal: Proposal,
    separator: Bytes32,
    signer: SessionSigner,
    address: string,
  ) {
    [this.#agent, this.#peer, this.#proposal] = [agent, peer, proposal];
    [this.#separator, this.#signer] = [separator, signer];
    this.#channel = new WebSocketTransport().connect(address, {
      onOpen: () => this.#connected.resolve(),
      onFrame: (frame) => {
        this.#heard.push(decodeMessage(frame));
        this.#wake();
      },
    });
  }

  /** Opens a negotiation as anybody does, and returns what it may lie in: the place of its first offer. */
  static async meet(
    { agent, wallet }: Participant,
    peer: AgentId,
    deployment: Deployment,
    proposal: Proposal,
    address: string,
  ): Promise<{ liar: Liar; place: Place }> {
    const crypto = new NodeCrypto();
    const signer = crypto.sessionSigner(crypto.generateSessionSecret());
    const now = Math.floor(Date.now() / 1000);
    const validity = { notBefore: now - 600, notAfter: now + DAY_S, epoch: 1 };
    const certificate = await issueCertificate(localWallet(wallet), deployment, agent, signer.publicKey, validity);
    const separator = domainSeparator(settlementDomain(deployment.chainId, deployment.settlement));
    const liar = new Liar(agent, peer, proposal, separator, signer, address);
    await liar.#connected.promise;
    const salt = toHex(randomBytes(32));
    const half = openerHalf(separator, agent, peer, salt);
    liar.#negotiation = half;
    const open: Body = { kind: "OPEN", responder: peer, salt, certificate, proposal: encodeProposal(proposal) };
    const opened = await liar.#say(open, { seq: 0, prev: ZERO_32, seen: ZERO_32 });
    const join = await liar.#answer(0);
    if (join.body.kind !== "JOIN") throw new Error(`the seller said ${join.body.kind}, not JOIN`);
    liar.#negotiation = negotiationId(half, join.body.salt);
    return { liar, place: { seq: 1, prev: opened, seen: hashEnvelope(separator, join.envelope) } };
  }

  /** Signs an offer at that place, whatever it has signed there before. Resolves with the seller's answer. */
  async offer(price: Amount, place: Place): Promise<Message> {
    const heard = this.#heard.length;
    const parties = { buyer: this.#agent, seller: this.#peer };
    await this.#say({ kind: "OFFER", deal: dealAt(this.#proposal, parties, this.#negotiation, price) }, place);
    return await this.#answer(heard);
  }

  leave(): void {
    this.#channel.close();
  }

  async #say(body: Body, place: Place): Promise<Bytes32> {
    const common = { negotiation: this.#negotiation, agent: this.#agent, sentAt: Date.now() };
    const envelope: Envelope = { ...common, ...place, kind: body.kind, body: hashBody(body) };
    const signature = await this.#signer.sign(envelopePreimage(this.#separator, envelope));
    this.#channel.send(encodeMessage({ envelope, signature, body }));
    return hashEnvelope(this.#separator, envelope);
  }

  /** The peer's message of that number, when it comes. */
  async #answer(index: number): Promise<Message> {
    for (;;) {
      const message = this.#heard[index];
      if (message !== undefined) return message;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
