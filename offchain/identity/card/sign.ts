import { toBase64url } from "../../kernel/base64url.ts";
import { utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Json, JsonObject } from "../../terms/canonical-json.ts";
import { certificateToHex } from "../../terms/certificate.ts";
import { encodePart, signingInput } from "../../terms/jwt.ts";
import { ES256, keyIdOf, signEs256 } from "../es256.ts";
import type { SigningKeys } from "../signing-keys.ts";
import { readCard } from "./agent-card.ts";
import { bareCard, canonicalCard } from "./canonical.ts";

/**
 * The member of a signature's unprotected header that holds the wallet's certificate. It needs no protection: `kid` names
 * it by its hash, and its own signature is the wallet's.
 */
export const CERTIFICATE_MEMBER = "parleyCertificate";

export interface CardSigning {
  /** Until when the signature should count, in Unix seconds: sign again before that. */
  readonly until: number;
  /** Where the public key is published, for clients that know nothing of registries. */
  readonly jku?: string;
}

/** Adds a signature by the newest session key to a card. Those that it has stay, as while one key follows another. */
export async function signCard(card: JsonObject, keys: SigningKeys, { until, jku }: CardSigning): Promise<JsonObject> {
  const { content } = readCard(card);
  const payload = canonicalCard(content);
  if (payload !== bareCard(content)) {
    throw new ParleyError("CardAmbiguous", "the card holds something empty, which not everybody canonicalises alike", {
      hint: "leave out empty texts, lists and objects; give what is required a content",
    });
  }
  const certificate = keys.certificate(until);
  const header = { alg: ES256, typ: "JOSE", kid: keyIdOf(certificate), ...(jku === undefined ? {} : { jku }) };
  const head = encodePart(header);
  const input = signingInput(head, toBase64url(utf8.encode(payload)));
  const signature = await signEs256(keys.signer(certificate.key), input);
  const signed = { protected: head, signature, header: { [CERTIFICATE_MEMBER]: certificateToHex(certificate) } };
  const present = content["signatures"];
  return { ...content, signatures: [...(Array.isArray(present) ? (present as Json[]) : []), signed] };
}
