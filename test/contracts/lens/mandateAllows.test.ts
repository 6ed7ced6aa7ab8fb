import { expect } from "chai";
import type { Lens } from "../../../types/ethers-contracts/index.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { limit } from "../fixtures/mandates.ts";
import { HOUR } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import { deployLens } from "./fixtures.ts";

describe("Lens.mandateAllows", () => {
  const category = ethers.id("research");
  let world: World;
  let lens: Lens;

  beforeEach(async () => {
    world = await load();
    lens = await deployLens(world);
  });

  async function ask(exposure: bigint, about: { category?: string; negotiation?: string; counterparty?: bigint } = {}) {
    const { buyer, seller, token } = world;
    const { counterparty = seller, negotiation = ethers.ZeroHash } = about;
    const asked = about.category ?? category;
    return await lens.mandateAllows(buyer, counterparty, negotiation, token, asked, exposure, {
      blockTag: "pending",
    });
  }

  function selector(name: string): string | undefined {
    return world.settlement.interface.getError(name)?.selector;
  }

  it("given no limits, allows anything", async () => {
    expect(await ask(2n ** 128n - 1n)).to.deep.equal(["0x00000000", 0n, 0n]);
  });

  it("given a mandate, tells what it refuses and how much it would allow", async () => {
    await limit(world, { limit: 100n, budget: 60n, threshold: 100n });
    expect(await ask(60n)).to.deep.equal(["0x00000000", 0n, 0n]);
    expect(await ask(61n)).to.deep.equal([selector("BudgetExceeded"), 61n, 60n]);
    expect(await ask(101n)).to.deep.equal([selector("DealLimitExceeded"), 101n, 100n]);
    const elsewhere = await ask(1n, { category: ethers.id("transport") });
    expect(elsewhere).to.deep.equal([selector("MandateMissing"), world.buyer, 1n]);
  });

  it("given a threshold, counts an approval for this counterparty and negotiation only", async () => {
    const { settlement, buyer, seller, token, stranger } = world;
    await limit(world, { limit: 100n, budget: 100n, threshold: 10n, approver: stranger.address });
    const negotiation = ethers.id("negotiation");
    const until = (await networkHelpers.time.latest()) + HOUR;
    const parties = { agent: buyer, tenure: 1n, counterparty: seller, negotiation };
    await settlement.connect(stranger).approve({ ...parties, token, category, most: 50n, until, version: 1n });
    expect(await ask(50n, { negotiation })).to.deep.equal(["0x00000000", 0n, 0n]);
    expect(await ask(51n, { negotiation })).to.deep.equal([selector("ApprovalMissing"), 51n, 50n]);
    expect(await ask(50n)).to.deep.equal([selector("ApprovalMissing"), 50n, 0n]);
    expect(await ask(50n, { negotiation, counterparty: 7n })).to.deep.equal([selector("ApprovalMissing"), 50n, 0n]);
  });
});
