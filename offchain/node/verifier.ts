import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import type { Crypto } from "../ports/crypto.ts";

/** Native cryptography, for whoever only verifies. */
export const verifier: Crypto = new NodeCrypto();
