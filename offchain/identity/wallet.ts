import type { Hex } from "../kernel/bytes.ts";
import type { Address, Bytes32 } from "../kernel/ids.ts";
import { signDigest, walletAddress } from "../terms/wallet-signature.ts";

/** Signs for an agent's wallet. The secret may live elsewhere: in a device, a vault, another process. */
export interface Wallet {
  readonly address: Address;
  signDigest(digest: Bytes32): Hex | Promise<Hex>;
}

/** A wallet whose secret is in this process. */
export function localWallet(secret: Bytes32): Wallet {
  return { address: walletAddress(secret), signDigest: (digest) => signDigest(digest, secret) };
}
