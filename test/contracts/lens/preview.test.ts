// What of a preview doesn't depend on the act; random sequences (model.test.ts) hold all of it against Settlement too.
import { expect } from "chai";
import type { Lens } from "../../../types/ethers-contracts/index.ts";
import { answer, dispute, loadDelivered } from "../disputes/fixtures.ts";
import { declare } from "../faults/fixtures.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Act } from "../fixtures/enums.ts";
import { DAY, HOUR } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { type Attempt, deployLens, expectRefused } from "./fixtures.ts";

const NOBODY = ethers.ZeroAddress;
const MOST = 2n ** 128n - 1n;

describe("Lens.preview", () => {
  let world: World;
  let lens: Lens;

  beforeEach(async () => {
    world = await load();
    lens = await deployLens(world);
  });

  async function preview(act: keyof typeof Act, deal: Deal, by: string) {
    return await lens.preview(Act[act], deal, TRANSCRIPT, by, 0n, { blockTag: "pending" });
  }

  it("is about the Settlement that Lens names", async () => {
    expect(await lens.settlement()).to.equal(await world.settlement.getAddress());
  });

  describe("given nobody as sender of what no session key can sign, refuses", () => {
    async function expectNobodyRefused(deal: Deal): Promise<void> {
      const refused = world.settlement.interface.encodeErrorResult("NotOwnerOrWallet", [deal.buyer, NOBODY]);
      expect(await preview("Accept", deal, NOBODY)).to.deep.equal([false, refused, 0n, 0n]);
    }

    it("an agent with a wallet", async () => {
      const deal = await makeDeal(world);
      await commit(world, deal);
      await expectNobodyRefused(deal);
    });

    it("an agent without: nobody isn't its wallet", async () => {
      const deal = await makeDeal(world);
      await commit(world, deal);
      await world.registry.connect(world.buyerOwner).unsetAgentWallet(world.buyer);
      await expectNobodyRefused(deal);
    });
  });

  it("given an arbitrator that is no contract, fails without a reason, as referring does", async () => {
    const disputed = await loadDelivered({ arbitrator: world.stranger.address });
    const { deal, settlement } = disputed;
    await dispute(disputed);
    await answer(disputed);
    lens = await deployLens(disputed);
    expect(await preview("Refer", deal, NOBODY)).to.deep.equal([false, "0x", 0n, 0n]);
    await expect(settlement.refer(deal, TRANSCRIPT)).to.revert(ethers);
  });

  it("given an agent that doesn't exist, tells the registry's error, as the act does", async () => {
    const { registry, settlement, stranger } = world;
    const deal = await makeDeal(world, { seller: 99n });
    const reason = registry.interface.encodeErrorResult("ERC721NonexistentToken", [99n]);
    expect(await preview("Deliver", deal, stranger.address)).to.deep.equal([false, reason, 0n, 0n]);
    await expect(settlement.connect(stranger).deliver(deal, TRANSCRIPT, ethers.ZeroHash))
      .to.be.revertedWithCustomError(registry, "ERC721NonexistentToken")
      .withArgs(99n);
  });

  it("given another transcript, refuses", async () => {
    const deal = await makeDeal(world);
    await commit(world, deal, { transcript: ethers.id("another") });
    const { fingerprint } = await world.settlement.recordOf(deal);
    const asked = ethers.dataSlice(ethers.keccak256(ethers.concat([hashDeal(deal), TRANSCRIPT])), 0, 26);
    await expectRefused(world, { act: "Claim", deal }, "DealMismatch", hashDeal(deal), asked, fingerprint);
  });

  describe("given a balance that would overflow, refuses", () => {
    let deal: Deal;
    let deposit: (agent: bigint, amount: bigint) => Promise<unknown>;

    beforeEach(async () => {
      const { settlement, deployer } = world;
      const lying = await ethers.deployContract("LyingToken");
      const token = await lying.getAddress();
      deposit = async (agent, amount) => {
        await lying.setStep(amount);
        return await settlement.connect(deployer).deposit(agent, token, 1n, false);
      };
      deal = await makeDeal(world, { token, price: 10n, buyerBond: 0n, sellerBond: 0n });
    });

    /** Commits, and leaves one side with all but 5 of what there can be. */
    async function begin(rich: "buyer" | "seller"): Promise<number> {
      await deposit(world.buyer, 10n);
      const since = await commit(world, deal);
      await deposit(world[rich], MOST - 5n);
      return since;
    }

    async function expectTooLarge(agent: bigint, attempt: Omit<Attempt, "deal">): Promise<void> {
      await expectRefused(world, { ...attempt, deal }, "BalanceTooLarge", agent, deal.token, MOST + 5n, MOST);
    }

    it("a payment to the seller", async () => {
      await begin("seller");
      await expectTooLarge(world.seller, { act: "Accept", by: world.buyerWallet });
    });

    it("a payment to the buyer", async () => {
      const since = await begin("buyer");
      await expectTooLarge(world.buyer, { act: "Refund", time: since + 2 * DAY + 1 });
    });

    it("a receipt", async () => {
      await begin("seller");
      await expectTooLarge(world.seller, { act: "ClaimReceipt", amount: 10n });
    });

    it("what a declarer gets back", async () => {
      deal = { ...deal, sellerBond: 10n };
      await deposit(world.seller, 10n);
      const { transcript } = await declare(world, deal, "seller");
      await deposit(world.seller, MOST - 5n);
      const time = deal.commitBy + HOUR;
      await expectTooLarge(world.seller, { act: "Penalise", transcript, time });
    });
  });
});

describe("Lens.rehearse", () => {
  it("given an act that would fail, reverts with its error", async () => {
    const world = await load();
    const lens = await deployLens(world);
    const deal = await makeDeal(world);
    await expect(lens.rehearse(Act.Execute, deal, TRANSCRIPT, NOBODY, 0n)).to.be.revertedWithCustomError(
      world.settlement,
      "DealMismatch",
    );
  });
});
