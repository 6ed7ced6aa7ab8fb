import { expect } from "chai";
import { expectBooks } from "../disputes/fixtures.ts";
import { commit } from "../fixtures/agreements.ts";
import { balances } from "../fixtures/balances.ts";
import { ethers } from "../fixtures/chain.ts";
import { escrowOf, expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Kind, Status } from "../fixtures/enums.ts";
import type { World } from "../fixtures/world.ts";
import { SessionKey } from "../sessionKey.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { contradict, expose, file } from "./contradictions.ts";
import { bondedOf, bondOf, loadStaked, otherOf, STAKE, say } from "./fixtures.ts";

type Kinds = "Offer" | "Accept";

describe("Settlement.equivocation", () => {
  let world: World;
  let deal: Deal;
  /** What the second envelope names instead. */
  let other: Deal;

  beforeEach(async () => {
    world = await loadStaked();
    deal = await makeDeal(world);
    other = { ...deal, price: deal.price + 1n };
  });

  for (const side of ["buyer", "seller"] as const) {
    for (const [one, two] of [
      ["Offer", "Offer"],
      ["Offer", "Accept"],
      ["Accept", "Offer"],
      ["Accept", "Accept"],
    ] satisfies [Kinds, Kinds][]) {
      it(`given ${one} and ${two} of the ${side} with one number, charges its bond, whoever shows it`, async () => {
        const { settlement } = world;
        const first = await say(world, deal, side, one);
        const second = await say(world, deal, side, two, other);
        const before = await balances(world, deal.token);
        const filing = file(world, deal, side, [first, second]);
        await expect(filing)
          .to.emit(settlement, "Equivocated")
          .withArgs(deal[side], deal.negotiation, 4, first.hash, second.hash);
        const bond = bondOf(deal, side);
        await expect(filing)
          .to.emit(settlement, "Penalised")
          .withArgs(hashDeal(deal), deal[side], deal.token, bond, bond / 10n);
        expect(await bondedOf(world, side, deal.token)).to.deep.equal([STAKE - bond, 0n]);
        expect(await bondedOf(world, otherOf(side), deal.token)).to.deep.equal([STAKE, 0n]);
        const after = await balances(world, deal.token);
        expect(after[otherOf(side)] - before[otherOf(side)]).to.equal(bond / 10n);
        expect(after[side]).to.equal(before[side]);
        expect((await settlement.solvent(deal.token)).burnt).to.equal(bond - bond / 10n);
        await expectBooks(world, deal.token, 0n);
      });
    }
  }

  it("given one deal in both, counts whatever else differs", async () => {
    for (const options of [{ sentAt: 1n }, { prev: ethers.id("other prev") }, { seen: ethers.id("other seen") }]) {
      const of = await makeDeal(world);
      const first = await say(world, of, "seller", "Offer");
      const second = await say(world, of, "seller", "Offer", of, options);
      await expect(file(world, of, "seller", [first, second])).to.emit(world.settlement, "Equivocated");
    }
  });

  it("given an offer and an acceptance of the same deal, counts too", async () => {
    const first = await say(world, deal, "seller", "Offer");
    const second = await say(world, deal, "seller", "Accept");
    await expect(file(world, deal, "seller", [first, second])).to.emit(world.settlement, "Equivocated");
  });

  it("given one envelope twice, however often signed, refuses", async () => {
    const { settlement, seller } = world;
    const key = new SessionKey();
    const first = await say(world, deal, "seller", "Offer", deal, { key });
    const again = await say(world, deal, "seller", "Offer", deal, { key });
    const byOtherKey = await say(world, deal, "seller", "Offer", deal, { key: new SessionKey() });
    expect(again.hash).to.equal(first.hash);
    for (const second of [first, again, byOtherKey]) {
      await expect(file(world, deal, "seller", [first, second]))
        .to.be.revertedWithCustomError(settlement, "NotEquivocal")
        .withArgs(seller, 4, 4);
    }
  });

  it("given two numbers, refuses", async () => {
    const { settlement, seller } = world;
    const first = await say(world, deal, "seller", "Offer");
    const second = await say(world, deal, "seller", "Offer", other, { seq: 5 });
    await expect(file(world, deal, "seller", [first, second]))
      .to.be.revertedWithCustomError(settlement, "NotEquivocal")
      .withArgs(seller, 4, 5);
  });

  it("given envelopes that name other deals than the first one's, refuses", async () => {
    const { settlement } = world;
    const first = await say(world, deal, "seller", "Offer", other);
    const second = await say(world, deal, "seller", "Offer");
    await expect(file(world, deal, "seller", [first, second]))
      .to.be.revertedWithCustomError(settlement, "WrongDeal")
      .withArgs(hashDeal(other), hashDeal(deal));
    await file(world, deal, "seller", [second, first]);
  });

  it("given an agent that is on neither side, refuses", async () => {
    const { settlement } = world;
    const [first, second] = await contradict(world, deal, "seller");
    await expect(settlement.equivocation(99n, deal, first.said, second.said))
      .to.be.revertedWithCustomError(settlement, "NotAParty")
      .withArgs(hashDeal(deal), 99n);
  });

  it("given what the other side said, refuses", async () => {
    const { settlement, buyer, seller, sellerWallet, relayer } = world;
    const [first, second] = await contradict(world, deal, "buyer");
    await expect(settlement.connect(relayer).equivocation(seller, deal, first.said, second.said))
      .to.be.revertedWithCustomError(settlement, "BadCertificate")
      .withArgs(seller, sellerWallet.address);
    const mine = await say(world, deal, "seller", "Offer", other);
    await expect(settlement.connect(relayer).equivocation(buyer, deal, first.said, mine.said))
      .to.be.revertedWithCustomError(settlement, "BadCertificate")
      .withArgs(buyer, world.buyerWallet.address);
  });

  it("given another kind of envelope or another negotiation in either place, refuses", async () => {
    const { settlement, seller } = world;
    const [first] = await contradict(world, deal, "seller");
    for (const options of [
      { kind: Kind.Join },
      { kind: Kind.End },
      { kind: Kind.Cancel },
      { negotiation: ethers.id("another") },
    ]) {
      const bad = await say(world, deal, "seller", "Offer", deal, options);
      for (const pair of [[first, bad] as const, [bad, first] as const]) {
        await expect(file(world, deal, "seller", pair))
          .to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature")
          .withArgs(seller);
      }
    }
  });

  it("given an offer shown as an acceptance, refuses: the key signed it otherwise", async () => {
    const { settlement } = world;
    const offer = await say(world, deal, "seller", "Offer");
    const shown = { said: { ...offer.said, accepts: true }, hash: offer.hash };
    await expect(file(world, deal, "seller", [offer, shown])).to.be.revertedWithCustomError(
      settlement,
      "BadEnvelopeSignature",
    );
  });

  it("given a deal that was committed, counts and leaves the deal as it is", async () => {
    const since = await commit(world, deal);
    await expose(world, deal, "seller");
    await expectStatus(world.settlement, deal, Status.Committed, since);
    await expectBooks(world, deal.token, escrowOf(deal));
  });

  it("given a pause, still counts", async () => {
    await world.settlement.connect(world.deployer).pause();
    await expose(world, deal, "seller");
  });

  it("given a deal of an agent with itself, refuses: its tenth would come back to it", async () => {
    const own = { ...deal, buyer: deal.seller };
    await expect(expose(world, own, "seller"))
      .to.be.revertedWithCustomError(world.settlement, "BuyerIsSeller")
      .withArgs(deal.seller, deal.seller);
  });

  it("given a counterparty that isn't registered, refuses: its tenth would be whoever's registers next", async () => {
    const { registry, settlement } = world;
    const agents = await registry.agentCount();
    for (const buyer of [agents + 1n, 0n]) {
      const odd = { ...deal, buyer };
      await expect(expose(world, odd, "seller"))
        .to.be.revertedWithCustomError(settlement, "AgentUnknown")
        .withArgs(buyer, agents);
    }
  });
});
