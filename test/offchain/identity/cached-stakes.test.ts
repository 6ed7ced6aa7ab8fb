import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CachedStakes } from "../../../offchain/identity/cached-stakes.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";

const TOKEN = `0x${"cc".repeat(20)}` as const;

function stage(amount: bigint) {
  const asked: string[] = [];
  const chain = {
    amount,
    staked: async (agent: bigint, token: string) => {
      asked.push(`${agent} ${token}`);
      return chain.amount;
    },
  };
  const clock = new SimulatedClock();
  return { asked, chain, clock, cached: new CachedStakes(chain, { clock, maxAgeMs: 1_000 }) };
}

describe("cached stakes", () => {
  it("are asked for once in a while, by agent and token", async () => {
    const { asked, chain, clock, cached } = stage(5n);
    for (let time = 0; time < 3; time++) assert.equal(await cached.staked(7n, TOKEN), 5n);
    await cached.staked(7n, ZERO_ADDRESS);
    await cached.staked(8n, TOKEN);
    assert.deepEqual(asked, [`7 ${TOKEN}`, `7 ${ZERO_ADDRESS}`, `8 ${TOKEN}`]);
    chain.amount = 1n;
    clock.advance(1_000);
    assert.equal(await cached.staked(7n, TOKEN), 1n);
  });

  it("are asked for each time where there are none", async () => {
    const { asked, chain, cached } = stage(0n);
    assert.equal(await cached.staked(7n, TOKEN), 0n);
    chain.amount = 9n;
    assert.equal(await cached.staked(7n, TOKEN), 9n);
    assert.equal(asked.length, 2);
  });
});
