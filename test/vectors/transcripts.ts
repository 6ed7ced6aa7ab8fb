// Vectors of whole transcripts, with what they prove, or with the refusal that they meet.
import { type Hex, toHex } from "../../offchain/kernel/bytes.ts";
import { ZERO_32 } from "../../offchain/kernel/ids.ts";
import { hashDeal } from "../../offchain/terms/deal.ts";
import { hashEnvelope } from "../../offchain/terms/envelope.ts";
import { encodeMessage, type Message } from "../../offchain/terms/message.ts";
import type { RefusalCode } from "../../offchain/terms/refusal.ts";
import { actor, flip, flipByte, highS, SETTLEMENT } from "./actors.ts";
import { BUYER, Scene, SELLER, type Tweak, wholeLife } from "./scene.ts";

interface Proof {
  readonly agreement: { readonly deal: string; readonly transcript: string } | null;
}

/** What a good transcript is expected to prove is written down here by hand, not taken from the verifier. */
const GOOD: Record<string, () => { scene: Scene } & Proof> = {
  "a whole life, from OPEN to the last RECEIPT": () => {
    const scene = wholeLife();
    const accept = scene.opener.messages[3] as Message;
    return { scene, agreement: { deal: accept.envelope.body, transcript: hashEnvelope(SETTLEMENT, accept.envelope) } };
  },
  "refused at once": () => {
    const scene = new Scene().introduce();
    scene.say("responder", { kind: "END", code: "Overloaded", subject: scene.hash("opener", 0), note: "try later" });
    return { scene, agreement: null };
  },
  "an END that crosses an OFFER": () => {
    const scene = new Scene().introduce();
    scene.offer("opener", 80n);
    const before = scene.hash("responder", 0);
    scene.offer("responder", 120n);
    scene.say("opener", { kind: "END", code: "Withdrawn", subject: ZERO_32, note: "" }, (end) => ({
      ...end,
      seen: before,
    }));
    return { scene, agreement: null };
  },
  "an ACCEPT in spite of an END, since no END withdraws an offer": () => {
    const scene = new Scene().introduce();
    scene.offer("opener", 80n);
    scene.say("opener", { kind: "END", code: "Withdrawn", subject: ZERO_32, note: "" });
    const { envelope } = scene.accept("responder");
    return { scene, agreement: { deal: envelope.body, transcript: hashEnvelope(SETTLEMENT, envelope) } };
  },
  "an ACCEPT of an older offer, since later ones withdraw nothing": () => {
    const scene = new Scene().introduce();
    scene.offer("opener", 80n);
    scene.offer("responder", 120n);
    const first = scene.hash("opener", 1);
    scene.offer("opener", 90n);
    const deal = hashDeal(scene.dealAt(80n));
    const { envelope } = scene.say("responder", { kind: "ACCEPT", deal }, (accept) => ({ ...accept, seen: first }));
    return { scene, agreement: { deal, transcript: hashEnvelope(SETTLEMENT, envelope) } };
  },
  "receipts and deliveries that cross": () => {
    const scene = new Scene().introduce();
    scene.offer("opener", 80n);
    const { envelope } = scene.accept("responder");
    const deal = envelope.body;
    const [offer, accept] = [scene.hash("opener", 1), scene.hash("responder", 1)];
    for (const part of [1, 2, 3]) {
      const evidence = `0x${`d${part}`.repeat(32)}` as const;
      scene.say("responder", { kind: "DELIVER", deal, evidence }, (message) => ({ ...message, seen: offer }));
      scene.say("opener", { kind: "RECEIPT", deal, total: BigInt(20 * part) }, (message) => ({
        ...message,
        seen: accept,
      }));
    }
    return { scene, agreement: { deal, transcript: hashEnvelope(SETTLEMENT, envelope) } };
  },
  "a JOIN that meets an END under the opener's half": () => {
    const scene = new Scene().introduce();
    const tooEarly: Tweak = (end) => ({ ...end, negotiation: scene.half, seen: ZERO_32 });
    scene.say("opener", { kind: "END", code: "Expired", subject: ZERO_32, note: "" }, tooEarly);
    return { scene, agreement: null };
  },
  "an ACCEPT of nothing, after one that holds": () => {
    const scene = new Scene().introduce();
    scene.offer("opener", 80n);
    const { envelope } = scene.accept("responder");
    scene.say("opener", { kind: "ACCEPT", deal: `0x${"ba".repeat(32)}` });
    return { scene, agreement: { deal: envelope.body, transcript: hashEnvelope(SETTLEMENT, envelope) } };
  },
};

