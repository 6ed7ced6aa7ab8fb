import { fromBase64url, toBase64url } from "../../kernel/base64url.ts";
import { utf8 } from "../../kernel/bytes.ts";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import type { AgentId } from "../../kernel/ids.ts";
import type { Crypto } from "../../ports/crypto.ts";
import type { Json } from "../../terms/canonical-json.ts";
import { type Certificate, certificateFromHex } from "../../terms/certificate.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import { decodePart, signingInput } from "../../terms/jwt.ts";
import type { CertificateVerifier } from "../certificate.ts";
import { keyIdOf, requireEs256, verifyEs256 } from "../es256.ts";
import { type AgentCard, listOf } from "./agent-card.ts";
import { bareCard, canonicalCard } from "./canonical.ts";
import { CERTIFICATE_MEMBER } from "./sign.ts";

/** Whose a card is, by its signature. */
export interface VerifiedCard {
  readonly agent: AgentId;
  /** Until when its key counts, in Unix seconds, unless it is revoked before. */
  readonly until: number;
}

export interface CardContext {
  readonly certificates: CertificateVerifier;
  readonly crypto: Crypto;
}

/** More signatures than any rotation leaves on a card; each costs whoever looks at it. */
const MOST_SIGNATURES = 8;

const MOST_PART = 4_096;

/**
 * Finds a signature on the card whose key an agent's wallet certified. What a card says of where its keys lie (`jku`) is
 * never followed: whoever can forge a card can forge that.
 */
export async function verifyCard(card: AgentCard, context: CardContext, now: number): Promise<VerifiedCard> {
  const { content } = card;
  const signatures = Object.hasOwn(content, "signatures") ? listOf(new JsonReader(content, "card"), "signatures") : [];
  const payloads = [...new Set([canonicalCard(content), bareCard(content)])].map((text) =>
    toBase64url(utf8.encode(text)),
  );
  let why = "it is not signed";
  for (const signature of signatures.slice(0, MOST_SIGNATURES)) {
    try {
      return await verifyOne(signature, payloads, context, now);
    } catch (thrown) {
      // A registry out of reach says nothing about the card.
      if (!(thrown instanceof ParleyError) || thrown.retryable) throw thrown;
      why = messageOf(thrown);
    }
  }
  throw new ParleyError("CardUnverified", `nobody stands behind the agent card ${JSON.stringify(card.name)}: ${why}`, {
    hint: "trust nothing of it; ask the agent's operator to sign it with a key that its wallet certified",
    facts: { signatures: signatures.length },
  });
}

async function verifyOne(
  value: Json,
  payloads: readonly string[],
  { crypto, certificates }: CardContext,
  now: number,
): Promise<VerifiedCard> {
  const reader = new JsonReader(value, "signature");
  const head = reader.text("protected", MOST_PART);
  const header = decodePart(head);
  requireEs256(header);
  const certificate = readCertificate(reader);
  if (header["kid"] !== keyIdOf(certificate)) {
    throw new ParleyError("BadSignature", "the signature's `kid` names another key than its certificate");
  }
  const signature = fromBase64url(reader.text("signature", 100));
  for (const payload of payloads) {
    if (!(await verifyEs256(crypto, certificate.key, signingInput(head, payload), signature))) continue;
    const { agent, notAfter } = certificate.key;
    await certificates.verify(certificate, agent, now, now);
    return { agent, until: notAfter };
  }
  throw new ParleyError("BadSignature", "its signature is not good");
}

function readCertificate(reader: JsonReader): Certificate {
  if (!reader.has("header")) throw new ParleyError("BadSignature", "its signature brings no certificate of a wallet");
  return certificateFromHex(reader.object("header").text(CERTIFICATE_MEMBER, 1_000));
}
