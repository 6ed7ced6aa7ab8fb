import { expect } from "chai";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { DAY } from "../fixtures/time.ts";
import { answer, type DisputeWorld, dispute, loadDelivered, refer } from "./fixtures.ts";

describe("Settlement.disputeOf", () => {
  let world: DisputeWorld;

  beforeEach(async () => {
    world = await loadDelivered();
  });

  async function seen() {
    const { buyerShare, sellerShare, rulingUntil, ruling, answered, referred, ruled } =
      await world.settlement.disputeOf(world.deal);
    return { buyerShare, sellerShare, rulingUntil, ruling, answered, referred, ruled };
  }

  it("given no dispute, is all zero", async () => {
    expect(Object.values(await seen())).to.deep.equal([0n, 0n, 0n, 0n, false, false, false]);
  });

  it("follows the dispute through statements, referral and ruling, and stays afterwards", async () => {
    const { settlement, arbitrator, deal } = world;
    const since = await dispute(world, 2_000);
    const stated = {
      buyerShare: 2_000n,
      sellerShare: 10_000n,
      rulingUntil: BigInt(since + DAY + deal.rulingWithin),
      ruling: 0n,
      answered: false,
      referred: false,
      ruled: false,
    };
    expect(await seen()).to.deep.equal(stated);
    await answer(world, 9_000);
    const answered = { ...stated, sellerShare: 9_000n, answered: true };
    expect(await seen()).to.deep.equal(answered);
    const id = await refer(world);
    expect(await seen()).to.deep.equal({ ...answered, referred: true });
    await arbitrator.giveRuling(id, 10_003n);
    const ruled = { ...answered, referred: true, ruled: true, ruling: 10_003n };
    expect(await seen()).to.deep.equal(ruled);
    await settlement.execute(deal, TRANSCRIPT);
    expect(await seen()).to.deep.equal(ruled);
  });

  it("tells whoever of the two buys: one negotiation has one dispute", async () => {
    const { settlement, deal } = world;
    await dispute(world, 2_000);
    const turned = { ...deal, buyer: deal.seller, seller: deal.buyer, price: 1n };
    expect((await settlement.disputeOf(turned)).buyerShare).to.equal(2_000n);
  });
});
