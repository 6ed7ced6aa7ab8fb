import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { SCENARIOS } from "../../scripts/lib/scenario/cases/all.ts";
import { play } from "../../scripts/lib/scenario/play.ts";
import { Stage } from "../../scripts/lib/scenario/stage.ts";
import { startAnvil } from "./anvil.ts";

const CHAINS = {
  "the embedded chain": startEmbeddedChain,
  anvil: async () => {
    const { url, stop } = await startAnvil();
    return { url, close: stop };
  },
} as const;

for (const [name, start] of Object.entries(CHAINS)) {
  describe(`a deal on ${name}`, () => {
    let node: Awaited<ReturnType<typeof start>>;
    let stage: Stage;

    before(async () => {
      node = await start();
      stage = await Stage.prepare(node.url);
    });

    after(() => node.close());

    for (const scenario of SCENARIOS) {
      it(`${scenario.name}: ${scenario.says}`, async () => {
        const { wrong } = await play(scenario, stage, name);
        assert.equal(wrong, null);
      });
    }
  });
}
