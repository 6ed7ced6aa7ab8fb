import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { fromHex, type Hex, toHex } from "../../../offchain/kernel/bytes.ts";
import { isLowS, toLowS } from "../../../offchain/terms/p256-signature.ts";
import { recoverWallet, signDigest, walletAddress } from "../../../offchain/terms/wallet-signature.ts";
import * as anything from "../arbitraries.ts";

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const SECP_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

const word = (value: bigint) => value.toString(16).padStart(64, "0");
const p256 = (s: bigint): Hex => `0x${"11".repeat(32)}${word(s)}`;

describe("low s of P-256", () => {
  it("is up to half of the order, the band where the top digits tie included", () => {
    const half = P256_ORDER / 2n;
    const low = [0n, 1n, half - 1n, half, 0x7fffffffn << 224n];
    const high = [half + 1n, P256_ORDER - 1n, (0x80000000n << 224n) - 1n, 0x80000000n << 224n];
    for (const s of low) assert.equal(isLowS(p256(s)), true, word(s));
    for (const s of high) assert.equal(isLowS(p256(s)), false, word(s));
  });

  it("is what every signature is brought to, keeping r and the one other s that verifies", () => {
    const property = fc.property(anything.hex(32), fc.bigInt({ min: 1n, max: P256_ORDER - 1n }), (r, s) => {
      const low = toLowS(fromHex(`${r}${word(s)}`));
      assert.equal(isLowS(low), true);
      assert.equal(low.slice(0, 66), r);
      const got = BigInt(`0x${low.slice(66)}`);
      assert.ok(got === s || got === P256_ORDER - s);
      assert.equal(toLowS(fromHex(low)), low);
    });
    fc.assert(property);
  });
});

describe("signatures of wallets", () => {
  const secret = fc.bigInt({ min: 1n, max: SECP_ORDER - 1n }).map((value): Hex => `0x${word(value)}`);

  it("give back the wallet, and the same bytes each time", () => {
    const property = fc.property(anything.bytes32, secret, (digest, key) => {
      const signature = signDigest(digest, key);
      assert.equal(signature, signDigest(digest, key));
      assert.equal(recoverWallet(digest, signature), walletAddress(key));
    });
    fc.assert(property, { numRuns: 50 });
  });

  it("are Ethereum's: the first account that every development chain has", () => {
    const key = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    assert.equal(walletAddress(key), "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266");
  });

  it("name somebody else, or nobody, over another digest", () => {
    const [digest, other] = [`0x${"01".repeat(32)}`, `0x${"02".repeat(32)}`] as const;
    const key = `0x${"07".repeat(32)}` as const;
    assert.notEqual(recoverWallet(other, signDigest(digest, key)), walletAddress(key));
  });

  it("are refused with the higher s, which the contracts don't take either", () => {
    const digest = `0x${"01".repeat(32)}` as const;
    const signature = signDigest(digest, `0x${"07".repeat(32)}`);
    const s = SECP_ORDER - BigInt(`0x${signature.slice(66, 130)}`);
    const v = signature.endsWith("1b") ? "1c" : "1b";
    const high = `${signature.slice(0, 66)}${word(s)}${v}` as Hex;
    const parsed = secp256k1.Signature.fromBytes(fromHex(high).subarray(0, 64)).addRecoveryBit(v === "1b" ? 0 : 1);
    const point = parsed.recoverPublicKey(fromHex(digest)).toHex(false);
    // It would be a good signature of the same wallet, were it not for the rule.
    assert.equal(point, toHex(secp256k1.getPublicKey(fromHex(`0x${"07".repeat(32)}`), false)).slice(2));
    assert.equal(recoverWallet(digest, high), null);
  });

  it("name nobody where they are malformed, and throw nothing", () => {
    const digest = `0x${"01".repeat(32)}` as const;
    const good = signDigest(digest, `0x${"07".repeat(32)}`);
    const zeros = "00".repeat(32);
    const wrong = ["", "0x", "0x0", good.slice(0, -2), `${good}00`, `${good.slice(0, -2)}00`, `${good.slice(0, -2)}1d`];
    const ranges = [`0x${zeros}${zeros}1b`, `0x${word(SECP_ORDER)}${word(1n)}1b`, `0x${word(1n)}${word(SECP_ORDER)}1b`];
    for (const signature of [...wrong, ...ranges, `${good.slice(0, -1)}z`, `0x${zeros}${good.slice(66)}`]) {
      assert.equal(recoverWallet(digest, signature as Hex), null, signature);
    }
  });

  it("throw nothing at random bytes", () => {
    const property = fc.property(anything.bytes32, anything.hex(65), (digest, signature) => {
      const wallet = recoverWallet(digest, signature);
      assert.ok(wallet === null || /^0x[0-9a-f]{40}$/.test(wallet));
    });
    fc.assert(property);
  });
});
