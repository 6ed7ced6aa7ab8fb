import { expect } from "chai";
import { type AgreementOptions, agree, commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { balances, expectConserved } from "../fixtures/balances.ts";
import { ethers, NATIVE } from "../fixtures/chain.ts";
import { escrowOf, expectStatus, makeDeal } from "../fixtures/deals.ts";
import { settlementDomain } from "../fixtures/domains.ts";
import { Status } from "../fixtures/enums.ts";
import { deploySettlement } from "../fixtures/settlement.ts";
import { at } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { highS } from "../sessionKey.ts";
import type { Deal } from "../typedData.ts";

describe("Settlement.commit", () => {
  let world: World;
  let deal: Deal;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
  });

  async function expectRefused(options: AgreementOptions, error: string, ...args: unknown[]) {
    await expect(world.settlement.commit(...(await agree(world, deal, options))))
      .to.be.revertedWithCustomError(world.settlement, error)
      .withArgs(...args);
  }

  describe("given both wallets' signatures", () => {
    it("moves price and bonds into escrow, whoever carries it", async () => {
      await commit(world, deal);
      expect(await balances(world, deal.token)).to.deep.equal({
        buyer: FUNDS - deal.price - deal.buyerBond,
        seller: FUNDS - deal.sellerBond,
      });
      await expectConserved(world, deal.token, escrowOf(deal));
    });

    it("records deal, transcript and time in one slot", async () => {
      const { settlement } = world;
      const probe = await ethers.deployContract("HashProbe");
      const since = await commit(world, deal);
      await expectStatus(settlement, deal, Status.Committed, since);
      const record = await settlement.recordAt(await probe.negotiationKey(deal));
      expect(record).to.deep.equal(await settlement.recordOf(deal));
      expect(record.fingerprint).to.equal(await probe.fingerprint(await probe.dealHash(deal), TRANSCRIPT));
    });

    it("emits all that it takes to follow", async () => {
      const { settlement, buyer, seller } = world;
      const probe = await ethers.deployContract("HashProbe");
      await expect(settlement.commit(...(await agree(world, deal))))
        .to.emit(settlement, "Committed")
        .withArgs(
          await probe.dealHash(deal),
          buyer,
          seller,
          deal.negotiation,
          TRANSCRIPT,
          deal.token,
          deal.price,
          deal.buyerBond,
          deal.sellerBond,
        );
    });

    it("commits in native coin", async () => {
      deal = await makeDeal(world, { token: NATIVE });
      await commit(world, deal);
      expect(await balances(world, NATIVE)).to.deep.equal({
        buyer: FUNDS - deal.price - deal.buyerBond,
        seller: FUNDS - deal.sellerBond,
      });
      await expectConserved(world, NATIVE, escrowOf(deal));
    });

    it("commits without price or bonds, and then needs no money", async () => {
      const { settlement, buyerOwner, sellerOwner, token, buyer, seller } = world;
      await settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, FUNDS);
      await settlement.connect(sellerOwner).withdraw(seller, token, sellerOwner, FUNDS);
      deal = await makeDeal(world, { price: 0n, buyerBond: 0n, sellerBond: 0n });
      await expectStatus(settlement, deal, Status.None, 0);
      const since = await commit(world, deal);
      await expectStatus(settlement, deal, Status.Committed, since);
    });

    it("takes signatures in the 64 bytes of ERC-2098", async () => {
      const { settlement } = world;
      const [, transcript, buyerAuth, sellerAuth] = await agree(world, deal);
      const [buyer, seller] = [buyerAuth, sellerAuth].map((auth) => {
        const { compactSerialized } = ethers.Signature.from(ethers.hexlify(auth.signature));
        return { ...auth, signature: compactSerialized };
      });
      await settlement.commit(deal, transcript, buyer ?? buyerAuth, seller ?? sellerAuth);
      await expectConserved(world, deal.token, escrowOf(deal));
    });

    it("lets the same two deal the other way round, in another negotiation", async () => {
      const { buyer, seller, buyerWallet, sellerWallet } = world;
      await commit(world, deal);
      const back = await makeDeal(world, { buyer: seller, seller: buyer });
      await commit(world, back, { buyerSigner: sellerWallet, sellerSigner: buyerWallet });
      await expectConserved(world, deal.token, escrowOf(deal) + escrowOf(back));
    });
  });

  describe("given a signature that isn't the wallet's", () => {
    it("refuses the owner's", async () => {
      const { buyer, buyerOwner, buyerWallet } = world;
      await expectRefused({ buyerSigner: buyerOwner }, "BadWalletSignature", buyer, buyerWallet.address);
    });

    it("refuses the other side's, so that nobody can sign for both", async () => {
      const { seller, sellerWallet, buyerWallet } = world;
      await expectRefused({ sellerSigner: buyerWallet }, "BadWalletSignature", seller, sellerWallet.address);
    });

    it("refuses one over another transcript", async () => {
      const { settlement, buyer, buyerWallet } = world;
      const [, , buyerAuth, sellerAuth] = await agree(world, deal);
      await expect(settlement.commit(deal, ethers.id("another"), buyerAuth, sellerAuth))
        .to.be.revertedWithCustomError(settlement, "BadWalletSignature")
        .withArgs(buyer, buyerWallet.address);
    });

    it("refuses one over a deal that differs in any field", async () => {
      const { settlement, relayer } = world;
      const [, transcript, buyerAuth, sellerAuth] = await agree(world, deal);
      const others: Partial<Deal>[] = [
        { price: deal.price + 1n },
        { buyerBond: deal.buyerBond + 1n },
        { sellerBond: deal.sellerBond - 1n },
        { commitBy: deal.commitBy + 1 },
        { deliverWithin: deal.deliverWithin + 1 },
        { reviewPeriod: deal.reviewPeriod - 1 },
        { arbitrator: relayer.address },
        { maxFee: deal.maxFee + 1n },
        { rulingWithin: deal.rulingWithin + 1 },
        { lapseShare: deal.lapseShare + 1 },
        { category: ethers.id("another") },
        { terms: ethers.id("other") },
        { negotiation: ethers.id("another") },
        { token: NATIVE },
      ];
      for (const other of others) {
        await expect(
          settlement.commit({ ...deal, ...other }, transcript, buyerAuth, sellerAuth),
          Object.keys(other).join(),
        ).to.be.revertedWithCustomError(settlement, "BadWalletSignature");
      }
    });

    it("refuses one made for another deployment of Settlement", async () => {
      const { registry, buyer, buyerWallet, deployer } = world;
      const other = await deploySettlement(registry, deployer);
      await expectRefused({ settlement: other }, "BadWalletSignature", buyer, buyerWallet.address);
    });

    it("refuses the same signature with the higher s", async () => {
      const { settlement, seller, sellerWallet } = world;
      const [, transcript, buyerAuth, sellerAuth] = await agree(world, deal);
      const signature = highS(ethers.hexlify(sellerAuth.signature));
      await expect(settlement.commit(deal, transcript, buyerAuth, { ...sellerAuth, signature }))
        .to.be.revertedWithCustomError(settlement, "BadWalletSignature")
        .withArgs(seller, sellerWallet.address);
    });

    it("refuses signatures of no length and of the wrong length", async () => {
      const { settlement } = world;
      const [, transcript, buyerAuth, sellerAuth] = await agree(world, deal);
      const shorter = ethers.dataSlice(buyerAuth.signature, 0, 63);
      const longer = ethers.concat([buyerAuth.signature, "0x00"]);
      for (const signature of ["0x", shorter, longer, `0x${"00".repeat(64)}`, `0x${"00".repeat(65)}`]) {
        await expect(
          settlement.commit(deal, transcript, { ...buyerAuth, signature }, sellerAuth),
        ).to.be.revertedWithCustomError(settlement, "BadWalletSignature");
      }
    });
  });

  describe("given another key epoch", () => {
    it("refuses what was signed before the keys were revoked", async () => {
      const { registry, settlement, buyer, buyerOwner } = world;
      const args = await agree(world, deal);
      await registry.connect(buyerOwner).revokeKeys(buyer);
      await expect(settlement.commit(...args))
        .to.be.revertedWithCustomError(settlement, "WrongEpoch")
        .withArgs(buyer, 2n, 3n);
      await commit(world, deal);
    });

    it("refuses a later epoch than the present one", async () => {
      await expectRefused({ sellerEpoch: 3n }, "WrongEpoch", world.seller, 3n, 2n);
    });

    it("refuses an old signature under the new epoch's number", async () => {
      const { registry, settlement, buyer, buyerOwner, buyerWallet } = world;
      const [, transcript, buyerAuth, sellerAuth] = await agree(world, deal);
      await registry.connect(buyerOwner).revokeKeys(buyer);
      await expect(settlement.commit(deal, transcript, { ...buyerAuth, epoch: 3n }, sellerAuth))
        .to.be.revertedWithCustomError(settlement, "BadWalletSignature")
        .withArgs(buyer, buyerWallet.address);
    });
  });

  describe("given a second commitment", () => {
    it("refuses the same deal again", async () => {
      await commit(world, deal);
      await expectRefused({}, "NegotiationUsed", Status.Committed, Status.None);
    });

    it("refuses another deal of the same negotiation, even with the roles exchanged", async () => {
      const { buyer, seller, buyerWallet, sellerWallet } = world;
      await commit(world, deal);
      deal = await makeDeal(world, { negotiation: deal.negotiation, buyer: seller, seller: buyer, price: 1n });
      const options = { buyerSigner: sellerWallet, sellerSigner: buyerWallet };
      await expectRefused(options, "NegotiationUsed", Status.Committed, Status.None);
    });

    it("refuses it for ever: the final state stays", async () => {
      const { settlement, buyerWallet } = world;
      await commit(world, deal);
      await settlement.connect(buyerWallet).accept(deal, TRANSCRIPT);
      await expectRefused({}, "NegotiationUsed", Status.Settled, Status.None);
    });

    it("lets others use the same negotiation id", async () => {
      const { registry, settlement, token, stranger, seller } = world;
      await commit(world, deal);
      await registry.connect(stranger)["register()"]();
      const buyer = await registry.agentCount();
      await token.mint(stranger, FUNDS);
      await token.connect(stranger).approve(settlement, FUNDS);
      await settlement.connect(stranger).deposit(buyer, token, FUNDS, false);
      await settlement.connect(stranger).setUnlimited(buyer, true);
      const other = await makeDeal(world, { buyer, seller, negotiation: deal.negotiation });
      await commit(world, other, { buyerSigner: stranger });
    });
  });

  it("checks the signatures by the domain it names", async () => {
    const { settlement } = world;
    const separator = ethers.TypedDataEncoder.hashDomain(await settlementDomain(settlement));
    expect(await settlement.DOMAIN_SEPARATOR()).to.equal(separator);
    const { name, version } = await (await ethers.getContractAt("Settlement", settlement)).eip712Domain();
    expect([name, version]).to.deep.equal(["Parley Settlement", "1"]);
  });

  it("refuses everything that `refusal` names", async () => {
    deal = await makeDeal(world, { price: 2n * FUNDS });
    const needed = 2n * FUNDS + deal.buyerBond;
    await expectRefused({}, "BuyerFundsTooLow", FUNDS, needed);
  });

  it("counts up to the last second of commitBy", async () => {
    const { settlement } = world;
    const args = await agree(world, deal);
    await at(deal.commitBy, () => settlement.commit(...args));
  });
});
