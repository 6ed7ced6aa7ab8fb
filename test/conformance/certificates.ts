/** Throw-away X.509 certificates, since Node can read but not make them. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Certified {
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
}

export interface Authority extends Certified {
  /** A certificate for localhost, by name and address, and for any client. */
  issue(name: string): Certified;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const GENERALIZED_TIME = 0x18;
const BOOLEAN = 0x01;

/** Among the alternative names of a subject. */
const NAME_TAG = 0x82;
const ADDRESS_TAG = 0x87;

/** Object identifiers, encoded. */
const ECDSA_WITH_SHA256 = "2a8648ce3d040302";
const COMMON_NAME = "550403";
const SUBJECT_ALT_NAME = "551d11";
const BASIC_CONSTRAINTS = "551d13";

/** An authority that nobody trusts who isn't told to. */
export function makeAuthority(name: string): Authority {
  const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const isAuthority = extension(BASIC_CONSTRAINTS, der(SEQUENCE, der(BOOLEAN, Buffer.of(0xff))));
  const own = certify(name, keys.publicKey, name, keys.privateKey, isAuthority);
  return {
    certificate: own,
    key: pemOf(keys.privateKey),
    issue: (subject) => {
      const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const names = der(SEQUENCE, der(NAME_TAG, Buffer.from("localhost")), der(ADDRESS_TAG, Buffer.of(127, 0, 0, 1)));
      const where = extension(SUBJECT_ALT_NAME, names);
      return { certificate: certify(subject, publicKey, name, keys.privateKey, where), key: pemOf(privateKey) };
    },
  };
}

function certify(subject: string, key: KeyObject, issuer: string, issuerKey: KeyObject, more: Buffer): string {
  const algorithm = der(SEQUENCE, objectId(ECDSA_WITH_SHA256));
  const content = der(
    SEQUENCE,
    // Version 3.
    der(0xa0, der(INTEGER, Buffer.of(2))),
    der(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    nameOf(issuer),
    der(SEQUENCE, time("20200101000000Z"), time("20991231235959Z")),
    nameOf(subject),
    key.export({ type: "spki", format: "der" }),
    der(0xa3, der(SEQUENCE, more)),
  );
  const signature = sign("sha256", content, issuerKey);
  const whole = der(SEQUENCE, content, algorithm, der(BIT_STRING, Buffer.of(0), signature));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function extension(id: string, value: Buffer): Buffer {
  return der(SEQUENCE, objectId(id), der(OCTET_STRING, value));
}

function nameOf(text: string): Buffer {
  return der(SEQUENCE, der(SET, der(SEQUENCE, objectId(COMMON_NAME), der(UTF8_STRING, Buffer.from(text)))));
}

function objectId(hex: string): Buffer {
  return der(OBJECT_ID, Buffer.from(hex, "hex"));
}

function time(text: string): Buffer {
  return der(GENERALIZED_TIME, Buffer.from(text));
}

/** Tag, length, content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}
