import { expect } from "chai";
import { expectBooks } from "../disputes/fixtures.ts";
import { registerAgent } from "../fixtures/agents.ts";
import { NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { DAY } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { contradict, expose, file } from "./contradictions.ts";
import { bondedOf, loadStaked, STAKE, stake } from "./fixtures.ts";

describe("Settlement.equivocation, by what it charges", () => {
  let world: World;
  let deal: Deal;

  beforeEach(async () => {
    world = await loadStaked();
    deal = await makeDeal(world);
  });

  it("given a new owner, charges the stake that came with the token", async () => {
    const { registry, settlement, seller, sellerOwner, stranger } = world;
    const pair = await contradict(world, deal, "seller");
    await registry.connect(sellerOwner).transferFrom(sellerOwner, stranger, seller);
    await expect(file(world, deal, "seller", pair)).to.emit(settlement, "Equivocated");
    expect(await bondedOf(world, "seller", deal.token)).to.deep.equal([STAKE - deal.sellerBond, 0n]);
  });

  describe("takes no more than is at stake", () => {
    it("given less than the bond, takes all of it", async () => {
      const { settlement, seller } = world;
      const large = { ...deal, sellerBond: STAKE + 1n };
      await expect(expose(world, large, "seller"))
        .to.emit(settlement, "Penalised")
        .withArgs(hashDeal(large), seller, deal.token, STAKE, STAKE / 10n);
      expect(await bondedOf(world, "seller", deal.token)).to.deep.equal([0n, 0n]);
      await expectBooks(world, deal.token, 0n);
    });

    it("given nothing, takes nothing", async () => {
      world = await load();
      const { settlement, seller } = world;
      await expect(expose(world, deal, "seller"))
        .to.emit(settlement, "Penalised")
        .withArgs(hashDeal(deal), seller, deal.token, 0n, 0n);
      await expectBooks(world, deal.token, 0n);
    });

    it("given stake that is leaving, takes it after what stays", async () => {
      const { settlement, seller, sellerOwner } = world;
      await settlement.connect(sellerOwner).unstake(seller, deal.token, STAKE - 5_000_000n);
      await expose(world, deal, "seller");
      expect(await bondedOf(world, "seller", deal.token)).to.deep.equal([0n, STAKE - deal.sellerBond]);
      await expectBooks(world, deal.token, 0n);
    });

    it("given half of it leaving, takes of that half no more than is missing", async () => {
      const { settlement, seller, sellerOwner } = world;
      await settlement.connect(sellerOwner).unstake(seller, deal.token, STAKE / 2n);
      await expose(world, { ...deal, sellerBond: STAKE / 2n + 10n }, "seller");
      expect(await bondedOf(world, "seller", deal.token)).to.deep.equal([0n, STAKE / 2n - 10n]);
      await expectBooks(world, deal.token, 0n);
    });

    it("given stake that could have left but didn't, takes that too", async () => {
      const { settlement, seller, sellerOwner } = world;
      await settlement.connect(sellerOwner).unstake(seller, deal.token, STAKE);
      await networkHelpers.time.increase(8 * DAY);
      await expose(world, deal, "seller");
      expect(await bondedOf(world, "seller", deal.token)).to.deep.equal([0n, STAKE - deal.sellerBond]);
      await settlement.connect(sellerOwner).release(seller, deal.token);
      await expectBooks(world, deal.token, 0n);
    });

    it("leaves free balances and stake in other tokens alone", async () => {
      const { settlement, seller } = world;
      const large = { ...deal, sellerBond: 10n ** 12n };
      const free = await settlement.free(seller, deal.token);
      await expose(world, large, "seller");
      expect(await settlement.free(seller, deal.token)).to.equal(free);
      expect(await bondedOf(world, "seller", NATIVE)).to.deep.equal([STAKE, 0n]);
    });

    it("given native coin, does the same", async () => {
      const native = { ...deal, token: NATIVE };
      await expose(world, native, "seller");
      expect(await bondedOf(world, "seller", NATIVE)).to.deep.equal([STAKE - deal.sellerBond, 0n]);
      await expectBooks(world, NATIVE, 0n);
    });

    it("rounds the reward down and burns the rest", async () => {
      const { settlement, seller } = world;
      const odd = { ...deal, sellerBond: 19n };
      await expect(expose(world, odd, "seller"))
        .to.emit(settlement, "Penalised")
        .withArgs(hashDeal(odd), seller, deal.token, 19n, 1n);
      expect((await settlement.solvent(deal.token)).burnt).to.equal(18n);
    });
  });

  describe("charges a negotiation once", () => {
    it("given a second contradiction, refuses", async () => {
      const { settlement, seller } = world;
      await expose(world, deal, "seller");
      for (const seq of [4, 7]) {
        await expect(expose(world, deal, "seller", { seq }))
          .to.be.revertedWithCustomError(settlement, "FaultPaid")
          .withArgs(seller, deal.sellerBond, deal.sellerBond);
      }
    });

    it("given a larger bond, charges the difference; given a smaller one, nothing", async () => {
      const { settlement, seller } = world;
      const small = { ...deal, sellerBond: 1_000n };
      await expose(world, small, "seller");
      await expect(expose(world, deal, "seller"))
        .to.emit(settlement, "Penalised")
        .withArgs(hashDeal(deal), seller, deal.token, deal.sellerBond - 1_000n, (deal.sellerBond - 1_000n) / 10n);
      await expect(expose(world, small, "seller"))
        .to.be.revertedWithCustomError(settlement, "FaultPaid")
        .withArgs(seller, deal.sellerBond, 1_000n);
      expect(await bondedOf(world, "seller", deal.token)).to.deep.equal([STAKE - deal.sellerBond, 0n]);
      await expectBooks(world, deal.token, 0n);
    });

    it("given more stake than there was, charges what is missing of the bond, and no more", async () => {
      const { settlement, seller, sellerOwner } = world;
      await settlement.connect(sellerOwner).unstake(seller, deal.token, STAKE);
      await networkHelpers.time.increase(7 * DAY + 1);
      await settlement.connect(sellerOwner).release(seller, deal.token);
      await stake(world, "seller", deal.token, 1_000n);
      const pair = await contradict(world, deal, "seller");
      await file(world, deal, "seller", pair);
      await stake(world, "seller", deal.token, STAKE);
      await file(world, deal, "seller", pair);
      await expect(file(world, deal, "seller", pair)).to.be.revertedWithCustomError(settlement, "FaultPaid");
      expect(await bondedOf(world, "seller", deal.token)).to.deep.equal([STAKE + 1_000n - deal.sellerBond, 0n]);
    });

    it("given another negotiation, token or side, charges anew", async () => {
      const { settlement } = world;
      await expose(world, deal, "seller");
      const next = await makeDeal(world);
      const native = { ...deal, token: NATIVE };
      await expect(expose(world, next, "seller")).to.emit(settlement, "Equivocated");
      await expect(expose(world, native, "seller")).to.emit(settlement, "Equivocated");
      await expect(expose(world, deal, "buyer")).to.emit(settlement, "Equivocated");
    });

    it("given no bond, has nothing to charge and refuses", async () => {
      const { settlement, seller } = world;
      const bondless = { ...deal, sellerBond: 0n };
      await expect(expose(world, bondless, "seller"))
        .to.be.revertedWithCustomError(settlement, "FaultPaid")
        .withArgs(seller, 0n, 0n);
    });
  });

  it("takes nothing that a thief of the key can have, but a tenth", async () => {
    const { settlement, stranger } = world;
    // the thief is the counterparty, and names the largest bond
    const thief = await registerAgent(world, stranger);
    const theft = { ...deal, buyer: thief, sellerBond: 2n ** 127n };
    await expose(world, theft, "seller");
    expect(await settlement.free(thief, deal.token)).to.equal(STAKE / 10n);
    expect(await bondedOf(world, "seller", deal.token)).to.deep.equal([0n, 0n]);
  });
});
