import { ParleyError } from "../kernel/errors.ts";
import type { Crypto, SessionSigner } from "../ports/crypto.ts";
import type { Certificate } from "../terms/certificate.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { encodePart, parseJwt, signingInput } from "../terms/jwt.ts";
import { type MeterReading, readingFromJson, readingToJson } from "../terms/meter-reading.ts";
import { ES256, keyIdOf, requireEs256, signEs256, verifyEs256 } from "./es256.ts";

/** The media type of signed readings: so no token that the same key signs can be taken for one. */
const READING_TYPE = "parley-reading+jwt";

/** Signs a reading with the session key that its deal was negotiated with: a JWS in compact form. */
export async function signReading(
  signer: SessionSigner,
  certificate: Certificate,
  reading: MeterReading,
): Promise<string> {
  const head = encodePart({ alg: ES256, typ: READING_TYPE, kid: keyIdOf(certificate) });
  const body = encodePart(readingToJson(reading));
  return `${head}.${body}.${await signEs256(signer, signingInput(head, body))}`;
}

/** What was signed, by whichever of these certificates' keys. Rejects for anything that none of them has signed as its own reading. */
export async function verifyReading(
  crypto: Crypto,
  signed: string,
  certificates: readonly Certificate[],
): Promise<MeterReading> {
  const { header, claims, signature, input } = parseJwt(signed);
  requireEs256(header);
  const reader = new JsonReader(header, "reading");
  reader.raw("alg");
  reader.oneOf("typ", [READING_TYPE]);
  const id = reader.bytes32("kid");
  reader.end();
  const certificate = certificates.find((one) => keyIdOf(one) === id);
  if (certificate === undefined) throw refused("it is signed with a key of neither side");
  if (!(await verifyEs256(crypto, certificate.key, input, signature))) throw refused("its signature is not good");
  const reading = readingFromJson(claims);
  if (reading.reader !== certificate.key.agent) throw refused("it is signed by another agent than it names");
  return reading;
}

function refused(why: string): ParleyError<"ReadingRefused"> {
  return new ParleyError("ReadingRefused", `the reading proves nothing: ${why}`, {
    hint: "take readings only as the agent wrote them",
  });
}
