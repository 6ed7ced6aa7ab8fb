import type { Bytes32 } from "../kernel/ids.ts";

/** How much is taken, and how long is waited for all of it. */
export interface FetchLimits {
  readonly mostBytes: number;
  readonly timeoutMs: number;
}

/**
 * Where files of evidence come from. Addresses were written by parties to a dispute, either of whom may be hostile. Rejects with
 * `EvidenceUnreachable` where there is nothing, and `EvidenceRefused` where the address itself is not to be followed.
 */
export interface EvidenceSource {
  fetch(uri: string, limits: FetchLimits): Promise<Uint8Array>;
  /** A file that is at hand already, by its SHA-256; null where there is none. */
  atHand(hash: Bytes32): Promise<Uint8Array | null>;
}
