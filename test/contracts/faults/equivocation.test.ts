import { expect } from "chai";
import type { ContractWallet } from "../../../types/ethers-contracts/index.ts";
import { expectBooks } from "../disputes/fixtures.ts";
import {
  at,
  balances,
  commit,
  DAY,
  escrowOf,
  ethers,
  expectStatus,
  HOUR,
  Kind,
  load,
  Manner,
  makeDeal,
  NATIVE,
  networkHelpers,
  registerAgent,
  registryDomain,
  Status,
  setWallet,
  type World,
} from "../fixtures.ts";
import { certificateTypes, SessionKey } from "../sessionKey.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { bondOf, loadStaked, otherOf, type Side, STAKE, say, stake } from "./fixtures.ts";

const LIABILITY = DAY;

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

  async function file(
    side: Side,
    first: Awaited<ReturnType<typeof say>>,
    second: Awaited<ReturnType<typeof say>>,
    of = deal,
  ) {
    return await world.settlement.connect(world.relayer).equivocation(of[side], of, first.said, second.said);
  }

  /** Two offers of one number, for the deal and for another. */
  async function contradict(side: Side, of = deal, options: Parameters<typeof say>[5] = {}) {
    const first = await say(world, of, side, "Offer", of, options);
    const second = await say(world, of, side, "Offer", { ...of, terms: ethers.id("other terms") }, options);
    return [first, second] as const;
  }

  async function bonded(side: Side, token = deal.token) {
    const { bonded, leaving } = await world.settlement.stakeOf(world[side], token);
    return [bonded, leaving];
  }

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
        const filing = file(side, first, second);
        await expect(filing)
          .to.emit(settlement, "Equivocated")
          .withArgs(deal[side], deal.negotiation, 4, first.hash, second.hash);
        const bond = bondOf(deal, side);
        await expect(filing)
          .to.emit(settlement, "Penalised")
          .withArgs(hashDeal(deal), deal[side], deal.token, bond, bond / 10n);
        expect(await bonded(side)).to.deep.equal([STAKE - bond, 0n]);
        expect(await bonded(otherOf(side))).to.deep.equal([STAKE, 0n]);
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
      await expect(file("seller", first, second, of)).to.emit(world.settlement, "Equivocated");
    }
  });

  it("given an offer and an acceptance of the same deal, counts too", async () => {
    const first = await say(world, deal, "seller", "Offer");
    const second = await say(world, deal, "seller", "Accept");
    await expect(file("seller", first, second)).to.emit(world.settlement, "Equivocated");
  });

  it("given one envelope twice, however often signed, refuses", async () => {
    const { settlement, seller } = world;
    const key = new SessionKey();
    const first = await say(world, deal, "seller", "Offer", deal, { key });
    const again = await say(world, deal, "seller", "Offer", deal, { key });
    const byOtherKey = await say(world, deal, "seller", "Offer", deal, { key: new SessionKey() });
    expect(again.hash).to.equal(first.hash);
    for (const second of [first, again, byOtherKey]) {
      await expect(file("seller", first, second))
        .to.be.revertedWithCustomError(settlement, "NotEquivocal")
        .withArgs(seller, 4, 4);
    }
  });

  it("given two numbers, refuses", async () => {
    const { settlement, seller } = world;
    const first = await say(world, deal, "seller", "Offer");
    const second = await say(world, deal, "seller", "Offer", other, { seq: 5 });
    await expect(file("seller", first, second))
      .to.be.revertedWithCustomError(settlement, "NotEquivocal")
      .withArgs(seller, 4, 5);
  });

  it("given envelopes that name other deals than the first one's, refuses", async () => {
    const { settlement } = world;
    const first = await say(world, deal, "seller", "Offer", other);
    const second = await say(world, deal, "seller", "Offer");
    await expect(file("seller", first, second))
      .to.be.revertedWithCustomError(settlement, "WrongDeal")
      .withArgs(hashDeal(other), hashDeal(deal));
    await file("seller", second, first);
  });

  it("given an agent that is on neither side, refuses", async () => {
    const { settlement } = world;
    const [first, second] = await contradict("seller");
    await expect(settlement.equivocation(99n, deal, first.said, second.said))
      .to.be.revertedWithCustomError(settlement, "NotAParty")
      .withArgs(hashDeal(deal), 99n);
  });

  it("given what the other side said, refuses", async () => {
    const { settlement, buyer, seller, sellerWallet, relayer } = world;
    const [first, second] = await contradict("buyer");
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
    const [first] = await contradict("seller");
    for (const options of [
      { kind: Kind.Join },
      { kind: Kind.End },
      { kind: Kind.Cancel },
      { negotiation: ethers.id("another") },
    ]) {
      const bad = await say(world, deal, "seller", "Offer", deal, options);
      for (const pair of [[first, bad] as const, [bad, first] as const]) {
        await expect(file("seller", ...pair))
          .to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature")
          .withArgs(seller);
      }
    }
  });

  it("given an offer shown as an acceptance, refuses: the key signed it otherwise", async () => {
    const { settlement } = world;
    const offer = await say(world, deal, "seller", "Offer");
    const shown = { said: { ...offer.said, accepts: true }, hash: offer.hash };
    await expect(file("seller", offer, shown)).to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature");
  });

  it("given two keys of one agent, counts", async () => {
    const first = await say(world, deal, "seller", "Offer", deal, { key: new SessionKey() });
    const second = await say(world, deal, "seller", "Offer", other, { key: new SessionKey() });
    await expect(file("seller", first, second)).to.emit(world.settlement, "Equivocated");
  });

  it("given two epochs of one agent, counts", async () => {
    const { registry, settlement, seller, sellerWallet } = world;
    const first = await say(world, deal, "seller", "Offer");
    await registry.connect(sellerWallet).revokeKeys(seller);
    const second = await say(world, deal, "seller", "Offer", other);
    expect([first.said.auth.session.epoch, second.said.auth.session.epoch]).to.deep.equal([2n, 3n]);
    await expect(file("seller", first, second)).to.emit(settlement, "Equivocated");
  });

  it("given a deal that was committed, counts and leaves the deal as it is", async () => {
    const since = await commit(world, deal);
    await file("seller", ...(await contradict("seller")));
    await expectStatus(world.settlement, deal, Status.Committed, since);
    await expectBooks(world, deal.token, escrowOf(deal));
  });

  it("given a pause, still counts", async () => {
    await world.settlement.connect(world.deployer).pause();
    await file("seller", ...(await contradict("seller")));
  });

  describe("given the end of a key's authority", () => {
    const outcome = async (time: number, pair: Awaited<ReturnType<typeof contradict>>, end: number) => {
      const filing = at(time, () => file("seller", ...pair));
      if (time <= end) await expect(filing).to.emit(world.settlement, "Equivocated");
      else {
        await expect(filing)
          .to.be.revertedWithCustomError(world.settlement, "CertificateExpired")
          .withArgs(world.seller, time, end);
      }
    };

    for (const late of [0, 1]) {
      const title = late ? "no longer" : "still in the last second";
      it(`by revocation, counts for a day, ${title}`, async () => {
        const pair = await contradict("seller", deal, { notAfter: (await networkHelpers.time.latest()) + 30 * DAY });
        await world.registry.connect(world.sellerOwner).revokeKeys(world.seller);
        const end = (await networkHelpers.time.latest()) + LIABILITY;
        await outcome(end + late, pair, end);
      });

      it(`by its certificate, counts for a day, ${title}`, async () => {
        const notAfter = (await networkHelpers.time.latest()) + HOUR;
        const pair = await contradict("seller", deal, { notAfter });
        await outcome(notAfter + LIABILITY + late, pair, notAfter + LIABILITY);
      });

      it(`by a certificate that ended before the revocation, counts for a day from there, ${title}`, async () => {
        const notAfter = (await networkHelpers.time.latest()) + HOUR;
        const pair = await contradict("seller", deal, { notAfter });
        await networkHelpers.time.increaseTo(notAfter + HOUR);
        await world.registry.connect(world.sellerOwner).revokeKeys(world.seller);
        await outcome(notAfter + LIABILITY + late, pair, notAfter + LIABILITY);
      });
    }

    it("needs both envelopes to count", async () => {
      const notAfter = (await networkHelpers.time.latest()) + HOUR;
      const first = await say(world, deal, "seller", "Offer", deal, { notAfter: notAfter + 10 * DAY });
      const second = await say(world, deal, "seller", "Offer", other, { notAfter });
      await outcome(notAfter + LIABILITY + 1, [first, second], notAfter + LIABILITY);
    });
  });

  it("given a key before its time, refuses", async () => {
    const { settlement, seller } = world;
    const notBefore = (await networkHelpers.time.latest()) + HOUR;
    const pair = await contradict("seller", deal, { notBefore });
    await expect(at(notBefore - 1, () => file("seller", ...pair)))
      .to.be.revertedWithCustomError(settlement, "CertificateNotYetValid")
      .withArgs(seller, notBefore - 1, notBefore);
    await at(notBefore, () => file("seller", ...pair));
  });

  it("given an epoch that hasn't come, refuses", async () => {
    const { settlement, seller } = world;
    const pair = await contradict("seller", deal, { epoch: 3n });
    await expect(file("seller", ...pair))
      .to.be.revertedWithCustomError(settlement, "WrongEpoch")
      .withArgs(seller, 3n, 2n);
  });

  it("given a former wallet, still holds the agent to what that signed", async () => {
    const { registry, settlement, seller, sellerOwner } = world;
    const pair = await contradict("seller");
    await registry.connect(sellerOwner).unsetAgentWallet(seller);
    await expect(file("seller", ...pair)).to.emit(settlement, "Equivocated");
  });

  it("given a new owner, charges the stake that came with the token", async () => {
    const { registry, settlement, seller, sellerOwner, stranger } = world;
    const pair = await contradict("seller");
    await registry.connect(sellerOwner).transferFrom(sellerOwner, stranger, seller);
    await expect(file("seller", ...pair)).to.emit(settlement, "Equivocated");
    expect(await bonded("seller")).to.deep.equal([STAKE - deal.sellerBond, 0n]);
  });

  describe("takes no more than is at stake", () => {
    it("given less than the bond, takes all of it", async () => {
      const { settlement, seller } = world;
      const large = { ...deal, sellerBond: STAKE + 1n };
      await expect(file("seller", ...(await contradict("seller", large)), large))
        .to.emit(settlement, "Penalised")
        .withArgs(hashDeal(large), seller, deal.token, STAKE, STAKE / 10n);
      expect(await bonded("seller")).to.deep.equal([0n, 0n]);
      await expectBooks(world, deal.token, 0n);
    });

    it("given nothing, takes nothing", async () => {
      world = await load();
      const { settlement, seller } = world;
      await expect(file("seller", ...(await contradict("seller"))))
        .to.emit(settlement, "Penalised")
        .withArgs(hashDeal(deal), seller, deal.token, 0n, 0n);
      await expectBooks(world, deal.token, 0n);
    });

    it("given stake that is leaving, takes it after what stays", async () => {
      const { settlement, seller, sellerOwner } = world;
      await settlement.connect(sellerOwner).unstake(seller, deal.token, STAKE - 5_000_000n);
      await file("seller", ...(await contradict("seller")));
      expect(await bonded("seller")).to.deep.equal([0n, STAKE - deal.sellerBond]);
      await expectBooks(world, deal.token, 0n);
    });

    it("given stake that could have left but didn't, takes that too", async () => {
      const { settlement, seller, sellerOwner } = world;
      await settlement.connect(sellerOwner).unstake(seller, deal.token, STAKE);
      await networkHelpers.time.increase(8 * DAY);
      await file("seller", ...(await contradict("seller")));
      expect(await bonded("seller")).to.deep.equal([0n, STAKE - deal.sellerBond]);
      await settlement.connect(sellerOwner).release(seller, deal.token);
      await expectBooks(world, deal.token, 0n);
    });

    it("leaves free balances and stake in other tokens alone", async () => {
      const { settlement, seller } = world;
      const large = { ...deal, sellerBond: 10n ** 12n };
      const free = await settlement.free(seller, deal.token);
      await file("seller", ...(await contradict("seller", large)), large);
      expect(await settlement.free(seller, deal.token)).to.equal(free);
      expect(await bonded("seller", NATIVE)).to.deep.equal([STAKE, 0n]);
    });

    it("given native coin, does the same", async () => {
      const native = { ...deal, token: NATIVE };
      await file("seller", ...(await contradict("seller", native)), native);
      expect(await bonded("seller", NATIVE)).to.deep.equal([STAKE - deal.sellerBond, 0n]);
      await expectBooks(world, NATIVE, 0n);
    });

    it("rounds the reward down and burns the rest", async () => {
      const { settlement, seller } = world;
      const odd = { ...deal, sellerBond: 19n };
      await expect(file("seller", ...(await contradict("seller", odd)), odd))
        .to.emit(settlement, "Penalised")
        .withArgs(hashDeal(odd), seller, deal.token, 19n, 1n);
      expect((await settlement.solvent(deal.token)).burnt).to.equal(18n);
    });
  });

  describe("charges a negotiation once", () => {
    it("given a second contradiction, refuses", async () => {
      const { settlement, seller } = world;
      await file("seller", ...(await contradict("seller")));
      for (const seq of [4, 7]) {
        await expect(file("seller", ...(await contradict("seller", deal, { seq }))))
          .to.be.revertedWithCustomError(settlement, "FaultPaid")
          .withArgs(seller, deal.sellerBond, deal.sellerBond);
      }
    });

    it("given a larger bond, charges the difference; given a smaller one, nothing", async () => {
      const { settlement, seller } = world;
      const small = { ...deal, sellerBond: 1_000n };
      await file("seller", ...(await contradict("seller", small)), small);
      await expect(file("seller", ...(await contradict("seller"))))
        .to.emit(settlement, "Penalised")
        .withArgs(hashDeal(deal), seller, deal.token, deal.sellerBond - 1_000n, (deal.sellerBond - 1_000n) / 10n);
      await expect(file("seller", ...(await contradict("seller", small)), small))
        .to.be.revertedWithCustomError(settlement, "FaultPaid")
        .withArgs(seller, deal.sellerBond, 1_000n);
      expect(await bonded("seller")).to.deep.equal([STAKE - deal.sellerBond, 0n]);
      await expectBooks(world, deal.token, 0n);
    });

    it("given more stake than there was, charges what is missing of the bond, and no more", async () => {
      const { settlement, seller, sellerOwner } = world;
      await settlement.connect(sellerOwner).unstake(seller, deal.token, STAKE);
      await networkHelpers.time.increase(7 * DAY + 1);
      await settlement.connect(sellerOwner).release(seller, deal.token);
      await stake(world, "seller", deal.token, 1_000n);
      const pair = await contradict("seller");
      await file("seller", ...pair);
      await stake(world, "seller", deal.token, STAKE);
      await file("seller", ...pair);
      await expect(file("seller", ...pair)).to.be.revertedWithCustomError(settlement, "FaultPaid");
      expect(await bonded("seller")).to.deep.equal([STAKE + 1_000n - deal.sellerBond, 0n]);
    });

    it("given another negotiation, token or side, charges anew", async () => {
      const { settlement } = world;
      await file("seller", ...(await contradict("seller")));
      const next = await makeDeal(world);
      const native = { ...deal, token: NATIVE };
      await expect(file("seller", ...(await contradict("seller", next)), next)).to.emit(settlement, "Equivocated");
      await expect(file("seller", ...(await contradict("seller", native)), native)).to.emit(settlement, "Equivocated");
      await expect(file("buyer", ...(await contradict("buyer")))).to.emit(settlement, "Equivocated");
    });

    it("given no bond, has nothing to charge and refuses", async () => {
      const { settlement, seller } = world;
      const bondless = { ...deal, sellerBond: 0n };
      await expect(file("seller", ...(await contradict("seller", bondless)), bondless))
        .to.be.revertedWithCustomError(settlement, "FaultPaid")
        .withArgs(seller, 0n, 0n);
    });
  });

  it("given a deal of an agent with itself, refuses: its tenth would come back to it", async () => {
    const own = { ...deal, buyer: deal.seller };
    await expect(file("seller", ...(await contradict("seller", own)), own))
      .to.be.revertedWithCustomError(world.settlement, "BuyerIsSeller")
      .withArgs(deal.seller, deal.seller);
  });

  it("given a counterparty that isn't registered, refuses: its tenth would be whoever's registers next", async () => {
    const { registry, settlement } = world;
    const agents = await registry.agentCount();
    for (const buyer of [agents + 1n, 0n]) {
      const odd = { ...deal, buyer };
      await expect(file("seller", ...(await contradict("seller", odd)), odd))
        .to.be.revertedWithCustomError(settlement, "AgentUnknown")
        .withArgs(buyer, agents);
    }
  });

  it("takes nothing that a thief of the key can have, but a tenth", async () => {
    const { settlement, stranger } = world;
    // the thief is the counterparty, and names the largest bond
    const thief = await registerAgent(world, stranger);
    const theft = { ...deal, buyer: thief, sellerBond: 2n ** 127n };
    await file("seller", ...(await contradict("seller", theft)), theft);
    expect(await settlement.free(thief, deal.token)).to.equal(STAKE / 10n);
    expect(await bonded("seller")).to.deep.equal([0n, 0n]);
  });

  describe("given an ERC-1271 wallet", () => {
    let pair: Awaited<ReturnType<typeof contradict>>;
    let wallet: ContractWallet;
    let record: () => Promise<unknown>;

    beforeEach(async () => {
      const { registry, settlement, seller, sellerOwner, stranger } = world;
      wallet = await ethers.deployContract("ContractWallet", [stranger]);
      await setWallet(registry, sellerOwner, seller, stranger, wallet);
      const now = await networkHelpers.time.latest();
      const [key, validity] = [new SessionKey(), { notBefore: now - HOUR, notAfter: now + DAY }];
      pair = await contradict("seller", deal, { key, ...validity, signer: stranger });
      for (const { said } of pair) {
        said.auth.session.certificateR = ethers.ZeroHash;
        said.auth.session.certificateVS = ethers.ZeroHash;
      }
      const place = { agent: seller, settlement: await settlement.getAddress(), epoch: 3n };
      const certificate = { ...place, x: key.x, y: key.y, ...validity };
      const signature = await stranger.signTypedData(await registryDomain(registry), certificateTypes, certificate);
      record = () => registry.recordCertificate(certificate, signature);
    });

    it("that recorded its certificate, can't disown what its key said", async () => {
      await record();
      await wallet.setManner(Manner.Refusing);
      await expect(file("seller", ...pair)).to.emit(world.settlement, "Equivocated");
    });

    it("that recorded its certificate, can't disown it by leaving either", async () => {
      const { registry, seller, sellerOwner, settlement } = world;
      await record();
      await registry.connect(sellerOwner).unsetAgentWallet(seller);
      await expect(file("seller", ...pair)).to.emit(settlement, "Equivocated");
    });

    it("that recorded none, isn't held to anything", async () => {
      await expect(file("seller", ...pair)).to.be.revertedWithCustomError(world.settlement, "CertificateNotRecorded");
    });
  });

  it("given a certificate by the owner instead of the wallet, refuses", async () => {
    const { settlement, seller, sellerOwner, sellerWallet } = world;
    const pair = await contradict("seller", deal, { signer: sellerOwner });
    await expect(file("seller", ...pair))
      .to.be.revertedWithCustomError(settlement, "BadCertificate")
      .withArgs(seller, sellerWallet.address);
  });
});
