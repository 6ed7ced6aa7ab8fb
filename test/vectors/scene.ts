// Lets two agents speak, rightly or wrongly: each message is signed and chained as it should be, save for what a
// `tweak` changes before the signature.
import { type Bytes32, ZERO_32 } from "../../offchain/kernel/ids.ts";
import type { Amount } from "../../offchain/kernel/money.ts";
import { type Body, hashBody } from "../../offchain/terms/body.ts";
import { type Deal, hashDeal } from "../../offchain/terms/deal.ts";
import { type Envelope, envelopePreimage, hashEnvelope } from "../../offchain/terms/envelope.ts";
import type { Message } from "../../offchain/terms/message.ts";
import { negotiationId, openerHalf } from "../../offchain/terms/negotiation-id.ts";
import { dealAt, encodeProposal, type Proposal } from "../../offchain/terms/proposal.ts";
import type { Transcript } from "../../offchain/transcript/verify.ts";
import { type Actor, actor, NOW, SETTLEMENT, signP256 } from "./actors.ts";

export const BUYER = actor(1n);
export const SELLER = actor(2n);

export const PROPOSAL: Proposal = {
  role: "buyer",
  protocol: { name: "alternating-offers", rounds: 5 },
  deal: {
    token: "0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0",
    buyerBond: 5_000_000n,
    sellerBond: 20_000_000n,
    commitBy: NOW + 3_600,
    deliverWithin: 86_400,
    reviewPeriod: 172_800,
    arbitrator: "0xcf7ed3acca5a467e9e704c703e8d87f634fb0fc9",
    maxFee: 10_000_000_000_000_000n,
    rulingWithin: 604_800,
    lapseShare: 5_000,
    category: "0x6a2d8cb8f1d5fd4f8f1d8cf4d8a2b1f5a0cfb20a6e6d1b0c2a0d2f9f1c6b7e3d",
  },
  terms: {
    salt: "0x1f2e3d4c5b6a79880f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778",
    title: "Weekly survey of container rates",
    items: [{ name: "report", unit: "week", count: 4 }],
    delivery: { format: "text/csv", sha256: true },
  },
};

/** What is changed of an envelope before it is signed. */
export type Tweak = (envelope: Envelope) => Envelope;

interface Voice {
  readonly actor: Actor;
  readonly messages: Message[];
}

/** One negotiation: the opener wants to buy. */
export class Scene {
  readonly opener: Voice;
  readonly responder: Voice;
  readonly separator: Bytes32;
  readonly half: Bytes32;
  readonly negotiation: Bytes32;
  #sentAt = NOW * 1_000;

  readonly #proposal: Proposal;

  constructor(
    opener: Actor = BUYER,
    responder: Actor = SELLER,
    separator: Bytes32 = SETTLEMENT,
    proposal: Proposal = PROPOSAL,
  ) {
    this.#proposal = proposal;
    this.opener = { actor: opener, messages: [] };
    this.responder = { actor: responder, messages: [] };
    this.separator = separator;
    this.half = openerHalf(separator, opener.agent, responder.agent, opener.salt);
    this.negotiation = negotiationId(this.half, responder.salt);
  }

  get transcript(): Transcript {
    return { opener: this.opener.messages, responder: this.responder.messages };
  }

  /** The deal that is negotiated here, at a price. */
  dealAt(price: Amount): Deal {
    const parties = { buyer: this.opener.actor.agent, seller: this.responder.actor.agent };
    return dealAt(this.#proposal, parties, this.negotiation, price);
  }

  /** OPEN and JOIN. */
  introduce(): this {
    const { opener, responder } = this;
    const { salt, certificate } = opener.actor;
    const open: Body = {
      kind: "OPEN",
      responder: responder.actor.agent,
      salt,
      certificate,
      proposal: encodeProposal(this.#proposal),
    };
    this.say("opener", open, (envelope) => ({ ...envelope, negotiation: this.half }));
    this.say("responder", this.join());
    return this;
  }

  join(): Extract<Body, { kind: "JOIN" }> {
    const { salt, certificate } = this.responder.actor;
    return { kind: "JOIN", open: this.hash("opener", 0), salt, certificate };
  }

  offer(who: Side, price: Amount, tweak?: Tweak): Message {
    return this.say(who, { kind: "OFFER", deal: this.dealAt(price) }, tweak);
  }

  /** Accepts the other side's newest OFFER. */
  accept(who: Side, tweak?: Tweak): Message {
    const offers = this[other(who)].messages.filter(({ body }) => body.kind === "OFFER");
    const offer = offers.at(-1);
    if (offer?.body.kind !== "OFFER") throw new Error("nothing was offered");
    const seen = hashEnvelope(this.separator, offer.envelope);
    const deal = hashDeal(offer.body.deal);
    const named: Tweak = (envelope) => ({ ...envelope, seen });
    return this.say(who, { kind: "ACCEPT", deal }, (envelope) => (tweak ?? same)(named(envelope)));
  }

  say(who: Side, body: Body, tweak: Tweak = same): Message {
    const { actor: speaker, messages } = this[who];
    const envelope = tweak({
      negotiation: this.negotiation,
      agent: speaker.agent,
      seq: messages.length,
      kind: body.kind,
      sentAt: this.#sentAt,
      prev: this.hash(who, messages.length - 1),
      seen: this.hash(other(who), this[other(who)].messages.length - 1),
      body: hashBody(body),
    });
    this.#sentAt += 15;
    const signature = signP256(speaker.session, envelopePreimage(this.separator, envelope));
    const message: Message = { envelope, signature, body };
    messages.push(message);
    return message;
  }

  /** Hash of that side's envelope; zero where there is none. */
  hash(who: Side, seq: number): Bytes32 {
    const message = this[who].messages[seq];
    return message === undefined ? ZERO_32 : hashEnvelope(this.separator, message.envelope);
  }
}

export type Side = "opener" | "responder";

function other(who: Side): Side {
  return who === "opener" ? "responder" : "opener";
}

function same(envelope: Envelope): Envelope {
  return envelope;
}

/** A whole life: bargained, agreed, delivered in two parts while receipts go the other way. */
export function wholeLife(scene = new Scene()): Scene {
  scene.introduce();
  scene.offer("opener", 80_000_000n);
  scene.offer("responder", 120_000_000n);
  scene.offer("opener", 95_000_000n);
  scene.offer("responder", 105_000_000n);
  scene.accept("opener");
  const deal = hashDeal(scene.dealAt(105_000_000n));
  scene.say("responder", { kind: "DELIVER", deal, evidence: `0x${"d1".repeat(32)}` });
  scene.say("opener", { kind: "RECEIPT", deal, total: 52_500_000n });
  scene.say("responder", { kind: "DELIVER", deal, evidence: `0x${"d2".repeat(32)}` });
  scene.say("opener", { kind: "RECEIPT", deal, total: 105_000_000n });
  return scene;
}
