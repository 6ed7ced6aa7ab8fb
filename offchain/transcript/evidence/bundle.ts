import { ByteReader, ByteWriter } from "../../kernel/binary.ts";
import { fromHex, type Hex, isHex, toHex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { toAgentId } from "../../kernel/ids.ts";
import type { AgentAuthority, CommittedDeal, DealPosition, Deployment, Payout } from "../../ports/chain.ts";
import type { Json, JsonObject } from "../../terms/canonical-json.ts";
import { certificateFromHex, certificateToHex } from "../../terms/certificate.ts";
import { readEnvelope, writeEnvelope } from "../../terms/envelope.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES, type Message } from "../../terms/message.ts";
import { isWithheld, type ShownTranscript, type WithheldOpen } from "../verify.ts";
import { attachmentsFromJson, attachmentsToJson } from "./attachments.ts";
import { readDeployment } from "./deployment.ts";

/** Everything about one negotiation, in one document that anybody can verify without asking either side. */
export interface Bundle {
  readonly deployment: Deployment;
  readonly transcript: ShownTranscript;
  /** Signed frames that are in neither side's chain: rivals of what was said before, and what was refused. */
  readonly beside: readonly Hex[];
  /** The terms in full; null where they are withheld and only their hash is known. */
  readonly terms: JsonObject | null;
  /** What the chain said when the bundle was made; null where it was not asked. */
  readonly chain: ChainAccount | null;
  /** Documents that a side shows for its case, such as readings of a meter. What they are worth is looked at apart. */
  readonly attachments?: readonly JsonObject[];
}

/** What the chain holds about a negotiation. Anybody with a node can read it anew. */
export interface ChainAccount {
  /** Unix seconds of the block that was read. */
  readonly asOf: number;
  readonly opener: AgentAuthority;
  readonly responder: AgentAuthority;
  /** Where the agreed deal stands; null where none was agreed. */
  readonly position: Pick<DealPosition, "status" | "since" | "ours"> | null;
  readonly committed: CommittedDeal | null;
  readonly payout: Payout | null;
}

const FORMAT = "parley-evidence";
/** Version 2 has attachments; a bundle without any is still written as version 1, which everybody reads. */
const [VERSION, WITH_ATTACHMENTS] = [1, 2];

/** More messages than any negotiation within the protocol's limit of rounds has. */
const MOST_MESSAGES = 50_000;
const MOST_BESIDE = 1_000;

/** Of the contracts' time, which has 40 bits. */
const LAST_SECOND = 2 ** 40 - 1;

const STATUSES = ["None", "Committed", "Delivered", "Disputed", "Settled", "Declared", "Defaulted"] as const;
const OUTCOMES = ["Accepted", "Claimed", "Refunded", "Closed", "Split", "Agreed", "Ruled", "Lapsed"] as const;

/** Leaves out what was proposed; its hash takes its place, so that all signatures can still be verified. */
export function withholdProposal(transcript: ShownTranscript, hash: (proposal: string) => Hex): ShownTranscript {
  const [open, ...rest] = transcript.opener;
  if (open?.body.kind !== "OPEN" || typeof open.body.proposal !== "string") return transcript;
  const body = { ...open.body, proposal: { sha256: hash(open.body.proposal) } };
  return { ...transcript, opener: [{ ...open, body }, ...rest] };
}

export function bundleToJson(bundle: Bundle): JsonObject {
  const { deployment, transcript, beside, terms, chain, attachments = [] } = bundle;
  return {
    format: FORMAT,
    version: attachments.length === 0 ? VERSION : WITH_ATTACHMENTS,
    deployment: { ...deployment },
    opener: transcript.opener.map(saidToJson),
    responder: transcript.responder.map(saidToJson),
    beside,
    terms,
    chain: chain === null ? null : chainToJson(chain),
    ...(attachments.length === 0 ? {} : { attachments: attachmentsToJson(attachments) }),
  };
}

/** Reads a bundle from outside. That it is well-formed proves nothing yet: see `examine`. */
export function bundleFromJson(value: Json): Bundle {
  const reader = new JsonReader(value, "");
  reader.oneOf("format", [FORMAT]);
  const version = reader.integer("version", VERSION, WITH_ATTACHMENTS);
  const deployment = readDeployment(reader.object("deployment"));
  const terms = reader.raw("terms");
  const bundle: Bundle = {
    deployment,
    transcript: {
      opener: list(reader, "opener", MOST_MESSAGES).map((said, place) => saidBy("opener", place, said)),
      responder: list(reader, "responder", MOST_MESSAGES).map((said, place) => saidBy("responder", place, said)),
    },
    beside: list(reader, "beside", MOST_BESIDE).map((frame, index) => hexOf(frame, `beside[${index}]`)),
    terms: terms === null ? null : objectOf(terms),
    chain: reader.raw("chain") === null ? null : chainFromJson(reader.object("chain")),
    ...(version === WITH_ATTACHMENTS ? { attachments: attachmentsFromJson(reader.raw("attachments")) } : {}),
  };
  reader.end();
  return bundle;
}

function saidToJson(message: Message | WithheldOpen): Json {
  if (!isWithheld(message)) return toHex(encodeMessage(message));
  const { envelope, signature, body } = message;
  return {
    envelope: toHex(writeEnvelope(new ByteWriter(), envelope).finish()),
    signature,
    responder: body.responder.toString(),
    salt: body.salt,
    certificate: certificateToHex(body.certificate),
    proposal: { sha256: body.proposal.sha256 },
  };
}

/** One message of a side. What is wrong with it is said with its place. */
function saidBy(side: "opener" | "responder", place: number, value: Json): Message | WithheldOpen {
  try {
    return saidFromJson(value, `${side}[${place}]`);
  } catch (thrown) {
    if (!(thrown instanceof ParleyError)) throw thrown;
    const { code, message, facts } = thrown;
    throw new ParleyError(code, `the ${side}'s message ${place}: ${message}`, { facts: { ...facts, side, place } });
  }
}

function saidFromJson(value: Json, path: string): Message | WithheldOpen {
  if (typeof value === "string") return decodeMessage(fromHex(hexOf(value, path)));
  const reader = new JsonReader(value, path);
  const envelopeBytes = new ByteReader(fromHex(hexOf(reader.raw("envelope"), reader.at("envelope"))));
  const envelope = readEnvelope(envelopeBytes);
  envelopeBytes.end();
  const proposal = reader.object("proposal");
  const message: WithheldOpen = {
    envelope,
    signature: hexOf(reader.raw("signature"), reader.at("signature"), 64),
    body: {
      kind: "OPEN",
      responder: toAgentId(reader.text("responder")),
      salt: reader.bytes32("salt"),
      certificate: certificateFromHex(hexOf(reader.raw("certificate"), reader.at("certificate"))),
      proposal: { sha256: proposal.bytes32("sha256") },
    },
  };
  proposal.end();
  reader.end();
  return message;
}

function chainToJson({ asOf, opener, responder, position, committed, payout }: ChainAccount): JsonObject {
  return {
    asOf,
    opener: { ...opener },
    responder: { ...responder },
    position: position === null ? null : { status: position.status, since: position.since, ours: position.ours },
    committed: committed === null ? null : { ...committed, price: committed.price.toString() },
    payout:
      payout === null ? null : { ...payout, toBuyer: payout.toBuyer.toString(), toSeller: payout.toSeller.toString() },
  };
}

function chainFromJson(reader: JsonReader): ChainAccount {
  const optional = <T>(name: string, read: (part: JsonReader) => T): T | null => {
    if (reader.raw(name) === null) return null;
    const part = reader.object(name);
    const value = read(part);
    part.end();
    return value;
  };
  const authority = (name: string): AgentAuthority => {
    const part = reader.object(name);
    const found = { wallet: part.address("wallet"), epoch: part.integer("epoch", 0, 2 ** 32 - 1) };
    part.end();
    return found;
  };
  const account: ChainAccount = {
    asOf: reader.integer("asOf", 0, LAST_SECOND),
    opener: authority("opener"),
    responder: authority("responder"),
    position: optional("position", (part) => ({
      status: part.oneOf("status", STATUSES),
      since: part.integer("since", 0, LAST_SECOND),
      ours: truth(part, "ours"),
    })),
    committed: optional("committed", (part) => ({
      dealHash: part.bytes32("dealHash"),
      transcript: part.bytes32("transcript"),
      price: part.amount("price"),
    })),
    payout: optional("payout", (part) => ({
      outcome: part.oneOf("outcome", OUTCOMES),
      toBuyer: part.amount("toBuyer"),
      toSeller: part.amount("toSeller"),
    })),
  };
  reader.end();
  return account;
}

function list(reader: JsonReader, name: string, most: number): readonly Json[] {
  const value = reader.raw(name);
  if (Array.isArray(value) && value.length <= most) return value as readonly Json[];
  throw malformed(reader.at(name), `a list of at most ${most}`);
}

function hexOf(value: Json, path: string, bytes?: number): Hex {
  if (typeof value === "string" && value.length <= 2 * MAX_MESSAGE_BYTES + 2 && isHex(value, bytes)) return value;
  throw malformed(path, bytes === undefined ? "bytes in hexadecimal" : `${bytes} bytes in hexadecimal`);
}

function truth(reader: JsonReader, name: string): boolean {
  const value = reader.raw(name);
  if (typeof value === "boolean") return value;
  throw malformed(reader.at(name), "true or false");
}

function objectOf(value: Json): JsonObject {
  if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as JsonObject;
  throw malformed("terms", "an object or null");
}

function malformed(path: string, expected: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `'${path}' must be ${expected}`, { facts: { path } });
}