/** Each breaks one rule, in a transcript that is good up to there, and goes on as if nothing had happened. */
const BROKEN: Record<string, [RefusalCode, () => Scene | Frames]> = {
  "a gap in the opener's seq": ["SeqGap", () => offers((offer) => ({ ...offer, seq: offer.seq + 1 }))],
  "a seq used twice": ["SeqGap", () => offers((offer) => ({ ...offer, seq: offer.seq - 1 }))],
  "a message left out": ["SeqGap", () => without("opener", 1)],
  "the responder's first OFFER left out": ["SeqGap", () => without("responder", 1)],
  "a prev that is another by one bit": [
    "PrevMismatch",
    () => offers((offer) => ({ ...offer, prev: flip(offer.prev) })),
  ],
  "no prev": ["PrevMismatch", () => offers((offer) => ({ ...offer, prev: ZERO_32 }))],
  "a seen that is another by one bit": [
    "SeenMismatch",
    () => offers((offer) => ({ ...offer, seen: flip(offer.seen) })),
  ],
  "a seen that forgets what was seen": ["SeenMismatch", forgetting],
  "an offer under the opener's half": ["WrongNegotiation", () => blank("half")],
  "nothing seen, after something was": ["SeenMismatch", () => blank("negotiation")],
  "a seen that names its own side": [
    "SeenMismatch",
    () => offers((offer, scene) => ({ ...offer, seen: scene.hash("opener", 0) })),
  ],
  "the last message of the responder's left out": ["SeenMismatch", () => without("responder", 4)],
  "a JOIN to another OPEN": ["SeenMismatch", joiningAnother],
  "another negotiation by one bit": [
    "WrongNegotiation",
    () => offers((offer) => ({ ...offer, negotiation: flip(offer.negotiation) })),
  ],
  "the opener's half where the id was known": [
    "WrongNegotiation",
    () => offers((offer, scene) => ({ ...offer, negotiation: scene.half })),
  ],
  "another Settlement's": ["WrongNegotiation", () => wholeLife(new Scene(BUYER, SELLER, flip(SETTLEMENT)))],
  "another agent": ["WrongAgent", () => offers((offer) => ({ ...offer, agent: 3n }))],
  "an agent with itself": ["WrongAgent", () => wholeLife(new Scene(BUYER, actor(1n)))],
  "an agent that asks itself, and somebody else joins": ["WrongAgent", () => joinedBy(SELLER, BUYER)],
  "a JOIN by somebody else": ["CertificateInvalid", () => joinedBy(actor(3n))],
  "one bit of a signature": ["BadSignature", () => signedOtherwise((message) => flip(message.signature))],
  "a signature with the higher s": ["BadSignature", () => signedOtherwise((message) => highS(message.signature))],
  "the other side's signature": ["BadSignature", () => wholeLife(new Scene({ ...BUYER, session: SELLER.session }))],
  "an OFFER's deal, other by one bit": ["BodyMismatch", () => otherPriceInFrame()],
  "an ACCEPT of another deal by one bit": [
    "DealMismatch",
    () => accepted((accept) => ({ ...accept, body: flip(accept.body) })),
  ],
  "an ACCEPT that names the JOIN": [
    "SeenMismatch",
    () => accepted((accept, scene) => ({ ...accept, seen: scene.hash("opener", 0) })),
  ],
  "an agreed deal of another negotiation": ["DealMismatch", () => agreedDeal({ negotiation: ZERO_32 })],
  "an agreed deal with a third party": ["DealMismatch", () => agreedDeal({ seller: 3n })],
  "no JOIN": ["Malformed", () => ({ opener: frames(wholeLife().opener.messages).slice(0, 1), responder: [] })],
  "sides exchanged": [
    "Malformed",
    () => {
      const { opener, responder } = wholeLife();
      return { opener: frames(responder.messages), responder: frames(opener.messages) };
    },
  ],
};

