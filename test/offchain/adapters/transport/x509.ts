// Certificates for tests, made on the spot: nothing that could end while nobody looks, and no program but Node is needed.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate with its key, both in PEM. */
export interface Identity {
  readonly key: string;
  readonly cert: string;
}

export interface Authority extends Identity {
  readonly name: string;
  readonly privateKey: KeyObject;
}

const DAY_MS = 86_400_000;

/** Object identifiers, ready encoded. */
const COMMON_NAME = "0603550403";
const ECDSA_WITH_SHA256 = "06082a8648ce3d040302";
const BASIC_CONSTRAINTS = "0603551d13";
const ALTERNATIVE_NAME = "0603551d11";

export function makeAuthority(name: string): Authority {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const isAuthority = extension(BASIC_CONSTRAINTS, sequence(hex("0101ff")));
  const cert = certify(publicKey, name, [isAuthority], { name, privateKey });
  return { name, privateKey, key: pem(privateKey), cert };
}

/** A certificate of that authority for these alternative names, e.g. `DNS:a.example`. */
export function makeIdentity(authority: Authority, ...names: string[]): Identity {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const extensions = names.length === 0 ? [] : [extension(ALTERNATIVE_NAME, sequence(...names.map(alternativeName)))];
  return { key: pem(privateKey), cert: certify(publicKey, "leaf", extensions, authority) };
}

function certify(
  subjectKey: KeyObject,
  subject: string,
  extensions: readonly Buffer[],
  { name, privateKey }: { name: string; privateKey: KeyObject },
): string {
  const algorithm = sequence(hex(ECDSA_WITH_SHA256));
  const body = sequence(
    tag(0xa0, hex("020102")),
    tag(0x02, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    algorithm,
    distinguished(name),
    sequence(time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
    distinguished(subject),
    subjectKey.export({ type: "spki", format: "der" }),
    ...(extensions.length === 0 ? [] : [tag(0xa3, sequence(...extensions))]),
  );
  const der = sequence(body, algorithm, bits(sign("sha256", body, privateKey)));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function alternativeName(name: string): Buffer {
  const [kind, ...rest] = name.split(":");
  const value = Buffer.from(rest.join(":"), "latin1");
  return tag(kind === "DNS" ? 0x82 : kind === "URI" ? 0x86 : 0x87, kind === "IP" ? Buffer.of(127, 0, 0, 1) : value);
}

function distinguished(name: string): Buffer {
  return sequence(tag(0x31, sequence(hex(COMMON_NAME), tag(0x0c, Buffer.from(name)))));
}

function extension(identifier: string, value: Buffer): Buffer {
  return sequence(hex(identifier), tag(0x04, value));
}

function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/\D/g, "").slice(0, 14);
  return tag(0x18, Buffer.from(`${digits}Z`));
}

function bits(value: Buffer): Buffer {
  return tag(0x03, Buffer.concat([Buffer.of(0), value]));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tag(0x30, Buffer.concat(parts));
}

function tag(type: number, value: Buffer): Buffer {
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.of(type, length), value]);
  return Buffer.concat([Buffer.of(type, 0x82, length >> 8, length & 0xff), value]);
}

function hex(text: string): Buffer {
  return Buffer.from(text, "hex");
}

function pem(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}
