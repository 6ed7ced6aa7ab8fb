import { expect } from "chai";
import { agree, agreeBySession, commit } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { at, DAY } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import type { Deal } from "../typedData.ts";

const NOTHING = ["0x00000000", 0n, 0n];

describe("Settlement.refusal", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  /** The view names it, and both forms of commitment throw just that. */
  async function expectRefused(deal: Deal, error: string, actual: bigint | number, limit: bigint | number) {
    const { settlement } = world;
    const selector = settlement.interface.getError(error)?.selector;
    const numbers = [BigInt(actual), BigInt(limit)] as const;
    expect(await settlement.refusal(deal, { blockTag: "latest" })).to.deep.equal([selector, ...numbers]);
    await expect(settlement.commit(...(await agree(world, deal))), "by wallets")
      .to.be.revertedWithCustomError(settlement, error)
      .withArgs(...numbers);
    await expect(settlement.commitBySession(...(await agreeBySession(world, deal)).args), "by session keys")
      .to.be.revertedWithCustomError(settlement, error)
      .withArgs(...numbers);
  }

  it("given a deal that can be committed, names nothing", async () => {
    expect(await world.settlement.refusal(await makeDeal(world))).to.deep.equal(NOTHING);
  });

  it("given one agent on both sides, names it", async () => {
    const { buyer } = world;
    await expectRefused(await makeDeal(world, { seller: buyer }), "BuyerIsSeller", buyer, buyer);
  });

  it("given an agent that doesn't exist, names it and how many there are", async () => {
    await expectRefused(await makeDeal(world, { buyer: 7n }), "AgentUnknown", 7n, 2n);
    await expectRefused(await makeDeal(world, { seller: 8n }), "AgentUnknown", 8n, 2n);
    await expectRefused(await makeDeal(world, { seller: 0n }), "AgentUnknown", 0n, 2n);
  });

  it("given an agent without a wallet, names it and its epoch", async () => {
    const { registry, seller, sellerOwner } = world;
    await registry.connect(sellerOwner).unsetAgentWallet(seller);
    await expectRefused(await makeDeal(world), "WalletMissing", seller, 3n);
  });

  it("given an offer whose time is over, names the time", async () => {
    const { settlement } = world;
    const deal = await makeDeal(world);
    const args = await agree(world, deal);
    await networkHelpers.time.increaseTo(deal.commitBy);
    expect(await settlement.refusal(deal, { blockTag: "latest" })).to.deep.equal(NOTHING);
    await expect(at(deal.commitBy + 1, () => settlement.commit(...args)))
      .to.be.revertedWithCustomError(settlement, "CommitByPassed")
      .withArgs(deal.commitBy + 1, deal.commitBy);
    await networkHelpers.mine();
    const selector = settlement.interface.getError("CommitByPassed")?.selector;
    const expected = [selector, BigInt(deal.commitBy + 1), BigInt(deal.commitBy)];
    expect(await settlement.refusal(deal, { blockTag: "latest" })).to.deep.equal(expected);
  });

  it("given an offer that binds for more than five days, names the limit", async () => {
    const { settlement } = world;
    const time = (await networkHelpers.time.latest()) + 100;
    const latest = await makeDeal(world, { commitBy: time + 5 * DAY });
    const tooLate = { ...latest, commitBy: latest.commitBy + 1 };
    const refused = await agree(world, tooLate);
    await expect(at(time, () => settlement.commit(...refused)))
      .to.be.revertedWithCustomError(settlement, "CommitByTooFar")
      .withArgs(time + 5 * DAY + 1, time + 5 * DAY);
    const good = await agree(world, tooLate);
    await at(time + 1, () => settlement.commit(...good));
  });

  it("given a share on lapse above the whole, names it", async () => {
    await expectRefused(await makeDeal(world, { lapseShare: 10_001 }), "LapseShareTooHigh", 10_001, 10_000);
    expect(await world.settlement.refusal(await makeDeal(world, { lapseShare: 10_000 }))).to.deep.equal(NOTHING);
  });

  it("given a negotiation that made its deal, names that deal's status", async () => {
    const deal = await makeDeal(world);
    await commit(world, deal);
    await expectRefused(deal, "NegotiationUsed", Status.Committed, Status.None);
  });

  it("given a buyer one short of price and bond, names both figures", async () => {
    const deal = await makeDeal(world, { price: FUNDS, buyerBond: 1n });
    await expectRefused(deal, "BuyerFundsTooLow", FUNDS, FUNDS + 1n);
    expect(await world.settlement.refusal({ ...deal, price: FUNDS - 1n })).to.deep.equal(NOTHING);
  });

  it("given amounts whose sum exceeds 128 bits, names the sum", async () => {
    const most = 2n ** 128n - 1n;
    const deal = await makeDeal(world, { price: most, buyerBond: most });
    await expectRefused(deal, "BuyerFundsTooLow", FUNDS, 2n * most);
  });

  it("given a seller one short of its bond, names both figures", async () => {
    const deal = await makeDeal(world, { sellerBond: FUNDS + 1n });
    await expectRefused(deal, "SellerFundsTooLow", FUNDS, FUNDS + 1n);
    expect(await world.settlement.refusal({ ...deal, sellerBond: FUNDS })).to.deep.equal(NOTHING);
  });

  it("knows every error of IRefusals and no other", async () => {
    const { interface: refusals } = await ethers.getContractAt("IRefusals", ethers.ZeroAddress);
    const names: string[] = [];
    refusals.forEachError(({ name, inputs }) => {
      names.push(name);
      expect(
        inputs.map(({ type }) => type),
        name,
      ).to.deep.equal(["uint256", "uint256"]);
    });
    expect(names.sort()).to.deep.equal([
      "AgentLocked",
      "AgentUnknown",
      "ApprovalMissing",
      "BudgetExceeded",
      "BuyerFundsTooLow",
      "BuyerIsSeller",
      "CommitByPassed",
      "CommitByTooFar",
      "CommitmentsPaused",
      "DealLimitExceeded",
      "LapseShareTooHigh",
      "MandateExpired",
      "MandateMissing",
      "NegotiationUsed",
      "SellerFundsTooLow",
      "WalletMissing",
    ]);
  });
});
