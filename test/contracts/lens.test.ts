// What Lens shows that random sequences (model.test.ts) don't reach; they hold `preview` against what really happens.
import { expect } from "chai";
import type { Lens } from "../../types/ethers-contracts/index.ts";
import {
  at,
  commit,
  DAY,
  ethers,
  FUNDS,
  HOUR,
  limit,
  load,
  makeDeal,
  NATIVE,
  networkHelpers,
  TRANSCRIPT,
  type World,
} from "./fixtures.ts";
import type { Deal } from "./typedData.ts";

const Act = { Commit: 0, Deliver: 1, Accept: 2, Dispute: 8, Answer: 9, Refer: 10, Execute: 11 } as const;
const EVIDENCE = ethers.id("evidence");
const NOBODY = ethers.ZeroAddress;
const MOST = 2n ** 128n - 1n;

describe("Lens", () => {
  let world: World;
  let lens: Lens;

  beforeEach(async () => {
    world = await load();
    lens = await ethers.deployContract("Lens", [world.settlement]);
  });

  async function preview(act: number, deal: Deal, by: string, amount = 0n) {
    return await lens.preview(act, deal, TRANSCRIPT, by, amount, { blockTag: "pending" });
  }

  function error(name: string, ...args: unknown[]): string {
    return world.settlement.interface.encodeErrorResult(name, args);
  }

  it("names the Settlement that it shows", async () => {
    expect(await lens.settlement()).to.equal(await world.settlement.getAddress());
  });

  describe("holdings", () => {
    it("given an agent, shows who speaks for it, its lock, and what it has in each token asked for", async () => {
      const { settlement, registry, token, buyer, buyerOwner, buyerWallet } = world;
      await settlement.connect(buyerOwner).stake(buyer, token, 30n);
      await settlement.connect(buyerOwner).unstake(buyer, token, 10n);
      const asked = await networkHelpers.time.latest();
      await registry.connect(buyerOwner).lock(buyer, asked + DAY);
      const erc20 = await token.getAddress();
      expect(await lens.holdings(buyer, [erc20, NATIVE])).to.deep.equal([
        buyerOwner.address,
        buyerWallet.address,
        2n,
        1n,
        BigInt(asked + DAY),
        [
          [erc20, FUNDS - 30n, 20n, 10n, BigInt(asked + 7 * DAY)],
          [NATIVE, FUNDS, 0n, 0n, 0n],
        ],
      ]);
    });

    it("given an agent that was sold, shows the new owner and no wallet", async () => {
      const { registry, buyer, buyerOwner, stranger } = world;
      await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
      expect((await lens.holdings(buyer, [])).slice(0, 4)).to.deep.equal([stranger.address, NOBODY, 3n, 2n]);
    });

    it("given an agent that doesn't exist, refuses", async () => {
      await expect(lens.holdings(99n, [])).to.be.revertedWithCustomError(world.registry, "ERC721NonexistentToken");
    });
  });

  describe("mandateAllows", () => {
    const category = ethers.id("research");

    async function ask(
      exposure: bigint,
      about: { category?: string; negotiation?: string; counterparty?: bigint } = {},
    ) {
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
      expect(await ask(MOST)).to.deep.equal(["0x00000000", 0n, 0n]);
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

  describe("preview", () => {
    async function disputed(changes: Partial<Deal> = {}): Promise<Deal> {
      const { settlement, sellerWallet, buyerWallet } = world;
      const deal = await makeDeal(world, changes);
      await commit(world, deal);
      await settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, EVIDENCE);
      await settlement.connect(buyerWallet).dispute(deal, TRANSCRIPT, 2_000, EVIDENCE, { value: deal.maxFee });
      await settlement.connect(sellerWallet).answer(deal, TRANSCRIPT, 9_000, EVIDENCE);
      return deal;
    }

    it("given an act that would end the deal, tells what it pays", async () => {
      const deal = await makeDeal(world);
      await commit(world, deal);
      const paid = [deal.buyerBond, deal.price + deal.sellerBond];
      expect(await preview(Act.Accept, deal, world.buyerWallet.address)).to.deep.equal([true, "0x", ...paid]);
    });

    it("given nobody as sender, takes the form that a session key signed, where there is one", async () => {
      const deal = await makeDeal(world);
      await commit(world, deal);
      expect((await preview(Act.Deliver, deal, NOBODY)).passes).to.equal(true);
      const refused = error("NotOwnerOrWallet", deal.buyer, NOBODY);
      expect(await preview(Act.Accept, deal, NOBODY)).to.deep.equal([false, refused, 0n, 0n]);
    });

    it("given nobody as sender and an agent without wallet, doesn't take nobody for the wallet", async () => {
      const deal = await makeDeal(world);
      await commit(world, deal);
      await world.registry.connect(world.buyerOwner).unsetAgentWallet(world.buyer);
      const refused = error("NotOwnerOrWallet", deal.buyer, NOBODY);
      expect(await preview(Act.Accept, deal, NOBODY)).to.deep.equal([false, refused, 0n, 0n]);
    });

    it("given an arbitrator that is no contract, fails without a reason, as referring does", async () => {
      const deal = await disputed({ arbitrator: world.stranger.address });
      expect(await preview(Act.Refer, deal, NOBODY)).to.deep.equal([false, "0x", 0n, 0n]);
      await expect(world.settlement.refer(deal, TRANSCRIPT)).to.revert(ethers);
    });

    it("given an agent that doesn't exist, tells the registry's error", async () => {
      const deal = await makeDeal(world, { seller: 99n });
      const reason = world.registry.interface.encodeErrorResult("ERC721NonexistentToken", [99n]);
      expect(await preview(Act.Deliver, deal, world.stranger.address)).to.deep.equal([false, reason, 0n, 0n]);
    });

    it("given a second at the edge, judges by the block it is asked about", async () => {
      const { settlement, sellerWallet } = world;
      const deal = await makeDeal(world);
      const since = await commit(world, deal);
      const last = since + deal.deliverWithin;
      const asked = { blockTag: "pending" } as const;
      await networkHelpers.time.setNextBlockTimestamp(last + 1);
      const late = await lens.preview(Act.Deliver, deal, TRANSCRIPT, sellerWallet.address, 0n, asked);
      const { reason: told } = late;
      await expect(
        at(last + 1, async () => await settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, EVIDENCE)),
      ).to.be.revertedWithCustomError(settlement, "DeadlinePassed");
      expect(settlement.interface.parseError(told)?.args.toArray().slice(1)).to.deep.equal(
        [last + 1, last].map(BigInt),
      );
    });

    it("given a balance that a payout would overflow, says so", async () => {
      const { settlement, seller, buyer, deployer } = world;
      const lying = await ethers.deployContract("LyingToken");
      const token = await lying.getAddress();
      const deposit = async (agent: bigint, amount: bigint) => {
        await lying.setStep(amount);
        await settlement.connect(deployer).deposit(agent, token, 1n, false);
      };
      const deal = await makeDeal(world, { token, price: 10n, buyerBond: 0n, sellerBond: 0n });
      await deposit(buyer, 10n);
      await commit(world, deal);
      await deposit(seller, MOST - 5n);
      const { buyerWallet } = world;
      const reason = error("BalanceTooLarge", seller, token, MOST + 5n, MOST);
      expect(await preview(Act.Accept, deal, buyerWallet.address)).to.deep.equal([false, reason, 0n, 0n]);
      await expect(settlement.connect(buyerWallet).accept(deal, TRANSCRIPT))
        .to.be.revertedWithCustomError(settlement, "BalanceTooLarge")
        .withArgs(seller, token, MOST + 5n, MOST);
    });
  });

  describe("rehearse", () => {
    it("given an act that would fail, reverts with its error", async () => {
      const deal = await makeDeal(world);
      await expect(lens.rehearse(Act.Execute, deal, TRANSCRIPT, NOBODY, 0n)).to.be.revertedWithCustomError(
        world.settlement,
        "DealMismatch",
      );
    });
  });
});
