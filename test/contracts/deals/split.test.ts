import { expect } from "chai";
import type { ContractTransactionResponse, Signer } from "ethers";
import { receipt } from "../fixtures/acts.ts";
import { setWallet } from "../fixtures/agents.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { balances, expectOwed } from "../fixtures/balances.ts";
import { ethers, NATIVE, networkHelpers, type TestSigner } from "../fixtures/chain.ts";
import { escrowOf, expectStatus, makeDeal } from "../fixtures/deals.ts";
import { settlementDomain } from "../fixtures/domains.ts";
import { Outcome, Status } from "../fixtures/enums.ts";
import { deploySettlement } from "../fixtures/settlement.ts";
import { consentToSplit } from "../fixtures/splits.ts";
import { at, HOUR } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal, splitTypes } from "../typedData.ts";

const LIVE = (1n << Status.Committed) | (1n << Status.Delivered) | (1n << Status.Disputed);
const SHARE = 40_000_000n;

describe("Settlement.split", () => {
  let world: World;
  let deal: Deal;
  let until: number;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    until = (await commit(world, deal)) + HOUR;
  });

  /** Both agents are in their second key epoch. */
  async function sign(signer: Signer, changes: object = {}, at = world.settlement): Promise<string> {
    const consent = { deal: hashDeal(deal), toSeller: SHARE, until, epoch: 2n, ...changes };
    return await signer.signTypedData(await settlementDomain(at), splitTypes, consent);
  }

  async function split(
    options: { toSeller?: bigint; by?: TestSigner; buyer?: string; seller?: string; epoch?: bigint } = {},
  ) {
    const { toSeller = SHARE, by = world.relayer, epoch = 2n } = options;
    const buyer = { epoch, signature: options.buyer ?? (await sign(world.buyerWallet, { toSeller })) };
    const seller = { epoch: 2n, signature: options.seller ?? (await sign(world.sellerWallet, { toSeller })) };
    return await world.settlement.connect(by).split(deal, TRANSCRIPT, toSeller, until, buyer, seller);
  }

  async function expectRefused(sending: Promise<ContractTransactionResponse>, error: string, ...args: unknown[]) {
    await expect(sending)
      .to.be.revertedWithCustomError(world.settlement, error)
      .withArgs(...args);
  }

  async function deliver() {
    await world.settlement.connect(world.sellerWallet).deliver(deal, TRANSCRIPT, ethers.ZeroHash);
  }

  async function dispute() {
    const value = { value: deal.maxFee };
    await world.settlement.connect(world.buyerWallet).dispute(deal, TRANSCRIPT, 0, ethers.ZeroHash, value);
  }

  async function expectSplit(sending: Promise<ContractTransactionResponse>, toSeller = SHARE) {
    const { settlement } = world;
    await expect(sending)
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Split, escrowOf(deal) - toSeller, toSeller);
    expect(await balances(world, deal.token)).to.deep.equal({
      buyer: FUNDS - deal.price - deal.buyerBond + escrowOf(deal) - toSeller,
      seller: FUNDS - deal.sellerBond + toSeller,
    });
    await expectStatus(settlement, deal, Status.Settled, await networkHelpers.time.latest());
    await expectOwed(world, deal.token, 0n);
    await expectOwed(world, NATIVE, 0n);
  }

  describe("given both wallets' signatures", () => {
    it("ends a committed deal as they say, whoever carries it", async () => {
      await expectSplit(split());
    });

    it("ends a delivered deal", async () => {
      await deliver();
      await expectSplit(split());
    });

    it("ends a disputed deal and returns the deposit for the fee to the buyer", async () => {
      await deliver();
      await dispute();
      await expectSplit(split());
      expect(await world.settlement.free(world.buyer, NATIVE)).to.equal(FUNDS + deal.maxFee);
    });

    it("ends a metered deal", async () => {
      deal = await makeDeal(world, { reviewPeriod: 0 });
      await commit(world, deal);
      await expect(split())
        .to.emit(world.settlement, "Settled")
        .withArgs(hashDeal(deal), Outcome.Split, escrowOf(deal) - SHARE, SHARE);
    });

    it("gives the seller anything from nothing to price and both bonds, and no more", async () => {
      const pot = escrowOf(deal);
      await expectRefused(split({ toSeller: pot + 1n }), "SplitTooHigh", hashDeal(deal), pot + 1n, pot);
      await expectSplit(split({ toSeller: pot }), pot);
      world = await load();
      deal = await makeDeal(world);
      until = (await commit(world, deal)) + HOUR;
      await expectSplit(split({ toSeller: 0n }), 0n);
    });

    it("counts up to its last second, and not after", async () => {
      const late = at(until + 1, () => split());
      await expectRefused(late, "DeadlinePassed", hashDeal(deal), until + 1, until);
      world = await load();
      deal = await makeDeal(world);
      until = (await commit(world, deal)) + HOUR;
      await at(until, () => split());
    });

    it("takes the 64 bytes of ERC-2098 and what an ERC-1271 wallet approves", async () => {
      const { registry, buyer, buyerOwner, sellerWallet, stranger } = world;
      const wallet = await ethers.deployContract("ContractWallet", [stranger]);
      await setWallet(registry, buyerOwner, buyer, stranger, wallet);
      const { compactSerialized } = ethers.Signature.from(await sign(sellerWallet));
      const bought = await sign(stranger, { epoch: 3n });
      await expectSplit(split({ buyer: bought, seller: compactSerialized, epoch: 3n }));
    });
  });

  describe("given a side that sends it itself", () => {
    for (const who of ["buyerWallet", "buyerOwner"] as const) {
      it(`needs no signature of the buyer from the ${who}`, async () => {
        await expectSplit(split({ by: world[who], buyer: "0x" }));
      });
    }

    for (const who of ["sellerWallet", "sellerOwner"] as const) {
      it(`needs no signature of the seller from the ${who}`, async () => {
        await expectSplit(split({ by: world[who], seller: "0x" }));
      });
    }

    it("still needs the other's", async () => {
      const { buyer, seller, buyerWallet, sellerWallet } = world;
      const byBuyer = split({ by: buyerWallet, buyer: "0x", seller: "0x" });
      await expectRefused(byBuyer, "NotOwnerOrWallet", seller, buyerWallet.address);
      const bySeller = split({ by: sellerWallet, buyer: "0x", seller: "0x" });
      await expectRefused(bySeller, "NotOwnerOrWallet", buyer, sellerWallet.address);
    });

    it("takes no empty signature from anybody else", async () => {
      const { buyer, relayer } = world;
      await expectRefused(split({ buyer: "0x" }), "NotOwnerOrWallet", buyer, relayer.address);
    });
  });

  describe("given a signature that isn't the wallet's over this split", () => {
    it("refuses the owner's, the other side's and a former wallet's", async () => {
      const { registry, buyer, buyerOwner, buyerWallet, sellerWallet, stranger } = world;
      for (const signer of [buyerOwner, sellerWallet]) {
        const forged = split({ buyer: await sign(signer) });
        await expectRefused(forged, "BadWalletSignature", buyer, buyerWallet.address);
      }
      await setWallet(registry, buyerOwner, buyer, stranger);
      await expectRefused(split(), "WrongEpoch", buyer, 2n, 3n);
      await expectRefused(split({ epoch: 3n }), "BadWalletSignature", buyer, stranger.address);
    });

    it("refuses one over another amount, another time, another deal or for another Settlement", async () => {
      const { registry, deployer, seller, sellerWallet } = world;
      const others = [
        await sign(sellerWallet, { toSeller: SHARE + 1n }),
        await sign(sellerWallet, { deal: ethers.id("another") }),
        await sign(sellerWallet, { epoch: 1n }),
        await sign(sellerWallet, {}, await deploySettlement(registry, deployer)),
      ];
      const buyer = await sign(world.buyerWallet);
      until += 1;
      others.push(await sign(sellerWallet));
      until -= 1;
      for (const other of others) {
        await expectRefused(split({ buyer, seller: other }), "BadWalletSignature", seller, sellerWallet.address);
      }
    });
  });

  it("given keys revoked since, refuses what the same wallet signed before", async () => {
    const { registry, seller, sellerOwner } = world;
    const signed = await sign(world.sellerWallet);
    await registry.connect(sellerOwner).revokeKeys(seller);
    await expectRefused(split({ seller: signed }), "WrongEpoch", seller, 2n, 3n);
  });

  describe("given receipts claimed since", () => {
    it("counts them as a part of what the seller gets", async () => {
      const { settlement } = world;
      await settlement.claimReceipt(deal, TRANSCRIPT, 30n, await receipt(world, deal, 30n), false);
      await expect(split())
        .to.emit(settlement, "Settled")
        .withArgs(hashDeal(deal), Outcome.Split, escrowOf(deal) - SHARE, SHARE - 30n);
      expect((await balances(world, deal.token)).seller).to.equal(FUNDS - deal.sellerBond + SHARE);
      await expectOwed(world, deal.token, 0n);
    });

    it("refuses to give less than they paid already", async () => {
      const { settlement } = world;
      const total = SHARE + 1n;
      await settlement.claimReceipt(deal, TRANSCRIPT, total, await receipt(world, deal, total), false);
      await expectRefused(split(), "SplitTooLow", hashDeal(deal), SHARE, total);
      await split({ toSeller: total });
    });
  });

  it("given a settled deal or another transcript, refuses", async () => {
    const { settlement } = world;
    const signed = await consentToSplit(world, deal, SHARE, until);
    await expect(settlement.split(deal, ethers.id("another"), SHARE, until, ...signed)).to.be.revertedWithCustomError(
      settlement,
      "DealMismatch",
    );
    await split();
    await expectRefused(split(), "StatusMismatch", hashDeal(deal), Status.Settled, LIVE);
    await expectOwed(world, deal.token, 0n);
  });
});
