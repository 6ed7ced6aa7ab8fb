import { expect } from "chai";
import fc from "fast-check";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { makeMandate } from "../fixtures/mandates.ts";
import { at, DAY } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import { fuzz, fuzzTime } from "../fuzz.ts";
import type { Deal } from "../typedData.ts";
import { bindBuyer, RESEARCH } from "./fixtures.ts";

const OTHER = ethers.id("other");
const DAY_NS = BigInt(DAY) * 10n ** 9n;
const RUNS = 25;

describe("the daily budget", () => {
  let world: World;
  let start: number;

  beforeEach(async () => {
    world = await load();
    start = (await networkHelpers.time.latest()) + 100;
  });

  /** Deals that expose the buyer to these prices. */
  async function deals<const Prices extends readonly bigint[]>(...prices: Prices) {
    const terms = { buyerBond: 0n, commitBy: start + 2 * DAY };
    const made = await Promise.all(prices.map((price) => makeDeal(world, { ...terms, price })));
    return made as unknown as { [Index in keyof Prices]: Deal };
  }

  async function expectExceeded(time: number, deal: Deal, left: bigint) {
    const { settlement } = world;
    await expect(at(time, () => commit(world, deal)))
      .to.be.revertedWithCustomError(settlement, "BudgetExceeded")
      .withArgs(deal.price + deal.buyerBond, left);
  }

  it("can be used as a whole at once, and not one unit more", async () => {
    const [whole, more, two] = await deals(86_400n, 86_401n, 2n);
    await bindBuyer(world, { budget: 86_400n });
    await expectExceeded(start, more, 86_400n);
    await at(start + 1, () => commit(world, whole));
    await expectExceeded(start + 2, two, 1n);
  });

  it("refills evenly: a unit a second where it is one for each second of the day", async () => {
    const [whole, hundred, more, again] = await deals(86_400n, 100n, 101n, 86_400n);
    await bindBuyer(world, { budget: 86_400n });
    await at(start, () => commit(world, whole));
    await expectExceeded(start + 100, more, 100n);
    await at(start + 101, () => commit(world, hundred));
    await expectExceeded(start + 102, more, 2n);
    await expectExceeded(start + 99 + DAY, again, 86_399n);
    await at(start + 100 + DAY, () => commit(world, again));
  });

  it("refills to the unit, where it is one for each nanosecond of the day", async () => {
    const { settlement, buyer } = world;
    await bindBuyer(world, { budget: DAY_NS, limit: DAY_NS, threshold: DAY_NS });
    const [all] = await deals(DAY_NS);
    const { token, deployer } = world;
    await token.mint(deployer, DAY_NS);
    await token.connect(deployer).approve(settlement, DAY_NS);
    await settlement.connect(deployer).deposit(buyer, token, DAY_NS, false);
    await at(start, () => commit(world, all));
    await networkHelpers.time.increaseTo(start + 100);
    const [, , left] = await settlement.mandateRefusal(all, buyer, DAY_NS, { blockTag: "latest" });
    expect(left).to.equal(100n * 10n ** 9n);
  });

  it("never holds more than a day's worth, however long it rests", async () => {
    const [more, whole, two] = await deals(86_401n, 86_400n, 2n);
    await bindBuyer(world, { budget: 86_400n, expiry: start + 30 * DAY });
    await expectExceeded(start + DAY, more, 86_400n);
    await at(start + DAY + 1, () => commit(world, whole));
    await expectExceeded(start + DAY + 2, two, 1n);
  });

  it("counts price and bond of a buyer", async () => {
    const deal = await makeDeal(world, { price: 600n, buyerBond: 401n });
    await bindBuyer(world, { budget: 1_000n });
    await expectExceeded(start, deal, 1_000n);
    await bindBuyer(world, { budget: 1_001n });
    await commit(world, deal);
  });

  it("counts the bond of a seller, on that side's own meter", async () => {
    const { settlement, token, seller, sellerOwner } = world;
    const mandate = await makeMandate({ budget: 30n });
    await settlement.connect(sellerOwner).setMandate(seller, token, RESEARCH, mandate);
    await bindBuyer(world, { budget: 1_000n });
    const terms = { price: 500n, buyerBond: 0n, sellerBond: 20n };
    await at(start, async () => await commit(world, await makeDeal(world, terms)));
    await expect(commit(world, await makeDeal(world, terms)))
      .to.be.revertedWithCustomError(settlement, "BudgetExceeded")
      .withArgs(20n, 10n);
    await commit(world, await makeDeal(world, { ...terms, sellerBond: 10n }));
  });

  it("rounds against the agent, so that tiny deals don't pass as nothing", async () => {
    const { settlement, buyer } = world;
    // one unit takes a millionth of a nanosecond of this budget; it is charged a whole one
    const budget = DAY_NS * 1_000_000n;
    await bindBuyer(world, { budget, limit: budget, threshold: budget });
    const [unit, whole] = await deals(1n, budget);
    await commit(world, unit);
    const [, , left] = await settlement.mandateRefusal(whole, buyer, budget, { blockTag: "latest" });
    expect(left).to.equal(budget - 1_000_000n);
  });

  it("rounds up whatever is left over, a nanosecond's part as well", async () => {
    const { settlement, buyer } = world;
    // a unit takes a nanosecond and the smallest part of another
    const budget = DAY_NS - 1n;
    await bindBuyer(world, { budget, limit: budget, threshold: budget });
    const [unit, whole] = await deals(1n, budget);
    await commit(world, unit);
    const [, , left] = await settlement.mandateRefusal(whole, buyer, budget, { blockTag: "latest" });
    expect(left).to.equal(((DAY_NS - 2n) * budget) / DAY_NS);
  });

  it("given a budget of 0, allows what exposes to nothing, and nothing else", async () => {
    const [free, unit] = await deals(0n, 1n);
    await bindBuyer(world, { budget: 0n });
    await expectExceeded(start, unit, 0n);
    await commit(world, free);
  });

  it("isn't restored by what comes back: a payment, a bond or a refund", async () => {
    const { settlement, buyerWallet } = world;
    const [one, second, more] = await deals(86_400n, 86_400n, 86_400n);
    const first = { ...one, deliverWithin: 0 };
    await bindBuyer(world, { budget: 86_400n });
    await at(start, () => commit(world, first));
    await at(start + DAY, () => commit(world, second));
    await at(start + DAY + 1, () => settlement.refund(first, TRANSCRIPT));
    await expectExceeded(start + DAY + 2, more, 2n);
    await at(start + DAY + 3, () => settlement.connect(buyerWallet).accept(second, TRANSCRIPT));
    await expectExceeded(start + DAY + 4, more, 4n);
  });

  it("is one meter for all categories: what one has used, no other has left", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    await bindBuyer(world, { budget: 100n });
    const rich = await makeMandate({ budget: 1_000_000n });
    await settlement.connect(buyerOwner).setMandate(buyer, token, OTHER, rich);
    // half of the small budget is half of the day, and so of the large one
    await at(start, async () => await commit(world, await makeDeal(world, { price: 50n, buyerBond: 0n })));
    const deal = await makeDeal(world, { price: 500_012n, buyerBond: 0n, category: OTHER });
    await expectExceeded(start + 1, deal, 500_011n);
  });

  it("is kept apart by token", async () => {
    const { settlement, buyer, buyerOwner } = world;
    await bindBuyer(world, { budget: 100n });
    await settlement
      .connect(buyerOwner)
      .setMandate(buyer, ethers.ZeroAddress, RESEARCH, await makeMandate({ budget: 100n }));
    await commit(world, await makeDeal(world, { price: 100n, buyerBond: 0n }));
    await commit(world, await makeDeal(world, { price: 100n, buyerBond: 0n, token: ethers.ZeroAddress }));
  });

  it("isn't moved on by what was refused", async () => {
    const { settlement } = world;
    await bindBuyer(world, { budget: 100n });
    const deal = await makeDeal(world, { price: 100n, buyerBond: 0n, sellerBond: 10n ** 15n });
    await expect(commit(world, deal)).to.be.revertedWithCustomError(settlement, "SellerFundsTooLow");
    await commit(world, await makeDeal(world, { price: 100n, buyerBond: 0n }));
  });

  it("over any run of days and in two categories, lets no window of w days use more than 1 + w budgets", async () => {
    const budgets = { [RESEARCH]: 1_000_000n, [OTHER]: 37_777n };
    const move = fc.record({
      wait: fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: DAY })),
      category: fc.constantFrom(RESEARCH, OTHER),
      /** Of what is left at that moment, in thousandths; above 1,000 it has to be refused. */
      part: fc.integer({ min: 1, max: 1_100 }),
    });
    const property = fc.asyncProperty(fc.array(move, { minLength: 8, maxLength: 24 }), async (moves) => {
      world = await load();
      const { settlement, token, buyer, buyerOwner } = world;
      await settlement.connect(buyerOwner).setUnlimited(buyer, false);
      for (const [category, budget] of Object.entries(budgets)) {
        const mandate = await makeMandate({ budget, expiry: 2 ** 40 - 1 });
        await settlement.connect(buyerOwner).setMandate(buyer, token, category, mandate);
      }
      const used: { time: number; share: number }[] = [];
      for (const { wait, category, part } of moves) {
        const budget = budgets[category] ?? 0n;
        const time = (await networkHelpers.time.latest()) + wait;
        await networkHelpers.time.increaseTo(time);
        const probe = await makeDeal(world, { category });
        const [, , left] = await settlement.mandateRefusal(probe, buyer, budget + 1n);
        const price = (left * BigInt(part)) / 1_000n + (part > 1_000 ? 1n : 0n);
        if (price === 0n) continue;
        const deal = { ...probe, price, buyerBond: 0n, sellerBond: 0n, commitBy: time + DAY };
        const sending = at(time + 1, () => commit(world, deal));
        if (price > left + 12n) {
          await expect(sending).to.be.revertedWithCustomError(settlement, "BudgetExceeded");
          continue;
        }
        await sending.catch((error: Error) => expect(error.message).to.include("BudgetExceeded"));
        const { status } = await settlement.recordOf(deal);
        if (status !== 0n) used.push({ time: time + 1, share: Number(price) / Number(budget) });
      }
      for (const [i, from] of used.entries()) {
        let sum = 0;
        for (const to of used.slice(i)) {
          sum += to.share;
          expect(sum).to.be.at.most(1 + (to.time - from.time) / DAY + 1e-9);
        }
      }
      expect(used.length).to.be.above(0);
    });
    await fc.assert(property, fuzz(RUNS, 20_260_103));
  }).timeout(fuzzTime(RUNS, 120_000));
});
