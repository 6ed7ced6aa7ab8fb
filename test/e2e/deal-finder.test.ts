import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { DealFinder } from "../../offchain/adapters/chain/deal-finder.ts";
import { firstBlockOf } from "../../offchain/adapters/chain/first-block.ts";
import { connectRpc } from "../../offchain/adapters/chain/rpc.ts";
import { type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { hashDeal } from "../../offchain/terms/deal.ts";
import { EVIDENCE } from "../../scripts/lib/scenario/stage.ts";
import { Bureau } from "./bureau.ts";
import { NARROW, narrowed } from "./narrow-node.ts";

describe("finding an agent's deals", () => {
  let embedded: EmbeddedChain;
  let bureau: Bureau;

  before(async () => {
    embedded = await startEmbeddedChain();
    // The contracts come long after the chain's first block.
    const { reads } = await connectRpc(embedded.url);
    await reads.request({ method: "hardhat_mine", params: ["0x20"] } as never);
    bureau = await Bureau.open(embedded.url);
  });

  after(async () => {
    await bureau.close();
    await embedded.close();
  });

  it("finds the same through a node that looks through few blocks at once, and one that has forgotten old states", async () => {
    const { stage } = bureau;
    const { rehearsal, rpc, seller } = stage;
    const { deal, proofs } = await stage.agree({ price: 10n ** 12n });
    await rehearsal.litigant(seller).commitOrDeclare(deal, proofs);
    const { hash } = await bureau.committed();
    await rehearsal.passTime(1, 10);
    await bureau.json("seller", "deal", "deliver", "--deal", hash, "--evidence", EVIDENCE);
    const wide = await new DealFinder(rpc, rehearsal.deployment).ofAgent(deal.buyer);
    assert.deepEqual(
      wide.map(({ dealHash, history }) => [dealHash, history.map(({ what }) => what)]),
      [
        [hashDeal(deal), ["Declared"]],
        [hash, ["Committed", "Delivered"]],
      ],
    );
    assert.deepEqual([wide[0]?.deal, wide[1]?.evidence], [deal, EVIDENCE]);
    const first = await firstBlockOf(rpc, rehearsal.deployment.settlement);
    for (const forgets of [false, true]) {
      const { node, granted } = narrowed(rpc, forgets);
      assert.deepEqual(await new DealFinder(node, rehearsal.deployment).ofAgent(deal.buyer), wide);
      assert.ok(granted.length > 4 && granted.every(([from, to]) => to - from < NARROW));
      // Each of the four questions has one range from the beginning; only where nothing tells of the contract's first block come others.
      const early = granted.filter(([from]) => from > 0 && from < first);
      assert.equal(early.length > 0, forgets, `first block ${first}`);
    }
  });

  it("finds nothing for an agent without deals, and others' only for them", async () => {
    const { rehearsal, rpc } = bureau.stage;
    const stranger = await rehearsal.enroll(1_000n);
    const finder = new DealFinder(rpc, rehearsal.deployment);
    assert.deepEqual(await finder.ofAgent(stranger.agent), []);
  });
});
