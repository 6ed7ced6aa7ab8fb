import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { deriveSecrets, makeHalf, Seal, type Secrets } from "../../../../../offchain/adapters/transport/common/seal.ts";

const SAID = [Uint8Array.of(1), Uint8Array.of(2, 3)];

function derive(said: readonly Uint8Array[] = SAID): { ours: Secrets; theirs: Secrets } {
  const [here, there] = [makeHalf(), makeHalf()];
  const ours = deriveSecrets(here, there.publicKey, said, "parley link");
  const theirs = deriveSecrets(there, here.publicKey, said, "parley link");
  assert.ok(ours !== null && theirs !== null);
  return { ours, theirs };
}

function pair() {
  const { ours, theirs } = derive();
  return {
    dialler: new Seal(ours.toListener, ours.toDialler),
    listener: new Seal(theirs.toDialler, theirs.toListener),
  };
}

describe("a channel's secrets", () => {
  it("are the same on both sides, and no two of them alike", () => {
    const { ours, theirs } = derive();
    assert.deepEqual(ours, theirs);
    assert.match(ours.channel, /^[0-9a-f]{32}$/);
    assert.notDeepEqual(ours.toListener, ours.toDialler);
    assert.notEqual(ours.channel, derive().ours.channel);
  });

  it("differ where the two have heard something else", () => {
    const [here, there] = [makeHalf(), makeHalf()];
    const channels = [SAID, [Uint8Array.of(1), Uint8Array.of(2, 4)]].map((said) => {
      return deriveSecrets(here, there.publicKey, said, "parley link")?.channel;
    });
    assert.notEqual(channels[0], channels[1]);
  });

  it("are none with a key that is none, or that makes them known to everybody", () => {
    for (const key of [
      new Uint8Array(32),
      new Uint8Array(31).fill(9),
      new Uint8Array(),
      Uint8Array.of(1, ...new Uint8Array(31)),
    ]) {
      assert.equal(deriveSecrets(makeHalf(), key, SAID, "parley link"), null);
    }
  });
});

describe("a seal", () => {
  it("keeps what was said and its place, whatever it was", () => {
    const { dialler, listener } = pair();
    let seq = 0;
    fc.assert(
      fc.property(fc.array(fc.uint8Array(), { minLength: 1, maxLength: 3 }), (parts) => {
        const opened = listener.open(dialler.seal(parts));
        assert.deepEqual(opened, { seq: seq++, content: new Uint8Array(Buffer.concat(parts)) });
      }),
    );
  });

  it("is broken by any bit that changes, and by any byte that is missing or added", () => {
    const { dialler, listener } = pair();
    const sealed = dialler.seal([Uint8Array.of(1, 2, 3)]);
    assert.ok(listener.open(sealed) !== null);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Uint8Array.from(sealed);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.equal(listener.open(changed), null, `bit ${bit}`);
    }
    for (let length = 0; length < sealed.length; length++)
      assert.equal(listener.open(sealed.subarray(0, length)), null);
    assert.equal(listener.open(Buffer.concat([sealed, Buffer.of(0)])), null);
  });

  it("does not open for who sealed it, nor for anybody else", () => {
    const { dialler, listener } = pair();
    const sealed = dialler.seal([Uint8Array.of(1)]);
    assert.equal(dialler.open(sealed), null);
    assert.equal(pair().listener.open(sealed), null);
    assert.ok(listener.open(sealed) !== null);
  });

  it("is never the same twice", () => {
    const { dialler } = pair();
    const sealed = [1, 2].map(() => Buffer.from(dialler.seal([new Uint8Array(32)])).subarray(8));
    assert.notDeepEqual(sealed[0], sealed[1]);
  });
});
