// Vectors of what goes over the wire: signed messages, good and bad, and resume frames.
import { type Hex, toHex } from "../../offchain/kernel/bytes.ts";
import { encodeResume, type Resume } from "../../offchain/terms/control.ts";
import { type Envelope, hashEnvelope } from "../../offchain/terms/envelope.ts";
import { encodeMessage, MAX_MESSAGE_BYTES, type Message } from "../../offchain/terms/message.ts";
import { type RefusalCode, refusalNumber } from "../../offchain/terms/refusal.ts";
import { flip, highS, SETTLEMENT } from "./actors.ts";
import { BUYER, Scene, SELLER, wholeLife } from "./scene.ts";

/** Where fields begin in a message. */
const AT = { agent: 33, seq: 65, kind: 69, sentAt: 70, body: 142, signature: 174, content: 238 } as const;

interface Refused {
  readonly message: Hex;
  readonly refusal: RefusalCode;
}

export function goodMessages() {
  const scene = wholeLife();
  // An ACCEPT's body is the hash of the deal.
  const deal = scene.opener.messages[3]?.envelope.body ?? "0x";
  scene.say("responder", { kind: "CANCEL", deal, toSeller: 1n, until: 1_800_000_600 });
  scene.say("opener", { kind: "DISPUTE", deal, share: 0, evidence: `0x${"d3".repeat(32)}` });
  scene.say("opener", {
    kind: "END",
    code: "Withdrawn",
    subject: scene.hash("responder", 5),
    note: "d\u00e9j\u00e0 vu",
  });
  return [
    ...scene.opener.messages.map((message) => describe(message, BUYER)),
    ...scene.responder.messages.map((message) => describe(message, SELLER)),
  ];
}

function describe(message: Message, { session: { x, y } }: typeof BUYER) {
  const { envelope, signature, body } = message;
  const hash = hashEnvelope(SETTLEMENT, envelope);
  const name = `${envelope.kind} of agent ${envelope.agent}, seq ${envelope.seq}`;
  return {
    name,
    separator: SETTLEMENT,
    publicKey: { x, y },
    envelope,
    signature,
    body,
    hash,
    message: encode(message),
  };
}

/** Each is a good message of the buyer's with one thing wrong. */
export function badMessages() {
  const good = new Scene().introduce().offer("opener", 90_000_000n);
  const bytes = encode(good);
  const altered: Record<string, Refused> = {
    "another signature's bit": refused({ ...good, signature: flip(good.signature) }, "BadSignature"),
    "the other, higher s": refused({ ...good, signature: highS(good.signature) }, "BadSignature"),
    "a signature of zeros": refused({ ...good, signature: `0x${"00".repeat(64)}` }, "BadSignature"),
    "signed by another key": { message: encode(signedBySeller(good)), refusal: "BadSignature" },
    "another seq than was signed": refusedEnvelope(good, { seq: 9 }, "BadSignature"),
    "another sentAt than was signed": refusedEnvelope(good, { sentAt: 0 }, "BadSignature"),
    "another seen than was signed": refusedEnvelope(good, { seen: flip(good.envelope.seen) }, "BadSignature"),
    "one bit of the content": { message: flip(bytes), refusal: "BodyMismatch" },
    "one bit of the envelope's body": refusedEnvelope(good, { body: flip(good.envelope.body) }, "BodyMismatch"),
    "cut by a byte": { message: bytes.slice(0, -2) as Hex, refusal: "Malformed" },
    "cut within the envelope": { message: bytes.slice(0, 200) as Hex, refusal: "Malformed" },
    "a byte too many": { message: `${bytes}00`, refusal: "Malformed" },
    empty: { message: "0x", refusal: "Malformed" },
    "another version": { message: splice(bytes, 0, "03"), refusal: "Malformed" },
    "an unknown kind": { message: splice(bytes, AT.kind, "09"), refusal: "UnknownKind" },
    "the kind of another content": { message: splice(bytes, AT.kind, "05"), refusal: "Malformed" },
    "sentAt past 2^53 - 1": { message: splice(bytes, AT.sentAt, "0020000000000000"), refusal: "Malformed" },
    ...endsAndOpens(),
  };
  const { x, y } = BUYER.session;
  const cases = Object.entries(altered).map(([name, { message, refusal }]) => {
    return { name, separator: SETTLEMENT, publicKey: { x, y }, message, length: (message.length - 2) / 2, refusal };
  });
  // Too long to be written out: any bytes of that length will do.
  const oversized = { name: "a byte over the limit", separator: SETTLEMENT, publicKey: { x, y }, message: null };
  return [...cases, { ...oversized, length: MAX_MESSAGE_BYTES + 1, refusal: "Oversized" }];
}

