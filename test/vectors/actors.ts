// Who speaks in the vectors and in the tests that need signatures: always the same agents with the same keys, so that
// every byte comes out the same each time.
import { p256 } from "@noble/curves/nist.js";
import { fromHex, type Hex, toHex } from "../../offchain/kernel/bytes.ts";
import type { Address, AgentId, Bytes32 } from "../../offchain/kernel/ids.ts";
import { SeededEntropy } from "../../offchain/kernel/random.ts";
import type { Deployment } from "../../offchain/ports/chain.ts";
import type { SessionSecret } from "../../offchain/ports/crypto.ts";
import { type Certificate, hashSessionKey, type SessionKey } from "../../offchain/terms/certificate.ts";
import { domainSeparator, registryDomain, settlementDomain, typedDigest } from "../../offchain/terms/eip712.ts";
import { signDigest, walletAddress } from "../../offchain/terms/wallet-signature.ts";

export const DEPLOYMENT: Deployment = {
  chainId: 31_337,
  registry: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
  settlement: "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512",
};

/** Domain separators of that Settlement and of that AgentRegistry. */
export const SETTLEMENT = domainSeparator(settlementDomain(DEPLOYMENT.chainId, DEPLOYMENT.settlement));
export const REGISTRY = domainSeparator(registryDomain(DEPLOYMENT.chainId, DEPLOYMENT.registry));

/** 2027-01-15 08:00:00 UTC, in seconds: when everything in the vectors happens. */
export const NOW = 1_800_000_000;

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** An agent with all its secrets. */
export interface Actor {
  readonly agent: AgentId;
  readonly session: SessionSecret;
  readonly walletSecret: Bytes32;
  readonly wallet: Address;
  readonly certificate: Certificate;
  /** A salt of its own, for OPEN or JOIN. */
  readonly salt: Bytes32;
}

/** The agent of that id; its keys follow from the id. `changes` go into the certificate before it is signed. */
export function actor(agent: AgentId, changes: Partial<SessionKey> = {}): Actor {
  const entropy = new SeededEntropy(Number(agent % 0xffff_ffffn));
  const draw = () => toHex(entropy.bytes(32));
  const session = sessionSecret(draw());
  const walletSecret = draw();
  const certificate = certify(walletSecret, {
    agent,
    settlement: DEPLOYMENT.settlement,
    x: session.x,
    y: session.y,
    notBefore: NOW - 86_400,
    notAfter: NOW + 7 * 86_400,
    epoch: 1,
    ...changes,
  });
  return { agent, session, walletSecret, wallet: walletAddress(walletSecret), certificate, salt: draw() };
}

export function certify(walletSecret: Bytes32, key: SessionKey): Certificate {
  return { key, signature: signDigest(typedDigest(REGISTRY, hashSessionKey(key)), walletSecret) };
}

function sessionSecret(d: Bytes32): SessionSecret {
  const point = p256.getPublicKey(fromHex(d), false);
  return { d, x: toHex(point.subarray(1, 33)), y: toHex(point.subarray(33)) };
}

/** Signs as RFC 6979 has it, without chance: the platform's own signatures differ each time. */
export function signP256(secret: SessionSecret, message: Uint8Array): Hex {
  return toHex(p256.sign(message, fromHex(secret.d), { prehash: true, lowS: true }));
}

/** The other signature that verifies: its s is the higher one. */
export function highS(signature: Hex): Hex {
  const high = ORDER - BigInt(`0x${signature.slice(66)}`);
  return `${signature.slice(0, 66)}${high.toString(16).padStart(64, "0")}` as Hex;
}

/** The same with its lowest bit turned over. */
export function flip(hex: Hex): Hex {
  return `${hex.slice(0, -1)}${(Number.parseInt(hex.slice(-1), 16) ^ 1).toString(16)}` as Hex;
}

/** The same with the lowest bit of one byte turned over. */
export function flipByte(hex: Hex, at: number): Hex {
  const end = 2 + 2 * (at + 1);
  return `${flip(hex.slice(0, end) as Hex)}${hex.slice(end)}` as Hex;
}