interface Frames {
  readonly opener: readonly Hex[];
  readonly responder: readonly Hex[];
}

export function transcripts() {
  const good = Object.entries(GOOD).map(([name, make]) => {
    const { scene, agreement } = make();
    const { negotiation, half } = scene;
    const signatures = scene.opener.messages.length + scene.responder.messages.length;
    const proves = { half, negotiation, signatures, agreement };
    return { name, separator: SETTLEMENT, ...framesOf(scene), proves, refusal: null };
  });
  const bad = Object.entries(BROKEN).map(([name, [refusal, make]]) => {
    const made = make();
    const both = made instanceof Scene ? framesOf(made) : made;
    return { name, separator: SETTLEMENT, opener: both.opener, responder: both.responder, proves: null, refusal };
  });
  return [...good, ...bad];
}

type SceneTweak = (envelope: Parameters<Tweak>[0], scene: Scene) => ReturnType<Tweak>;

/** The opener's first OFFER is changed; the rest follows it as it is. */
function offers(tweak: SceneTweak): Scene {
  const scene = new Scene().introduce();
  scene.offer("opener", 80n, (envelope) => tweak(envelope, scene));
  scene.offer("responder", 120n);
  scene.accept("opener");
  return scene;
}

/** The opener's second OFFER forgets all, the id too, which nobody can know who has seen nothing. */
function blank(id: "half" | "negotiation"): Scene {
  const scene = new Scene().introduce();
  scene.offer("opener", 80n);
  scene.offer("responder", 120n);
  scene.offer("opener", 90n, (envelope) => ({ ...envelope, negotiation: scene[id], seen: ZERO_32 }));
  return scene;
}

/** An OFFER names the JOIN as the newest seen, after the one before had named the OFFER that followed the JOIN. */
function forgetting(): Scene {
  const scene = new Scene().introduce();
  scene.offer("opener", 80n);
  scene.offer("responder", 120n);
  scene.offer("opener", 85n);
  scene.offer("opener", 90n, (envelope) => ({ ...envelope, seen: scene.hash("responder", 0) }));
  return scene;
}

function accepted(tweak: SceneTweak): Scene {
  const scene = new Scene().introduce();
  scene.offer("opener", 80n);
  scene.accept("responder", (envelope) => tweak(envelope, scene));
  return scene;
}

function agreedDeal(changes: Partial<ReturnType<Scene["dealAt"]>>): Scene {
  const scene = new Scene().introduce();
  scene.say("opener", { kind: "OFFER", deal: { ...scene.dealAt(80n), ...changes } });
  scene.accept("responder");
  return scene;
}

function joiningAnother(): Scene {
  const scene = new Scene().introduce();
  scene.responder.messages.pop();
  scene.say("responder", { ...scene.join(), open: `0x${"0b".repeat(32)}` });
  return scene;
}

/** Somebody else answers, as itself, with its own certificate. */
function joinedBy(stranger: typeof SELLER, asked = SELLER): Scene {
  const scene = new Scene(BUYER, asked).introduce();
  const other = new Scene(BUYER, stranger);
  other.opener.messages.push(...scene.opener.messages);
  other.say("responder", other.join());
  return other;
}

function signedOtherwise(sign: (message: Message) => Message["signature"]): Scene {
  const scene = wholeLife();
  const message = scene.opener.messages[2] as Message;
  scene.opener.messages[2] = { ...message, signature: sign(message) };
  return scene;
}

function without(who: "opener" | "responder", seq: number): Scene {
  const scene = wholeLife();
  scene[who].messages.splice(seq, 1);
  return scene;
}

function otherPriceInFrame(): Frames {
  const both = framesOf(wholeLife());
  const at = 238 + 32 + 32 + 20 + 15;
  return { ...both, opener: both.opener.map((frame, seq) => (seq === 1 ? flipByte(frame, at) : frame)) };
}

function framesOf(scene: Scene): Frames {
  return { opener: frames(scene.opener.messages), responder: frames(scene.responder.messages) };
}

function frames(messages: readonly Message[]): Hex[] {
  return messages.map((message) => toHex(encodeMessage(message)));
}
