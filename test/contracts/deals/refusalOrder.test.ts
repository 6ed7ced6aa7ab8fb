import { expect } from "chai";
import { setWallet } from "../fixtures/agents.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers, type TestSigner } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { makeMandate } from "../fixtures/mandates.ts";
import { at, DAY, HOUR } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { RESEARCH } from "../mandates/fixtures.ts";
import type { Deal } from "../typedData.ts";

const NOTHING = "0x00000000";

/** What is refused before anybody looks at signatures. */
const NO_KEY = {
  ...{ epoch: 0, notBefore: 0, notAfter: 0, x: ethers.ZeroHash, y: ethers.ZeroHash },
  ...{ certificateR: ethers.ZeroHash, certificateVS: ethers.ZeroHash },
  ...{ seq: 0, sentAt: 0, prev: ethers.ZeroHash, r: ethers.ZeroHash, s: ethers.ZeroHash },
};

/** What stands in the way, and what takes it away. */
type Obstacle = [error: string, mend: () => Promise<unknown>];

describe("Settlement.refusal, of a deal against which everything stands", () => {
  let world: World;
  let deal: Deal;

  beforeEach(async () => {
    world = await load();
    const { registry, settlement, buyer, seller, deployer } = world;
    const used = await makeDeal(world);
    await commit(world, used);
    const now = await networkHelpers.time.latest();
    deal = {
      ...used,
      seller: buyer,
      price: 10n * FUNDS,
      sellerBond: 10n * FUNDS,
      commitBy: now - 1,
      lapseShare: 10_001,
    };
    await settlement.connect(deployer).pause();
    for (const [agent, owner] of sides()) {
      await settlement.connect(owner).setUnlimited(agent, false);
      await registry.connect(owner).lock(agent, now + HOUR * Number(agent));
      await registry.connect(owner).unsetAgentWallet(agent);
    }
    expect(seller).to.be.above(buyer);
  });

  function sides() {
    const { buyer, seller, buyerOwner, sellerOwner } = world;
    return [
      [buyer, buyerOwner],
      [seller, sellerOwner],
    ] as const;
  }

  /** What one side can help, in the order in which it is looked at. */
  function obstaclesOf(side: "buyer" | "seller", owner: TestSigner, wallet: TestSigner): Obstacle[] {
    const { registry, settlement, token } = world;
    const agent = world[side];
    const exposure = side === "buyer" ? deal.price + deal.buyerBond : deal.sellerBond;
    const none = { limit: 0n, budget: 0n, threshold: 0n, expiry: 0 };
    async function allow(terms: Parameters<typeof makeMandate>[0]) {
      const mandate = await makeMandate({ ...none, ...terms });
      await settlement.connect(owner).setMandate(agent, token, RESEARCH, mandate);
    }
    const expiry = 2 ** 40 - 1;
    return [
      ["AgentUnknown", async () => (deal = { ...deal, [side]: agent })],
      ["AgentLocked", async () => networkHelpers.time.increaseTo((await registry.stateOf(agent)).lockedUntil + 1n)],
      ["WalletMissing", () => setWallet(registry, owner, agent, wallet)],
      ["MandateMissing", () => allow({})],
      ["MandateExpired", () => allow({ expiry })],
      ["DealLimitExceeded", () => allow({ expiry, limit: exposure })],
      ["ApprovalMissing", () => allow({ expiry, limit: exposure, threshold: exposure })],
      ["BudgetExceeded", () => allow({ expiry, limit: exposure, threshold: exposure, budget: exposure })],
      [side === "buyer" ? "BuyerFundsTooLow" : "SellerFundsTooLow", () => fund(agent, exposure)],
    ];
  }

  async function fund(agent: bigint, amount: bigint) {
    const { settlement, token, deployer } = world;
    await token.mint(deployer, amount);
    await token.connect(deployer).approve(settlement, amount);
    await settlement.connect(deployer).deposit(agent, token, amount, false);
  }

  async function expectReason(error: string) {
    const { settlement } = world;
    const [reason] = await settlement.refusal(deal);
    expect(reason, error).to.equal(settlement.interface.getError(error)?.selector);
    const nobody = { epoch: 0, signature: "0x" };
    const commits = [
      settlement.commit(deal, TRANSCRIPT, nobody, nobody),
      settlement.commitBySession(deal, true, ethers.ZeroHash, NO_KEY, NO_KEY),
    ];
    for (const committing of commits) {
      await expect(committing, error).to.be.revertedWithCustomError(settlement, error);
    }
  }

  it("names one after the other in a fixed order, and nothing once all is mended", async () => {
    const { settlement, deployer, buyerOwner, sellerOwner, buyerWallet, sellerWallet } = world;
    const now = await networkHelpers.time.latest();
    const unknown = { buyer: 77n, seller: 78n };
    const obstacles: Obstacle[] = [
      ["BuyerIsSeller", async () => (deal = { ...deal, seller: world.seller })],
      ["CommitByPassed", async () => (deal = { ...deal, commitBy: now + 6 * DAY })],
      ["CommitByTooFar", async () => (deal = { ...deal, commitBy: now + 4 * DAY })],
      ["LapseShareTooHigh", async () => (deal = { ...deal, lapseShare: 10_000 })],
      ["CommitmentsPaused", () => settlement.connect(deployer).unpause()],
      ["NegotiationUsed", async () => (deal = { ...deal, ...unknown, negotiation: ethers.id("unused") })],
      ...obstaclesOf("buyer", buyerOwner, buyerWallet),
      ...obstaclesOf("seller", sellerOwner, sellerWallet),
    ];
    for (const [error, mend] of obstacles) {
      await expectReason(error);
      await mend();
      await networkHelpers.mine();
    }
    expect((await settlement.refusal(deal))[0]).to.equal(NOTHING);
    await commit(world, deal);
  });
});

describe("Settlement.commit, given a lock", () => {
  for (const side of ["buyer", "seller"] as const) {
    it(`refuses up to its last second, the ${side}'s, and not after`, async () => {
      const world = await load();
      const { registry, settlement } = world;
      const until = (await networkHelpers.time.latest()) + HOUR;
      const deal = await makeDeal(world, { commitBy: until + HOUR });
      await registry.connect(world[`${side}Owner`]).lock(world[side], until);
      for (const time of [until - 5, until]) {
        await expect(at(time, () => commit(world, deal)))
          .to.be.revertedWithCustomError(settlement, "AgentLocked")
          .withArgs(time, until);
      }
      await at(until + 1, () => commit(world, deal));
    });
  }
});

describe("Settlement.commit, given a pause", () => {
  it("refuses, naming its beginning, and lets what is committed go on", async () => {
    const world = await load();
    const { settlement, deployer, sellerWallet, buyerWallet } = world;
    const [before, after] = [await makeDeal(world), await makeDeal(world)];
    await commit(world, before);
    const paused = (await networkHelpers.time.latest()) + 10;
    await at(paused, () => settlement.connect(deployer).pause());
    await expect(at(paused + 5, () => commit(world, after)))
      .to.be.revertedWithCustomError(settlement, "CommitmentsPaused")
      .withArgs(paused, paused + 5);
    await settlement.connect(sellerWallet).deliver(before, TRANSCRIPT, ethers.ZeroHash);
    await settlement.connect(buyerWallet).accept(before, TRANSCRIPT);
    await settlement.connect(deployer).unpause();
    await commit(world, after);
  });
});
