// The off-chain half of session keys, with node:crypto: what Settlement has to accept, written independently of it.
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import {
  AbiCoder,
  concat,
  getBytes,
  hexlify,
  id,
  Signature,
  type Signer,
  type TypedDataDomain,
  type TypedDataField,
  toBeHex,
  toBigInt,
} from "ethers";

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

export const certificateTypes = {
  SessionKey: [
    { name: "agent", type: "uint256" },
    { name: "settlement", type: "address" },
    { name: "x", type: "bytes32" },
    { name: "y", type: "bytes32" },
    { name: "notBefore", type: "uint64" },
    { name: "notAfter", type: "uint64" },
    { name: "epoch", type: "uint32" },
  ],
} satisfies Record<string, TypedDataField[]>;

const ENVELOPE_TYPEHASH = id(
  "Envelope(bytes32 negotiation,uint256 agent,uint32 seq,uint8 kind,uint64 sentAt," +
    "bytes32 prev,bytes32 seen,bytes32 body)",
);

export interface Certificate {
  agent: bigint;
  settlement: string;
  notBefore: number;
  notAfter: number;
  epoch: bigint;
}

export interface Envelope {
  negotiation: string;
  agent: bigint;
  seq: number;
  kind: number;
  sentAt: bigint;
  prev: string;
  seen: string;
  body: string;
}

/** What is hashed and signed of an envelope at the Settlement with this domain separator. */
export function encodeEnvelope(domain: string, envelope: Envelope): Uint8Array {
  const { negotiation, agent, seq, kind, sentAt, prev, seen, body } = envelope;
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ["bytes32", "bytes32", "bytes32", "uint256", "uint32", "uint8", "uint64", "bytes32", "bytes32", "bytes32"],
    [domain, ENVELOPE_TYPEHASH, negotiation, agent, seq, kind, sentAt, prev, seen, body],
  );
  return getBytes(encoded);
}

export function hashEnvelope(domain: string, envelope: Envelope): string {
  return hexlify(createHash("sha256").update(encodeEnvelope(domain, envelope)).digest());
}

export class SessionKey {
  readonly x: string;
  readonly y: string;
  readonly #key: KeyObject;

  /** A fresh one, unless it is said whose public half it shall have: then whoever says so has to sign, too. */
  constructor(public_?: { x: string; y: string }) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = publicKey.export({ format: "jwk" });
    this.#key = privateKey;
    this.x = public_?.x ?? hexlify(Buffer.from(x, "base64url"));
    this.y = public_?.y ?? hexlify(Buffer.from(y, "base64url"));
  }

  /** Lets a wallet certify this key; the signature in the form Settlement takes. */
  async certify(wallet: Signer, domain: TypedDataDomain, certificate: Certificate) {
    const message = { ...certificate, x: this.x, y: this.y };
    const { r, yParityAndS } = Signature.from(await wallet.signTypedData(domain, certificateTypes, message));
    return { certificateR: r, certificateVS: yParityAndS };
  }

  /** Signs with the lower of both possible `s`, unless told otherwise; node:crypto itself returns either. */
  signEnvelope(domain: string, envelope: Envelope, highS = false) {
    const data = encodeEnvelope(domain, envelope);
    const signature = sign("sha256", data, { key: this.#key, dsaEncoding: "ieee-p1363" });
    const s = toBigInt(signature.subarray(32));
    const isHigh = s > N / 2n;
    return {
      r: hexlify(signature.subarray(0, 32)),
      s: toBeHex(isHigh === highS ? s : N - s, 32),
      hash: hashEnvelope(domain, envelope),
    };
  }
}

/** Ethers' form of a signature with the other, higher of both possible `s`. */
export function highS(signature: string): string {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const { r, s, v } = Signature.from(signature);
  return concat([r, toBeHex(order - toBigInt(s), 32), v === 27 ? "0x1c" : "0x1b"]);
}
