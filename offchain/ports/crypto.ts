import type { Hex } from "../kernel/bytes.ts";
import type { Bytes32 } from "../kernel/ids.ts";

/** The public half of a P-256 key: the two coordinates of its point. */
export interface PublicKey {
  readonly x: Bytes32;
  readonly y: Bytes32;
}

/** A P-256 key pair as it is stored. `d` is the secret. */
export interface SessionSecret extends PublicKey {
  readonly d: Bytes32;
}

/** Signs with a P-256 key that never leaves it. */
export interface SessionSigner {
  readonly publicKey: PublicKey;
  /** ECDSA with SHA-256 over `message`: r || s with low s, 64 bytes. */
  sign(message: Uint8Array): Hex | Promise<Hex>;
  /** Opens what was sealed to this key in the same context; null for anything else. */
  unseal(sealed: Uint8Array, context: Uint8Array): Uint8Array | null | Promise<Uint8Array | null>;
}

/**
 * P-256 as the domain sees it. Results may come at once or later: native code answers at once, a browser's
 * does not.
 */
export interface Crypto {
  generateSessionSecret(): SessionSecret | Promise<SessionSecret>;
  /** Throws `BadKey` where the three numbers are not one key pair. */
  sessionSigner(secret: SessionSecret): SessionSigner | Promise<SessionSigner>;
  /** True only for a low-s signature of `message` by `key`; false, never an exception, for anything else. */
  verify(key: PublicKey, message: Uint8Array, signature: Hex): boolean | Promise<boolean>;
  /**
   * Encrypts for whoever holds the key: x || y of a key pair made for this alone, and AES-256-GCM with a nonce of zeros under
   * HKDF-SHA-256 of the two keys' shared x (salt: both public keys, the made one first; info: "parley sealed " || context).
   */
  sealTo(key: PublicKey, content: Uint8Array, context: Uint8Array): Uint8Array | Promise<Uint8Array>;
}
