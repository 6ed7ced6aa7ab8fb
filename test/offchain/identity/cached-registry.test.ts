import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { CachedRegistry } from "../../../offchain/identity/cached-registry.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { ZERO_32, ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import type { AgentAuthority, Registry } from "../../../offchain/ports/chain.ts";

const WALLET = `0x${"aa".repeat(20)}` as const;

/** A chain whose answers a test holds back. */
class SlowRegistry implements Registry {
  asked = 0;
  askedCertified = 0;
  epoch = 1;
  wallet: AgentAuthority["wallet"] = WALLET;
  recorded = false;
  failing = false;
  #gate: Promise<void> = Promise.resolve();

  /** Holds back every answer to what is asked from now on; call the result to let them go. */
  hold(): () => void {
    const gate = Promise.withResolvers<void>();
    this.#gate = gate.promise;
    return gate.resolve;
  }

  async authority(): Promise<AgentAuthority> {
    this.asked++;
    const answer = { wallet: this.wallet, epoch: this.epoch };
    await this.#gate;
    if (this.failing) throw new Error("the node does not answer");
    return answer;
  }

  async certified(): Promise<boolean> {
    this.askedCertified++;
    const answer = this.recorded;
    await this.#gate;
    if (this.failing) throw new Error("the node does not answer");
    return answer;
  }
}

function stage(options: { maxAgeMs?: number; kept?: number } = {}) {
  const clock = new SimulatedClock();
  const chain = new SlowRegistry();
  return { clock, chain, cached: new CachedRegistry(chain, { clock, ...options }) };
}

describe("the cached registry", () => {
  it("asks once for what it was asked a moment ago, and again when that is too long ago", async () => {
    const { clock, chain, cached } = stage({ maxAgeMs: 1_000 });
    await cached.authority(1n);
    clock.advance(999);
    assert.equal((await cached.authority(1n)).epoch, 1);
    assert.equal(chain.asked, 1);
    clock.advance(1);
    chain.epoch = 2;
    assert.equal((await cached.authority(1n)).epoch, 2);
  });

  it("counts the age from the question: an answer that took long is old when it comes", async () => {
    const { clock, chain, cached } = stage({ maxAgeMs: 1_000 });
    const release = chain.hold();
    const asking = cached.authority(1n);
    clock.advance(1_000);
    chain.epoch = 2;
    release();
    assert.equal((await asking).epoch, 1);
    assert.equal((await cached.authority(1n)).epoch, 2);
  });

  it("asks once, however many want to know at a time", async () => {
    const { chain, cached } = stage();
    chain.recorded = true;
    const release = chain.hold();
    const asking = Array.from({ length: 1_000 }, () => cached.authority(1n));
    const askingCertified = Array.from({ length: 1_000 }, () => cached.certified(1n, 1, ZERO_32));
    release();
    await Promise.all([...asking, ...askingCertified]);
    assert.deepEqual([chain.asked, chain.askedCertified], [1, 1]);
  });

  it("keeps no failure, and tells it to all who waited", async () => {
    const { chain, cached } = stage();
    chain.failing = true;
    const release = chain.hold();
    const asking = [cached.authority(1n), cached.authority(1n), cached.certified(1n, 1, ZERO_32)];
    release();
    for (const { status } of await Promise.allSettled(asking)) assert.equal(status, "rejected");
    chain.failing = false;
    assert.equal((await cached.authority(1n)).epoch, 1);
    assert.equal(await cached.certified(1n, 1, ZERO_32), false);
  });

  it("keeps no answer that says no: an agent may be registered, or given a wallet, the next moment", async () => {
    const { chain, cached } = stage();
    chain.epoch = 0;
    await cached.authority(1n);
    chain.epoch = 1;
    chain.wallet = ZERO_ADDRESS;
    await cached.authority(1n);
    chain.wallet = WALLET;
    assert.deepEqual(await cached.authority(1n), { wallet: WALLET, epoch: 1 });
    assert.equal(chain.asked, 3);
  });

  it("keeps for good that a certificate is recorded, and never that it is not", async () => {
    const { clock, chain, cached } = stage({ maxAgeMs: 1 });
    assert.equal(await cached.certified(1n, 1, ZERO_32), false);
    chain.recorded = true;
    assert.equal(await cached.certified(1n, 1, ZERO_32), true);
    clock.advance(10 * 86_400_000);
    assert.equal(await cached.certified(1n, 1, ZERO_32), true);
    assert.equal(chain.askedCertified, 2);
    await cached.certified(1n, 2, ZERO_32);
    await cached.certified(2n, 1, ZERO_32);
    assert.equal(chain.askedCertified, 4, "for that agent and that epoch");
  });

  it("forgets an agent when it is told that its keys have changed, and what is being asked of it too", async () => {
    const { chain, cached } = stage();
    await cached.authority(1n);
    chain.epoch = 2;
    cached.forget(1n);
    assert.equal((await cached.authority(1n)).epoch, 2);
    cached.forget(1n);
    const release = chain.hold();
    const stale = cached.authority(1n);
    chain.hold()();
    chain.epoch = 3;
    cached.forget(1n);
    assert.equal((await cached.authority(1n)).epoch, 3);
    release();
    assert.equal((await stale).epoch, 2);
    const { asked } = chain;
    assert.equal((await cached.authority(1n)).epoch, 3, "the late answer was not kept");
    assert.equal(chain.asked, asked);
  });

  it("uses no answer from the future, where the clock was set back", async () => {
    const { chain } = stage();
    let now = 10_000;
    const cached = new CachedRegistry(chain, { clock: { now: () => now, at: () => () => undefined } });
    await cached.authority(1n);
    now = 0;
    await cached.authority(1n);
    assert.equal(chain.asked, 2);
  });

  it("holds only so many, and lets go of what was used longest ago", async () => {
    const { chain, cached } = stage({ kept: 2 });
    for (const agent of [1n, 2n, 1n, 3n]) await cached.authority(agent);
    assert.equal(chain.asked, 3);
    await cached.authority(1n);
    assert.equal(chain.asked, 3, "1 was used after 2");
    await cached.authority(2n);
    assert.equal(chain.asked, 4);
  });

  it("never gives an answer older than it may be", async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("pass" as const), ms: fc.integer({ min: 0, max: 1_500 }) }),
      fc.record({ do: fc.constant("revoke" as const) }),
      fc.record({ do: fc.constant("ask" as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { clock, chain, cached } = stage({ maxAgeMs: 1_000 });
        const ends = new Map<number, number>();
        for (const one of steps) {
          if (one.do === "pass") clock.advance(one.ms);
          if (one.do === "revoke") ends.set(chain.epoch++, clock.now());
          if (one.do !== "ask") continue;
          const end = ends.get((await cached.authority(1n)).epoch);
          assert.ok(end === undefined || clock.now() - end < 1_000, "a dead epoch counts no longer than that");
        }
      }),
    );
  });
});
