import { type Hex, isHex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import { Secret } from "../../kernel/secret.ts";
import type { SessionSecret } from "../../ports/crypto.ts";
import type { KeptSessionKey } from "../../ports/session-vault.ts";
import { canonicalJson, type Json, parseCanonicalJson } from "../../terms/canonical-json.ts";
import { certificateFromHex, certificateToHex } from "../../terms/certificate.ts";
import { JsonReader } from "../../terms/json-reader.ts";

/** What a key file seals: the secrets of one agent. */
export interface Contents {
  readonly wallet: Secret<Bytes32>;
  /** Oldest first. */
  readonly sessions: readonly KeptSessionKey[];
}

const VERSION = 1;

/** More session keys than overlap however fast they rotate. */
const MOST_SESSIONS = 64;

const MOST_CERTIFICATE_CHARACTERS = 1_000;

export function encodeContents({ wallet, sessions }: Contents): string {
  return canonicalJson({
    version: VERSION,
    wallet: wallet.reveal(),
    sessions: sessions.map(({ secret, certificate, retired }) => {
      const { d, x, y } = secret.reveal();
      return { d, x, y, certificate: certificateToHex(certificate), retired: retired ? "yes" : "no" };
    }),
  });
}

export function decodeContents(text: string): Contents {
  const reader = new JsonReader(parseCanonicalJson(text), "keys");
  reader.integer("version", VERSION, VERSION);
  const wallet = new Secret(reader.bytes32("wallet"));
  const sessions = reader.raw("sessions");
  reader.end();
  if (!Array.isArray(sessions) || sessions.length > MOST_SESSIONS) {
    throw new ParleyError("Malformed", `'keys.sessions' must be a list of at most ${MOST_SESSIONS}`);
  }
  return { wallet, sessions: sessions.map((one: Json, index) => readSession(one, index)) };
}

/** The key file of earlier versions, which was not encrypted. Its session key had no certificate, so it is left behind. */
export function decodePlain(text: string): Secret<Bytes32> {
  try {
    const { wallet } = JSON.parse(text) as { wallet: Json };
    if (isHex(wallet, 32)) return new Secret(wallet.toLowerCase() as Bytes32);
  } catch {
    // What a parser quotes may be a secret.
  }
  throw new ParleyError("KeysUnreadable", "it is no key file of an earlier version", {
    hint: "name a file with members `wallet` and `session`",
  });
}

function readSession(value: Json, index: number): KeptSessionKey {
  const reader = new JsonReader(value, `keys.sessions.${index}`);
  const secret: SessionSecret = { d: reader.bytes32("d"), x: reader.bytes32("x"), y: reader.bytes32("y") };
  const kept: KeptSessionKey = {
    secret: new Secret(secret),
    certificate: certificateFromHex(reader.text("certificate", MOST_CERTIFICATE_CHARACTERS) as Hex),
    retired: reader.oneOf("retired", ["yes", "no"]) === "yes",
  };
  reader.end();
  return kept;
}