/** Bodies of variable length have more ways to be wrong. */
function endsAndOpens(): Record<string, Refused> {
  const scene = new Scene().introduce();
  const open = encode(scene.opener.messages[0] as Message);
  const end = encode(scene.say("opener", { kind: "END", code: "Withdrawn", subject: scene.negotiation, note: "no" }));
  const note = AT.content + 2 + 32;
  const signature = AT.content + 64 + 136;
  const longNote = `${splice(end, note, "0119").slice(0, 2 + 2 * (note + 2))}${"61".repeat(281)}`;
  const unknown = Math.max(...(["TooManyRounds", "Conflict"] as const).map(refusalNumber)) + 1;
  return {
    "END with an unknown code": { message: splice(end, AT.content, hex16(unknown)), refusal: "Malformed" },
    "END with a note that is not UTF-8": { message: splice(end, note + 2, "c0af"), refusal: "Malformed" },
    "END with half of a surrogate pair": {
      message: `${splice(end, note, "0003").slice(0, 2 + 2 * (note + 2))}eda080` as Hex,
      refusal: "Malformed",
    },
    "END with a note over 280 bytes": { message: longNote as Hex, refusal: "Malformed" },
    "END with another note than was signed": { message: splice(end, note + 2, "6f6e"), refusal: "BodyMismatch" },
    "OPEN whose proposal is longer than it says": {
      message: splice(open, AT.content + 64 + 203, "00000001"),
      refusal: "Malformed",
    },
    "OPEN whose certificate is signed with 64 bytes": {
      message: splice(cut(open, signature + 2, 1), signature, "0040"),
      refusal: "Malformed",
    },
    "OPEN whose certificate is signed with 66 bytes": {
      message: splice(insert(open, signature + 2, "00"), signature, "0042"),
      refusal: "Malformed",
    },
    "OPEN whose certificate begins past 2^53 - 1": {
      message: splice(open, AT.content + 64 + 116, "ffffffffffffffff"),
      refusal: "Malformed",
    },
  };
}

export function resumes() {
  const { negotiation } = new Scene();
  const good: Resume[] = [
    { negotiation, have: 0, answer: true },
    { negotiation, have: 7, answer: false },
    { negotiation: `0x${"ff".repeat(32)}`, have: 2 ** 32 - 1, answer: true },
  ];
  const frame = toHex(encodeResume({ negotiation, have: 3, answer: true }));
  const bad: Record<string, Hex> = {
    "cut by a byte": frame.slice(0, -2) as Hex,
    "a byte too many": `${frame}00`,
    "a flag that is neither 0 nor 1": splice(frame, 37, "02"),
    "another first byte": splice(frame, 0, "03"),
    empty: "0x",
  };
  return [
    ...good.map((resume) => ({ name: `from ${resume.have} on`, resume, frame: toHex(encodeResume(resume)) })),
    ...Object.entries(bad).map(([name, bytes]) => ({ name, resume: null, frame: bytes })),
  ];
}

function refused(message: Message, refusal: RefusalCode): Refused {
  return { message: encode(message), refusal };
}

function refusedEnvelope(message: Message, changes: Partial<Envelope>, refusal: RefusalCode): Refused {
  return refused({ ...message, envelope: { ...message.envelope, ...changes } }, refusal);
}

/** The same words from the same agent, but the seller's key. */
function signedBySeller({ envelope, body }: Message): Message {
  const imposter = { ...BUYER, session: SELLER.session };
  return new Scene(imposter).say("opener", body, () => envelope);
}

function encode(message: Message): Hex {
  return toHex(encodeMessage(message));
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, "0");
}

/** Puts bytes in between. */
function insert(bytes: Hex, at: number, digits: string): Hex {
  const start = 2 + 2 * at;
  return `${bytes.slice(0, start)}${digits}${bytes.slice(start)}` as Hex;
}

/** Takes that many bytes out. */
function cut(bytes: Hex, at: number, count: number): Hex {
  const start = 2 + 2 * at;
  return `${bytes.slice(0, start)}${bytes.slice(start + 2 * count)}` as Hex;
}

/** Puts other bytes in the place of those that stand there. */
function splice(bytes: Hex, at: number, digits: string): Hex {
  const start = 2 + 2 * at;
  return `${bytes.slice(0, start)}${digits}${bytes.slice(start + digits.length)}` as Hex;
}
