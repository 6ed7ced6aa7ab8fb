import { secp256k1 } from "@noble/curves/secp256k1.js";
import { fromHex, type Hex, isHex, toHex } from "../kernel/bytes.ts";
import { keccak256 } from "../kernel/hash.ts";
import type { Address, Bytes32 } from "../kernel/ids.ts";

/** r || s || v with low s and v 27 or 28, as `ecrecover` in the contracts wants it. */
const SIGNATURE_BYTES = 65;

/** Signs a digest with a wallet's secret, repeatably (RFC 6979). */
export function signDigest(digest: Bytes32, secret: Bytes32): Hex {
  const signature = secp256k1.sign(fromHex(digest), fromHex(secret), { prehash: false, format: "recovered" });
  // The library puts the recovery bit first, Ethereum wants v last.
  const recovery = signature[0] as number;
  return `${toHex(signature.subarray(1))}${(27 + recovery).toString(16)}` as Hex;
}

/** Whose wallet signed the digest; null where the signature is malformed or has a high s. */
export function recoverWallet(digest: Bytes32, signature: Hex): Address | null {
  if (!isHex(signature, SIGNATURE_BYTES)) return null;
  const bytes = fromHex(signature);
  const v = bytes[64];
  if (v !== 27 && v !== 28) return null;
  try {
    const parsed = secp256k1.Signature.fromBytes(bytes.subarray(0, 64)).addRecoveryBit(v - 27);
    if (parsed.hasHighS()) return null;
    return addressOf(parsed.recoverPublicKey(fromHex(digest)).toBytes(false));
  } catch {
    return null;
  }
}

/** The address of a wallet's secret. */
export function walletAddress(secret: Bytes32): Address {
  return addressOf(secp256k1.getPublicKey(fromHex(secret), false));
}

function addressOf(uncompressed: Uint8Array): Address {
  return `0x${keccak256(uncompressed.subarray(1)).slice(-40)}`;
}
