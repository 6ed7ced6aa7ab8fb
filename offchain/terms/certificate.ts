import { ByteReader, ByteWriter } from "../kernel/binary.ts";
import type { Hex } from "../kernel/bytes.ts";
import { fromHex, toHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { keccakText } from "../kernel/hash.ts";
import type { Address, AgentId, Bytes32 } from "../kernel/ids.ts";
import { AbiWords } from "./abi-words.ts";

/** A wallet's word that a P-256 key may speak for its agent at one Settlement for a while. */
export interface SessionKey {
  readonly agent: AgentId;
  readonly settlement: Address;
  readonly x: Bytes32;
  readonly y: Bytes32;
  /** Unix seconds; the key counts from then on. */
  readonly notBefore: number;
  /** Unix seconds; the key counts up to and including then. */
  readonly notAfter: number;
  readonly epoch: number;
}

/** A session key with the wallet's EIP-712 signature over it: 65 bytes, or none where it is not signed. */
export interface Certificate {
  readonly key: SessionKey;
  readonly signature: Hex;
}

/** Bytes of a wallet's signature, `r || s || v`. */
const SIGNATURE_BYTES = 65;

const SESSION_KEY_TYPEHASH = keccakText(
  "SessionKey(uint256 agent,address settlement,bytes32 x,bytes32 y,uint64 notBefore,uint64 notAfter,uint32 epoch)",
);

export function hashSessionKey(key: SessionKey): Bytes32 {
  return new AbiWords(8)
    .bytes32(SESSION_KEY_TYPEHASH)
    .uint(key.agent, 256)
    .address(key.settlement)
    .bytes32(key.x)
    .bytes32(key.y)
    .uint(key.notBefore, 64)
    .uint(key.notAfter, 64)
    .uint(key.epoch, 32)
    .keccak256();
}

export function writeCertificate(writer: ByteWriter, { key, signature }: Certificate): ByteWriter {
  return writer
    .bigUint(key.agent, 32)
    .hex(key.settlement, 20)
    .hex(key.x, 32)
    .hex(key.y, 32)
    .uint(key.notBefore, 8)
    .uint(key.notAfter, 8)
    .uint(key.epoch, 4)
    .block(checkSignature(fromHex(signature)), 2);
}

export function readCertificate(reader: ByteReader): Certificate {
  const key: SessionKey = {
    agent: reader.bigUint(32),
    settlement: reader.hex(20),
    x: reader.hex(32),
    y: reader.hex(32),
    notBefore: reader.uint(8),
    notAfter: reader.uint(8),
    epoch: reader.uint(4),
  };
  return { key, signature: toHex(checkSignature(reader.block(2))) };
}

/** A certificate as text, for documents. */
export function certificateToHex(certificate: Certificate): Hex {
  return toHex(writeCertificate(new ByteWriter(), certificate).finish());
}

export function certificateFromHex(hex: string): Certificate {
  const reader = new ByteReader(fromHex(hex));
  const certificate = readCertificate(reader);
  reader.end();
  return certificate;
}

function checkSignature(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0 || bytes.length === SIGNATURE_BYTES) return bytes;
  throw new ParleyError("Malformed", `a certificate is signed with ${SIGNATURE_BYTES} bytes or none`, {
    facts: { actual: bytes.length },
  });
}
