import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import { receipt } from "../fixtures/acts.ts";
import { setWallet } from "../fixtures/agents.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { balances, expectOwed } from "../fixtures/balances.ts";
import { ethers, NATIVE, networkHelpers, type TestSigner } from "../fixtures/chain.ts";
import { escrowOf, expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Kind, Outcome, Status } from "../fixtures/enums.ts";
import type { SideOptions } from "../fixtures/envelopes.ts";
import { at, DAY, HOUR } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { SessionKey } from "../sessionKey.ts";
import { type Deal, hashAct, hashDeal } from "../typedData.ts";

const OPEN = (1n << Status.Committed) | (1n << Status.Delivered);

describe("Settlement.claimReceipt", () => {
  let world: World;
  let deal: Deal;
  let since: number;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    since = await commit(world, deal);
  });

  interface Claim extends SideOptions {
    of?: Deal;
    by?: TestSigner;
    close?: boolean;
    /** What is claimed, if it isn't what the receipt says. */
    claimed?: bigint;
  }

  async function claim(
    total: bigint,
    { of = deal, by = world.relayer, close = false, claimed = total, ...side }: Claim = {},
  ) {
    const auth = await receipt(world, of, total, side);
    return await world.settlement.connect(by).claimReceipt(of, TRANSCRIPT, claimed, auth, close);
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

  describe("given a receipt while the deal goes on", () => {
    it("pays the seller out of escrow, whoever carries it", async () => {
      const { settlement } = world;
      await expect(claim(30n)).to.emit(settlement, "ReceiptClaimed").withArgs(hashDeal(deal), 30n);
      expect(await settlement.receivedOf(deal)).to.equal(30n);
      expect(await balances(world, deal.token)).to.deep.equal({
        buyer: FUNDS - deal.price - deal.buyerBond,
        seller: FUNDS - deal.sellerBond + 30n,
      });
      await expectOwed(world, deal.token, escrowOf(deal) - 30n);
      await expectStatus(settlement, deal, Status.Committed, since);
      expect((await settlement.recordOf(deal)).receipted).to.equal(true);
    });

    it("pays of a newer one what it adds: receipts are cumulative", async () => {
      await claim(30n);
      await claim(100n);
      expect((await balances(world, deal.token)).seller).to.equal(FUNDS - deal.sellerBond + 100n);
      await expectOwed(world, deal.token, escrowOf(deal) - 100n);
    });

    it("refuses one of no more than was paid", async () => {
      await claim(30n);
      for (const total of [30n, 29n, 0n])
        await expectRefused(claim(total), "ReceiptTooLow", hashDeal(deal), total, 30n);
    });

    it("refuses one of nothing", async () => {
      await expectRefused(claim(0n), "ReceiptTooLow", hashDeal(deal), 0n, 0n);
    });

    it("pays up to the whole price, and not more", async () => {
      const { price } = deal;
      await expectRefused(claim(price + 1n), "ReceiptTooHigh", hashDeal(deal), price + 1n, price);
      await claim(price);
      await expectOwed(world, deal.token, deal.buyerBond + deal.sellerBond);
    });

    it("given a price of 0, has nothing to pay", async () => {
      const free = await makeDeal(world, { price: 0n });
      await commit(world, free);
      await expectRefused(claim(0n, { of: free }), "ReceiptTooLow", hashDeal(free), 0n, 0n);
      await expectRefused(claim(1n, { of: free }), "ReceiptTooHigh", hashDeal(free), 1n, 0n);
    });

    it("pays in native coin", async () => {
      deal = await makeDeal(world, { token: NATIVE });
      await commit(world, deal);
      await claim(30n);
      expect(await world.settlement.free(world.seller, NATIVE)).to.equal(FUNDS - deal.sellerBond + 30n);
      await expectOwed(world, NATIVE, escrowOf(deal) - 30n);
    });

    it("pays in a metered deal", async () => {
      deal = await makeDeal(world, { reviewPeriod: 0 });
      await commit(world, deal);
      await claim(30n);
      expect(await world.settlement.receivedOf(deal)).to.equal(30n);
    });

    it("pays after delivery, and leaves the review's clock alone", async () => {
      await deliver();
      const delivered = await networkHelpers.time.latest();
      await claim(30n);
      await expectStatus(world.settlement, deal, Status.Delivered, delivered);
    });

    it("pays in a dispute, which goes on", async () => {
      const { settlement } = world;
      await deliver();
      await dispute();
      const disputed = await networkHelpers.time.latest();
      await claim(30n);
      await expectStatus(settlement, deal, Status.Disputed, disputed);
      await expectOwed(world, deal.token, escrowOf(deal) - 30n);
      await expectOwed(world, NATIVE, deal.maxFee);
    });

    it("pays after the time for delivery, as long as nobody refunded", async () => {
      const { settlement } = world;
      const late = since + deal.deliverWithin + DAY;
      await at(late, async () => await claim(30n, { notAfter: late }));
      await at(late + 1, () => settlement.refund(deal, TRANSCRIPT));
      await expectRefused(claim(40n), "StatusMismatch", hashDeal(deal), Status.Settled, OPEN | (1n << Status.Disputed));
    });
  });

  describe("given that it closes the deal", () => {
    for (const who of ["sellerWallet", "sellerOwner"] as const) {
      it(`lets the ${who} end it with a part, and keeps as large a part of the seller's bond`, async () => {
        const { settlement } = world;
        const total = deal.price / 4n;
        const toSeller = total + deal.sellerBond / 4n;
        const sending = claim(total, { close: true, by: world[who] });
        await expect(sending).to.emit(settlement, "ReceiptClaimed").withArgs(hashDeal(deal), total);
        await expect(sending)
          .to.emit(settlement, "Settled")
          .withArgs(hashDeal(deal), Outcome.Closed, escrowOf(deal) - toSeller, toSeller);
        expect((await balances(world, deal.token)).seller).to.equal(FUNDS - deal.sellerBond + toSeller);
        await expectStatus(settlement, deal, Status.Settled, await networkHelpers.time.latest());
        await expectOwed(world, deal.token, 0n);
      });
    }

    it("pays of the total what earlier receipts haven't paid", async () => {
      const { settlement, sellerWallet } = world;
      await claim(10n);
      const total = deal.price / 2n;
      const kept = deal.sellerBond / 2n;
      await expect(claim(total, { close: true, by: sellerWallet }))
        .to.emit(settlement, "Settled")
        .withArgs(hashDeal(deal), Outcome.Closed, escrowOf(deal) - total - kept, total - 10n + kept);
      await expectOwed(world, deal.token, 0n);
    });

    it("may repeat the last receipt, and none before it", async () => {
      const { sellerWallet } = world;
      const options = { close: true, by: sellerWallet };
      await claim(30n);
      await expectRefused(claim(29n, options), "ReceiptTooLow", hashDeal(deal), 29n, 30n);
      await claim(30n, options);
      await expectOwed(world, deal.token, 0n);
    });

    it("needs a receipt of something", async () => {
      const { sellerWallet } = world;
      await expectRefused(claim(0n, { close: true, by: sellerWallet }), "ReceiptTooLow", hashDeal(deal), 0n, 0n);
      const free = await makeDeal(world, { price: 0n });
      await commit(world, free);
      const closing = claim(0n, { close: true, by: sellerWallet, of: free });
      await expectRefused(closing, "ReceiptTooLow", hashDeal(free), 0n, 0n);
    });

    it("lets anybody end it with the whole price, both bonds returned", async () => {
      const { settlement } = world;
      await expect(claim(deal.price, { close: true }))
        .to.emit(settlement, "Settled")
        .withArgs(hashDeal(deal), Outcome.Closed, deal.buyerBond, deal.price + deal.sellerBond);
      await expectOwed(world, deal.token, 0n);
    });

    it("lets anybody end it when the whole price was paid before", async () => {
      const { settlement } = world;
      await claim(deal.price);
      await expect(claim(deal.price, { close: true }))
        .to.emit(settlement, "Settled")
        .withArgs(hashDeal(deal), Outcome.Closed, deal.buyerBond, deal.sellerBond);
    });

    it("lets nobody but the seller end it with less, the buyer included", async () => {
      const { seller, buyerWallet, buyerOwner, relayer } = world;
      for (const by of [buyerWallet, buyerOwner, relayer]) {
        const closing = claim(deal.price - 1n, { close: true, by });
        await expectRefused(closing, "NotOwnerOrWallet", seller, by.address);
      }
    });

    it("returns a metered deal's bonds whole, whatever was received", async () => {
      const { settlement, sellerWallet } = world;
      deal = await makeDeal(world, { reviewPeriod: 0 });
      await commit(world, deal);
      await expect(claim(1n, { close: true, by: sellerWallet }))
        .to.emit(settlement, "Settled")
        .withArgs(hashDeal(deal), Outcome.Closed, deal.price - 1n + deal.buyerBond, 1n + deal.sellerBond);
    });

    it("ends a delivered deal, but none in dispute", async () => {
      const { sellerWallet } = world;
      await deliver();
      await dispute();
      const closing = claim(deal.price, { close: true, by: sellerWallet });
      await expectRefused(closing, "StatusMismatch", hashDeal(deal), Status.Disputed, OPEN);
      const other = await makeDeal(world);
      await commit(world, other);
      await world.settlement.connect(sellerWallet).deliver(other, TRANSCRIPT, ethers.ZeroHash);
      await claim(deal.price, { close: true, of: other });
    });
  });

  describe("given the time of the key's certificate", () => {
    it("counts up to a day after its end, and not a second longer", async () => {
      const { buyer } = world;
      const notAfter = since + HOUR;
      const end = notAfter + DAY;
      await at(end, () => claim(30n, { notAfter }));
      await expectRefused(
        at(end + 1, () => claim(40n, { notAfter })),
        "CertificateExpired",
        buyer,
        end + 1,
        end,
      );
    });

    it("doesn't count before its beginning", async () => {
      const { buyer } = world;
      const notBefore = since + HOUR;
      const early = at(notBefore - 1, () => claim(30n, { notBefore }));
      await expectRefused(early, "CertificateNotYetValid", buyer, notBefore - 1, notBefore);
      await at(notBefore, () => claim(30n, { notBefore }));
    });

    it("counts up to a day after its keys were revoked, and not a second longer", async () => {
      const { registry, buyer, buyerWallet } = world;
      const epoch = await registry.keyEpoch(buyer);
      const revoked = since + HOUR;
      await at(revoked, () => registry.connect(buyerWallet).revokeKeys(buyer));
      const notAfter = since + 30 * DAY;
      await at(revoked + DAY, () => claim(30n, { epoch, notAfter }));
      const late = at(revoked + DAY + 1, () => claim(40n, { epoch, notAfter }));
      await expectRefused(late, "CertificateExpired", buyer, revoked + DAY + 1, revoked + DAY);
    });

    it("counts to the certificate's own end if that came before the revocation", async () => {
      const { registry, buyer, buyerWallet } = world;
      const epoch = await registry.keyEpoch(buyer);
      const notAfter = since + HOUR;
      await at(since + 2 * HOUR, () => registry.connect(buyerWallet).revokeKeys(buyer));
      await at(notAfter + DAY, () => claim(30n, { epoch, notAfter }));
      const late = at(notAfter + DAY + 1, () => claim(40n, { epoch, notAfter }));
      await expectRefused(late, "CertificateExpired", buyer, notAfter + DAY + 1, notAfter + DAY);
    });

    it("asks for the signature of the wallet of that time, after a change of wallet and of owner", async () => {
      const { registry, buyer, buyerOwner, buyerWallet, stranger } = world;
      const epoch = await registry.keyEpoch(buyer);
      await setWallet(registry, buyerOwner, buyer, stranger);
      await claim(30n, { epoch, signer: buyerWallet });
      await claim(40n, { signer: stranger });
      const forged = claim(50n, { epoch, signer: stranger });
      await expectRefused(forged, "BadCertificate", buyer, buyerWallet.address);
      await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
      await claim(50n, { epoch, signer: buyerWallet });
    });

    it("knows no epoch that hasn't begun, nor epoch 0", async () => {
      const { buyer } = world;
      for (const epoch of [0n, 3n]) await expectRefused(claim(30n, { epoch }), "WrongEpoch", buyer, epoch, 2n);
    });
  });

  describe("given a receipt that isn't the buyer's for this deal", () => {
    it("refuses another total than was signed", async () => {
      await expectRefused(claim(30n, { claimed: 31n }), "BadEnvelopeSignature", world.buyer);
    });

    it("refuses one for another deal, of the same negotiation or another", async () => {
      const { buyer } = world;
      const other = { ...deal, price: deal.price + 1n };
      const body = hashAct("Receipt", { deal: hashDeal(other), total: 30n });
      await expectRefused(claim(30n, { body }), "BadEnvelopeSignature", buyer);
      await expectRefused(claim(30n, { negotiation: ethers.id("another") }), "BadEnvelopeSignature", buyer);
    });

    it("refuses one that is said as something else", async () => {
      for (const kind of [Kind.Deliver, Kind.Cancel, Kind.Accept]) {
        await expectRefused(claim(30n, { kind }), "BadEnvelopeSignature", world.buyer);
      }
    });

    it("refuses one of the seller's key", async () => {
      const { buyer, seller, buyerWallet, sellerWallet } = world;
      const signed = { agent: seller, signer: sellerWallet };
      await expectRefused(claim(30n, signed), "BadCertificate", buyer, buyerWallet.address);
    });

    it("refuses one of a key that the wallet didn't certify", async () => {
      const { settlement, buyer, buyerWallet } = world;
      const auth = await receipt(world, deal, 30n);
      const { x, y } = new SessionKey();
      const other = { ...auth, session: { ...auth.session, x, y } };
      await expect(settlement.claimReceipt(deal, TRANSCRIPT, 30n, other, false))
        .to.be.revertedWithCustomError(settlement, "BadCertificate")
        .withArgs(buyer, buyerWallet.address);
    });

    it("refuses one of which anything differs that Settlement fills in or is told", async () => {
      const { settlement, buyer } = world;
      const auth = await receipt(world, deal, 30n);
      const changed = [
        { ...auth, seen: ethers.id("another") },
        ...[{ seq: 5 }, { sentAt: 1n }, { prev: ethers.id("another") }].map((change) => {
          return { ...auth, session: { ...auth.session, ...change } };
        }),
      ];
      for (const other of changed) {
        await expect(settlement.claimReceipt(deal, TRANSCRIPT, 30n, other, false))
          .to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature")
          .withArgs(buyer);
      }
    });
  });
});
