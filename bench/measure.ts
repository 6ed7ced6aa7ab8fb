import { NodeCrypto } from "../offchain/adapters/crypto/node/crypto.ts";

const crypto = new NodeCrypto();
const signer = crypto.sessionSigner(crypto.generateSessionSecret());

/** Milliseconds that signing and verifying that many envelopes takes, and nothing else. */
export function measureFloor(envelopes: number): number {
  const preimages = Array.from({ length: envelopes }, (_, index) => new Uint8Array(320).fill(index));
  const before = performance.now();
  for (const preimage of preimages) {
    const signature = signer.sign(preimage);
    if (typeof signature !== "string" || !crypto.verify(signer.publicKey, preimage, signature)) {
      throw new Error("a signature of our own does not verify");
    }
  }
  return performance.now() - before;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value that the given share of all values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
