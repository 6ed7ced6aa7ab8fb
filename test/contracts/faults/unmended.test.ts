// What ought to hold and doesn't yet. Each is skipped until the contract is mended; then it moves to its operation.
import { expect } from "chai";
import { makeDeal, registerAgent, type World } from "../fixtures.ts";
import type { Deal } from "../typedData.ts";
import { declare, empty, loadStaked, say, stake } from "./fixtures.ts";

describe("faults, where a mend is wanted", () => {
  let world: World;
  let deal: Deal;

  beforeEach(async () => {
    world = await loadStaked();
    deal = await makeDeal(world);
  });

  async function contradict(of: Deal) {
    const first = await say(world, of, "seller", "Offer");
    const second = await say(world, of, "seller", "Accept");
    return world.settlement.connect(world.relayer).equivocation(of.seller, of, first.said, second.said);
  }

  // the tenth comes back to the agent itself, so that it can spend its stake before somebody else's claim comes
  it.skip("given a deal of an agent with itself, equivocation refuses", async () => {
    await expect(contradict({ ...deal, buyer: deal.seller })).to.be.revertedWithCustomError(
      world.settlement,
      "BuyerIsSeller",
    );
  });

  // the tenth goes to whoever registers next
  it.skip("given a counterparty that isn't registered, equivocation refuses", async () => {
    const { registry, settlement, stranger } = world;
    const next = (await registry.agentCount()) + 1n;
    await expect(contradict({ ...deal, buyer: next })).to.be.revertedWithCustomError(settlement, "AgentUnknown");
    expect(await registerAgent(world, stranger)).to.equal(next);
    expect(await settlement.free(next, deal.token)).to.equal(0n);
  });

  // otherwise one contradiction gives any number of events
  it.skip("given nothing at stake, equivocation is noted once", async () => {
    const { settlement } = world;
    const large = { ...deal, sellerBond: 2n ** 100n };
    await (await contradict(large)).wait();
    await expect(contradict(large)).to.be.revertedWithCustomError(settlement, "FaultPaid");
    await stake(world, "seller", deal.token, 1n);
  });

  // the view doesn't hold the deal against the record
  it.skip("given another deal of the same negotiation, declarationOf names no declarer of it", async () => {
    const { settlement } = world;
    await empty(world, "seller", deal.token);
    await declare(world, deal, "buyer");
    const turned = { ...deal, buyer: deal.seller, seller: deal.buyer };
    expect((await settlement.declarationOf(turned)).declarer).not.to.equal(deal.seller);
  });
});
