import { expect } from "chai";
import { act, receipt } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { balances, expectOwed } from "../fixtures/balances.ts";
import { ethers, NATIVE } from "../fixtures/chain.ts";
import { escrowOf, makeDeal } from "../fixtures/deals.ts";
import { Kind, Outcome, Status } from "../fixtures/enums.ts";
import type { SideOptions } from "../fixtures/envelopes.ts";
import { at, HOUR } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { type Deal, hashAct, hashDeal } from "../typedData.ts";

const SHARE = 40_000_000n;

describe("Settlement.splitBySession", () => {
  let world: World;
  let deal: Deal;
  let until: number;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    until = (await commit(world, deal)) + HOUR;
  });

  async function split(options: { toSeller?: bigint; said?: bigint; buyer?: SideOptions; seller?: SideOptions } = {}) {
    const { settlement, relayer, buyer, seller, buyerWallet, sellerWallet } = world;
    const { toSeller = SHARE, said = toSeller } = options;
    const body = hashAct("Split", { deal: hashDeal(deal), toSeller: said, until });
    const cancel = { kind: Kind.Cancel, body };
    const byBuyer = await act(world, deal, { agent: buyer, signer: buyerWallet, ...cancel, ...options.buyer });
    const bySeller = await act(world, deal, { agent: seller, signer: sellerWallet, ...cancel, ...options.seller });
    return await settlement.connect(relayer).splitBySession(deal, TRANSCRIPT, toSeller, until, byBuyer, bySeller);
  }

  async function expectRefused(sending: Promise<unknown>, error: string, ...args: unknown[]) {
    await expect(sending)
      .to.be.revertedWithCustomError(world.settlement, error)
      .withArgs(...args);
  }

  for (const status of ["committed", "delivered", "disputed"] as const) {
    it(`given both keys' word, ends a ${status} deal, whoever carries it`, async () => {
      const { settlement, sellerWallet, buyerWallet, buyer } = world;
      if (status !== "committed") await settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, ethers.ZeroHash);
      const disputed = status === "disputed";
      const value = { value: deal.maxFee };
      if (disputed) await settlement.connect(buyerWallet).dispute(deal, TRANSCRIPT, 0, ethers.ZeroHash, value);
      await expect(split())
        .to.emit(settlement, "Settled")
        .withArgs(hashDeal(deal), Outcome.Split, escrowOf(deal) - SHARE, SHARE);
      expect(await balances(world, deal.token)).to.deep.equal({
        buyer: FUNDS + deal.sellerBond - SHARE,
        seller: FUNDS - deal.sellerBond + SHARE,
      });
      expect(await settlement.free(buyer, NATIVE)).to.equal(FUNDS + (disputed ? deal.maxFee : 0n));
      await expectOwed(world, deal.token, 0n);
      await expectOwed(world, NATIVE, 0n);
    });
  }

  it("given that one side says something else, refuses that side", async () => {
    const { buyer, seller } = world;
    await expectRefused(split({ said: SHARE + 1n }), "BadEnvelopeSignature", buyer);
    const other = { body: hashAct("Split", { deal: hashDeal(deal), toSeller: SHARE, until: until + 1 }) };
    await expectRefused(split({ seller: other }), "BadEnvelopeSignature", seller);
    const elsewhere = { body: hashAct("Split", { deal: ethers.id("another"), toSeller: SHARE, until }) };
    await expectRefused(split({ seller: elsewhere }), "BadEnvelopeSignature", seller);
    await expectRefused(split({ buyer: { kind: Kind.Dispute } }), "BadEnvelopeSignature", buyer);
  });

  it("given one side's key for both, refuses", async () => {
    const { buyer, seller, buyerWallet, sellerWallet } = world;
    const mine = { agent: buyer, signer: buyerWallet };
    await expectRefused(split({ seller: mine }), "BadCertificate", seller, sellerWallet.address);
  });

  it("given revoked keys or a certificate that ended, refuses", async () => {
    const { registry, seller, sellerWallet, buyer } = world;
    const notAfter = until - 10;
    const late = at(until - 9, () => split({ buyer: { notAfter } }));
    await expectRefused(late, "CertificateExpired", buyer, until - 9, notAfter);
    await registry.connect(sellerWallet).revokeKeys(seller);
    await expectRefused(split({ seller: { epoch: 2n } }), "WrongEpoch", seller, 2n, 3n);
    await split();
  });

  it("counts up to its last second, and not after", async () => {
    await expectRefused(
      at(until + 1, () => split()),
      "DeadlinePassed",
      hashDeal(deal),
      until + 1,
      until,
    );
    world = await load();
    deal = await makeDeal(world);
    until = (await commit(world, deal)) + HOUR;
    await at(until, () => split());
  });

  it("given more than there is, or less than receipts have paid, refuses", async () => {
    const { settlement } = world;
    const pot = escrowOf(deal);
    await expectRefused(split({ toSeller: pot + 1n }), "SplitTooHigh", hashDeal(deal), pot + 1n, pot);
    await settlement.claimReceipt(deal, TRANSCRIPT, 30n, await receipt(world, deal, 30n), false);
    await expectRefused(split({ toSeller: 29n }), "SplitTooLow", hashDeal(deal), 29n, 30n);
    await expect(split({ toSeller: 30n }))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Split, pot - 30n, 0n);
  });

  it("given a settled deal, refuses", async () => {
    await split();
    const live = (1n << Status.Committed) | (1n << Status.Delivered) | (1n << Status.Disputed);
    await expectRefused(split(), "StatusMismatch", hashDeal(deal), Status.Settled, live);
  });
});
