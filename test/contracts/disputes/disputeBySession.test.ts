import { expect } from "chai";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { escrowOf, expectStatus } from "../fixtures/deals.ts";
import { Kind, Status } from "../fixtures/enums.ts";
import { at, DAY, HOUR } from "../fixtures/time.ts";
import { hashAct, hashDeal } from "../typedData.ts";
import {
  type DisputeWorld,
  EVIDENCE,
  expectAllBooks,
  expectFree,
  loadDelivered,
  STATEMENT_PERIOD,
  statement,
} from "./fixtures.ts";

describe("Settlement.disputeBySession", () => {
  let world: DisputeWorld;

  beforeEach(async () => {
    world = await loadDelivered();
  });

  async function send(auth: Awaited<ReturnType<typeof statement>>, share = 2_000, value = world.deal.maxFee) {
    const { settlement, relayer, deal } = world;
    return await settlement.connect(relayer).disputeBySession(deal, TRANSCRIPT, share, EVIDENCE, auth, { value });
  }

  it("given the buyer's envelope, disputes at the carrier's expense", async () => {
    const { settlement, deal, relayer } = world;
    const disputing = send(await statement(world, deal, "buyer", 2_000));
    const time = (await networkHelpers.time.latest()) + 1;
    await expect(disputing)
      .to.emit(settlement, "Disputed")
      .withArgs(hashDeal(deal), 2_000, EVIDENCE, time + STATEMENT_PERIOD + deal.rulingWithin);
    await expect(disputing).to.changeEtherBalances(ethers, [relayer, settlement], [-deal.maxFee, deal.maxFee]);
    await expectStatus(settlement, deal, Status.Disputed, time);
    await expectAllBooks(world, escrowOf(deal), deal.maxFee);
  });

  it("leaves what is left of the deposit to the buyer, not to the carrier", async () => {
    const { settlement, deal, relayer } = world;
    await send(await statement(world, deal, "buyer", 2_000));
    const { rulingUntil } = await settlement.disputeOf(deal);
    await at(Number(rulingUntil) + 1, () => settlement.connect(relayer).lapse(deal, TRANSCRIPT));
    await expectFree(world, NATIVE, deal.maxFee, 0n);
  });

  it("given another share or evidence than was signed, refuses", async () => {
    const { settlement, deal, buyer, relayer } = world;
    const auth = await statement(world, deal, "buyer", 2_000);
    await expect(send(auth, 1_999)).to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature").withArgs(buyer);
    const value = deal.maxFee;
    await expect(
      settlement.connect(relayer).disputeBySession(deal, TRANSCRIPT, 2_000, ethers.id("other"), auth, { value }),
    ).to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature");
  });

  it("given an envelope of another kind, refuses", async () => {
    const { settlement, deal } = world;
    const auth = await statement(world, deal, "buyer", 2_000, { kind: Kind.Cancel });
    await expect(send(auth)).to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature");
  });

  it("given the seller's envelope, refuses", async () => {
    const { settlement, deal, buyer, buyerWallet } = world;
    await expect(send(await statement(world, deal, "seller", 2_000)))
      .to.be.revertedWithCustomError(settlement, "BadCertificate")
      .withArgs(buyer, buyerWallet.address);
  });

  it("given a statement about another deal, refuses", async () => {
    const { settlement, deal } = world;
    const body = hashAct("Dispute", { deal: ethers.id("other"), share: 2_000, evidence: EVIDENCE });
    const auth = await statement(world, deal, "buyer", 2_000, { body });
    await expect(send(auth)).to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature");
  });

  it("given keys that were revoked, refuses at once", async () => {
    const { registry, settlement, deal, buyer, buyerWallet } = world;
    const auth = await statement(world, deal, "buyer", 2_000);
    await registry.connect(buyerWallet).revokeKeys(buyer);
    await expect(send(auth)).to.be.revertedWithCustomError(settlement, "WrongEpoch").withArgs(buyer, 2n, 3n);
  });

  it("given a certificate, counts up to its last second and no longer", async () => {
    const { settlement, deal, buyer } = world;
    const notAfter = (await networkHelpers.time.latest()) + HOUR;
    const auth = await statement(world, deal, "buyer", 2_000, { notAfter });
    await networkHelpers.time.setNextBlockTimestamp(notAfter + 1);
    await expect(send(auth))
      .to.be.revertedWithCustomError(settlement, "CertificateExpired")
      .withArgs(buyer, notAfter + 1, notAfter);

    const later = await statement(world, deal, "buyer", 2_000, { notAfter: notAfter + HOUR });
    await networkHelpers.time.setNextBlockTimestamp(notAfter + HOUR);
    await send(later);
  });

  it("given a key before its time, refuses", async () => {
    const { settlement, deal, buyer } = world;
    const notBefore = (await networkHelpers.time.latest()) + HOUR;
    const auth = await statement(world, deal, "buyer", 2_000, { notBefore });
    await networkHelpers.time.setNextBlockTimestamp(notBefore - 1);
    await expect(send(auth))
      .to.be.revertedWithCustomError(settlement, "CertificateNotYetValid")
      .withArgs(buyer, notBefore - 1, notBefore);
    await networkHelpers.time.setNextBlockTimestamp(notBefore);
    await send(auth);
  });

  it("given another fee, a share above the whole or the end of the review, refuses as dispute does", async () => {
    const { settlement, deal, reviewUntil } = world;
    const options = { notAfter: reviewUntil + DAY };
    const auth = await statement(world, deal, "buyer", 2_000, options);
    await expect(send(auth, 2_000, deal.maxFee - 1n))
      .to.be.revertedWithCustomError(settlement, "WrongFee")
      .withArgs(hashDeal(deal), deal.maxFee - 1n, deal.maxFee);
    await expect(send(await statement(world, deal, "buyer", 10_001, options), 10_001)).to.be.revertedWithCustomError(
      settlement,
      "ShareTooHigh",
    );
    await networkHelpers.time.setNextBlockTimestamp(reviewUntil + 1);
    await expect(send(auth))
      .to.be.revertedWithCustomError(settlement, "DeadlinePassed")
      .withArgs(hashDeal(deal), reviewUntil + 1, reviewUntil);
  });
});
