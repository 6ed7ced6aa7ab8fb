// Both implementations of the port through the same questions, alone and against each other.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { NodeCrypto } from "../../../../offchain/adapters/crypto/node/crypto.ts";
import { WebCrypto } from "../../../../offchain/adapters/crypto/web/crypto.ts";
import { fromHex, type Hex, toHex } from "../../../../offchain/kernel/bytes.ts";
import type { Bytes32 } from "../../../../offchain/kernel/ids.ts";
import type { Crypto, PublicKey, SessionSecret } from "../../../../offchain/ports/crypto.ts";
import { isLowS } from "../../../../offchain/terms/p256-signature.ts";
import { actor, flip, highS, signP256 } from "../../../vectors/actors.ts";

const TWINS: Record<string, Crypto> = { NodeCrypto: new NodeCrypto(), WebCrypto: new WebCrypto() };
const { session: ALICE } = actor(1n);
const { session: BOB } = actor(2n);
const MESSAGE = Uint8Array.of(1, 2, 3);
const GOOD = signP256(ALICE, MESSAGE);

const FIELD = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const ZERO: Bytes32 = `0x${"00".repeat(32)}`;
const word = (value: bigint): Bytes32 => `0x${value.toString(16).padStart(64, "0")}`;

/** A key whose x begins with a zero byte, which a careless encoding would lose. */
function leadingZero(): SessionSecret {
  for (let agent = 1n; ; agent++) {
    const { session } = actor(agent);
    if (session.x.startsWith("0x00") || session.y.startsWith("0x00")) return session;
  }
}

