// Type tests: checked by tsc, never run.
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import { WebCrypto } from "../../offchain/adapters/crypto/web/crypto.ts";
import { type Clock, SimulatedClock } from "../../offchain/kernel/clock.ts";
import { type Entropy, SeededEntropy } from "../../offchain/kernel/random.ts";
import type { Crypto, PublicKey, SessionSecret } from "../../offchain/ports/crypto.ts";
import type { Certificate } from "../../offchain/terms/certificate.ts";
import { type Equal, expectType } from "./expect.ts";

// Each implementation is one of its port.
new NodeCrypto() satisfies Crypto;
new WebCrypto() satisfies Crypto;
new SimulatedClock() satisfies Clock;
new SeededEntropy(1) satisfies Entropy;

// Native code answers at once, a browser later; whoever takes the port has to await.
const key: PublicKey = { x: "0x", y: "0x" };
expectType<Equal<ReturnType<NodeCrypto["verify"]>, boolean>>();
expectType<Equal<ReturnType<WebCrypto["verify"]>, Promise<boolean>>>();
expectType<Equal<ReturnType<Crypto["verify"]>, boolean | Promise<boolean>>>();

// A certificate's key can verify; a public key is no secret.
declare const certificate: Certificate;
certificate.key satisfies PublicKey;
// @ts-expect-error the secret is missing
key satisfies SessionSecret;
