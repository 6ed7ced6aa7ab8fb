import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "../fixtures/chain.ts";
import { makeMandate } from "../fixtures/mandates.ts";
import { load, type World } from "../fixtures/world.ts";
import { fuzz, fuzzTime } from "../fuzz.ts";
import { ANY, NO_MANDATE, RESEARCH, stored } from "./fixtures.ts";

/** The amount with all but its 56 highest bits cleared. */
function rounded(amount: bigint): bigint {
  const excess = BigInt(Math.max(0, amount.toString(2).length - 56));
  return (amount >> excess) << excess;
}

const RUNS = 60;

describe("Settlement.setMandate", () => {
  let world: World;
  let token: string;

  beforeEach(async () => {
    world = await load();
    token = await world.token.getAddress();
  });

  it("given the owner, stores and tells what counts from now on", async () => {
    const { settlement, buyer, buyerOwner, stranger } = world;
    const mandate = await makeMandate({ approver: stranger.address });
    await expect(settlement.connect(buyerOwner).setMandate(buyer, token, RESEARCH, mandate))
      .to.emit(settlement, "MandateSet")
      .withArgs(buyer, token, RESEARCH, 1n, stored(mandate));
    expect(await settlement.mandateOf(buyer, token, RESEARCH)).to.deep.equal([true, true, stored(mandate)]);
  });

  it("given an agent whose number isn't that of its tenure, tells what it set for it", async () => {
    const { settlement, seller, sellerOwner } = world;
    const mandate = await makeMandate({});
    await settlement.connect(sellerOwner).setMandate(seller, token, RESEARCH, mandate);
    expect(await settlement.mandateOf(seller, token, RESEARCH)).to.deep.equal([true, true, stored(mandate)]);
  });

  it("given another mandate, replaces the one before as a whole", async () => {
    const { settlement, buyer, buyerOwner, stranger } = world;
    const owned = settlement.connect(buyerOwner);
    await owned.setMandate(buyer, token, RESEARCH, await makeMandate({ approver: stranger.address }));
    const nothing = await makeMandate({ limit: 0n, budget: 0n, threshold: 0n, expiry: 0 });
    await owned.setMandate(buyer, token, RESEARCH, nothing);
    expect(await settlement.mandateOf(buyer, token, RESEARCH)).to.deep.equal([true, true, NO_MANDATE]);
  });

  it("keeps agents, tokens and categories apart", async () => {
    const { settlement, buyer, seller, buyerOwner } = world;
    await settlement.connect(buyerOwner).setMandate(buyer, token, RESEARCH, await makeMandate());
    expect(await settlement.mandateOf(seller, token, RESEARCH)).to.deep.equal([false, true, NO_MANDATE]);
    expect(await settlement.mandateOf(buyer, ethers.ZeroAddress, RESEARCH)).to.deep.equal([false, true, NO_MANDATE]);
    expect(await settlement.mandateOf(buyer, token, ethers.id("other"))).to.deep.equal([false, true, NO_MANDATE]);
    expect(await settlement.mandateOf(buyer, token, ANY)).to.deep.equal([false, true, NO_MANDATE]);
  });

  it("given category 0, stands in wherever none is set, and nowhere else", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const owned = settlement.connect(buyerOwner);
    const [general, special] = [await makeMandate({ limit: 1n }), await makeMandate({ limit: 2n })];
    await owned.setMandate(buyer, token, ANY, general);
    await owned.setMandate(buyer, token, RESEARCH, special);
    const limits = await Promise.all(
      [ANY, RESEARCH, ethers.id("other")].map(async (category) => {
        return (await settlement.mandateOf(buyer, token, category)).mandate.limit;
      }),
    );
    expect(limits).to.deep.equal([1n, 2n, 1n]);
  });

  it("given anybody else, wallet and approved operator included, refuses", async () => {
    const { registry, settlement, buyer, buyerOwner, buyerWallet, relayer, sellerOwner } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    const mandate = await makeMandate();
    for (const caller of [buyerWallet, relayer, sellerOwner]) {
      await expect(settlement.connect(caller).setMandate(buyer, token, RESEARCH, mandate))
        .to.be.revertedWithCustomError(settlement, "NotOwner")
        .withArgs(buyer, caller.address);
    }
  });

  it("given amounts of more than 56 significant bits, rounds them down; 56 stay as they are", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const all = 2n ** 56n - 1n;
    const most = 2n ** 128n - 1n;
    const mandate = await makeMandate({ limit: most, budget: 2n * all + 1n, threshold: all, expiry: 2 ** 40 - 1 });
    const counts = { ...mandate, limit: all << 72n, budget: 2n * all };
    await expect(settlement.connect(buyerOwner).setMandate(buyer, token, ANY, mandate))
      .to.emit(settlement, "MandateSet")
      .withArgs(buyer, token, ANY, 1n, stored(counts));
  });

  it("given any amounts, loses less than one part in 2^55 and never adds", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const amount = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).chain((value) => {
      return fc.nat({ max: 127 }).map((shift) => value >> BigInt(shift));
    });
    const property = fc.asyncProperty(amount, amount, amount, async (limit, budget, threshold) => {
      const mandate = await makeMandate({ limit, budget, threshold });
      await settlement.connect(buyerOwner).setMandate(buyer, token, ANY, mandate);
      const counts = (await settlement.mandateOf(buyer, token, ANY)).mandate;
      expect([counts.limit, counts.budget, counts.threshold]).to.deep.equal([limit, budget, threshold].map(rounded));
      for (const given of [limit, budget, threshold]) expect((given - rounded(given)) << 55n <= given).to.equal(true);
    });
    await fc.assert(property, fuzz(RUNS, 20_260_102));
  }).timeout(fuzzTime(RUNS, 20_000));
});