for (const [name, crypto] of Object.entries(TWINS)) {
  describe(name, () => {
    for (const [otherName, other] of Object.entries(TWINS)) {
      it(`verifies what ${otherName} signs, with a low s, however often it signs`, async () => {
        const signer = await other.sessionSigner(ALICE);
        assert.deepEqual(signer.publicKey, { x: ALICE.x, y: ALICE.y });
        for (let count = 0; count < 40; count++) {
          const message = Uint8Array.of(count);
          const signature = await signer.sign(message);
          assert.equal(signature.length, 130);
          assert.equal(isLowS(signature), true);
          assert.equal(await crypto.verify(ALICE, message, signature), true);
        }
      });

      it(`opens what ${otherName} sealed to a key, in its context and unchanged`, async () => {
        const signer = await crypto.sessionSigner(ALICE);
        const stranger = await crypto.sessionSigner(BOB);
        const [context, elsewhere] = [Uint8Array.of(7), Uint8Array.of(8)];
        for (const length of [0, 1, 1_000]) {
          const content = new Uint8Array(length).fill(length);
          const sealed = await other.sealTo(ALICE, content, context);
          assert.deepEqual(await signer.unseal(sealed, context), content);
          assert.equal(await signer.unseal(sealed, elsewhere), null);
          assert.equal(await stranger.unseal(sealed, context), null);
          for (const at of [0, 40, sealed.length - 1]) {
            const changed = Uint8Array.from(sealed);
            changed[at] = (changed[at] ?? 0) ^ 1;
            assert.equal(await signer.unseal(changed, context), null);
          }
          assert.equal(await signer.unseal(sealed.subarray(0, 60), context), null);
          assert.notDeepEqual(await other.sealTo(ALICE, content, context), sealed);
        }
      });

      it(`makes keys that ${otherName} takes`, async () => {
        const secret = await crypto.generateSessionSecret();
        for (const part of [secret.d, secret.x, secret.y]) assert.match(part, /^0x[0-9a-f]{64}$/);
        const signature = await (await other.sessionSigner(secret)).sign(MESSAGE);
        assert.equal(await crypto.verify(secret, MESSAGE, signature), true);
      });
    }

    it("makes another key each time", async () => {
      const [one, other] = [await crypto.generateSessionSecret(), await crypto.generateSessionSecret()];
      assert.notEqual(one.d, other.d);
    });

    it("verifies a third implementation's signatures, of messages of any length", async () => {
      const property = fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (message) => {
        assert.equal(await crypto.verify(ALICE, message, signP256(ALICE, message)), true);
      });
      await fc.assert(property, { numRuns: 30 });
    });

    it("takes keys whose coordinates begin with zeros", async () => {
      const secret = leadingZero();
      const signature = await (await crypto.sessionSigner(secret)).sign(MESSAGE);
      assert.equal(await crypto.verify(secret, MESSAGE, signature), true);
    });

    it("takes hexadecimal in either case", async () => {
      const upper = (hex: Hex) => `0x${hex.slice(2).toUpperCase()}` as const;
      assert.equal(await crypto.verify({ x: upper(ALICE.x), y: upper(ALICE.y) }, MESSAGE, upper(GOOD)), true);
    });

    it("doesn't verify another message, another key's, or an altered signature", async () => {
      assert.equal(await crypto.verify(ALICE, Uint8Array.of(1, 2, 4), GOOD), false);
      assert.equal(await crypto.verify(ALICE, new Uint8Array(), GOOD), false);
      assert.equal(await crypto.verify(BOB, MESSAGE, GOOD), false);
      assert.equal(await crypto.verify(ALICE, MESSAGE, flip(GOOD)), false);
    });

    it("doesn't verify the higher of both s", async () => {
      assert.equal(await crypto.verify(ALICE, MESSAGE, highS(GOOD)), false);
    });

    it("answers malformed signatures with false", async () => {
      const [r, s] = [GOOD.slice(2, 66), GOOD.slice(66)];
      const zeros = ZERO.slice(2);
      const wrong: string[] = [
        "",
        "0x",
        GOOD.slice(0, -2),
        `${GOOD}00`,
        GOOD.slice(2),
        `0X${GOOD.slice(2)}`,
        `0x${zeros}${zeros}`,
        `0x${zeros}${s}`,
        `0x${r}${zeros}`,
        `0x${word(ORDER).slice(2)}${s}`,
        `0x${r}${word(ORDER).slice(2)}`,
        `0x${"ff".repeat(64)}`,
        `0x${r}7fffffff${"zz".repeat(28)}`,
        `0x${"zz".repeat(64)}`,
        `0x${r}${"-1".repeat(32)}`,
      ];
      for (const signature of wrong) {
        assert.equal(await crypto.verify(ALICE, MESSAGE, signature as Hex), false, signature);
      }
    });

    it("answers malformed keys with false", async () => {
      const { x, y } = ALICE;
      const wrong: PublicKey[] = [
        { x: ZERO, y: ZERO },
        { x, y: x },
        { x: flip(x), y },
        { x: word(BigInt(x) + FIELD) as Hex, y },
        { x: word(FIELD), y },
        { x: `0x${"ff".repeat(32)}`, y: `0x${"ff".repeat(32)}` },
        { x: "0x", y: "0x" },
        { x: x.slice(0, -2) as Hex, y },
        { x: `0x00${x.slice(2)}`, y },
        { x: "hello" as Hex, y },
        {} as PublicKey,
      ];
      for (const key of wrong) assert.equal(await crypto.verify(key, MESSAGE, GOOD), false, JSON.stringify(key));
    });

    it("answers random keys and signatures with false", async () => {
      const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(toHex);
      const property = fc.asyncProperty(bytes(32), bytes(32), bytes(64), async (x, y, signature) => {
        assert.equal(await crypto.verify({ x, y }, MESSAGE, signature), false);
        assert.equal(await crypto.verify(ALICE, MESSAGE, signature), false);
      });
      await fc.assert(property, { numRuns: 50 });
    });

    it("doesn't sign with what is no key pair", async () => {
      const wrong: SessionSecret[] = [
        { ...ALICE, x: BOB.x, y: BOB.y },
        { ...ALICE, d: ZERO },
        { ...ALICE, d: word(ORDER) },
        { ...ALICE, d: "0x" },
        { ...ALICE, d: flip(ALICE.d) },
        { ...ALICE, y: word(FIELD - BigInt(ALICE.y)) },
      ];
      for (const secret of wrong) {
        const signing = async () => await crypto.sessionSigner(secret);
        await assert.rejects(signing, { name: "ParleyError", code: "BadKey" });
      }
    });

    it("doesn't see what happens to the message later", async () => {
      const message = fromHex("0x0102");
      const signing = (await crypto.sessionSigner(ALICE)).sign(message);
      message.fill(0);
      assert.equal(await crypto.verify(ALICE, fromHex("0x0102"), await signing), true);
    });
  });
}

describe("NodeCrypto's memory of keys", () => {
  it("lets old ones go, and mixes none up", () => {
    const crypto = new NodeCrypto(3);
    const keys = Array.from({ length: 7 }, () => crypto.generateSessionSecret());
    const signed = keys.map((secret) => crypto.sessionSigner(secret).sign(MESSAGE));
    for (let round = 0; round < 2; round++) {
      for (const [index, key] of keys.entries()) {
        assert.equal(crypto.verify(key, MESSAGE, signed[index] as Hex), true);
        assert.equal(crypto.verify(key, MESSAGE, signed[(index + 1) % 7] as Hex), false);
      }
    }
  });
});
