import { expect } from "chai";
import { act } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { expectStatus, makeDeal } from "../fixtures/deals.ts";
import { Kind, Status } from "../fixtures/enums.ts";
import type { SideOptions } from "../fixtures/envelopes.ts";
import { at, HOUR } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import { type Deal, hashAct, hashDeal } from "../typedData.ts";

const EVIDENCE = ethers.id("evidence");

describe("Settlement.deliverBySession", () => {
  let world: World;
  let deal: Deal;
  let since: number;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    since = await commit(world, deal);
  });

  async function deliver(options: SideOptions = {}, of = deal, evidence = EVIDENCE) {
    const { settlement, relayer, seller, sellerWallet } = world;
    const body = hashAct("Deliver", { deal: hashDeal(of), evidence: EVIDENCE });
    const side = { agent: seller, signer: sellerWallet, kind: Kind.Deliver, body, ...options };
    return await settlement.connect(relayer).deliverBySession(of, TRANSCRIPT, evidence, await act(world, of, side));
  }

  async function expectRefused(sending: Promise<unknown>, error: string, ...args: unknown[]) {
    await expect(sending)
      .to.be.revertedWithCustomError(world.settlement, error)
      .withArgs(...args);
  }

  it("given the seller's word, starts the review, whoever carries it", async () => {
    const { settlement } = world;
    await expect(at(since + 60, () => deliver()))
      .to.emit(settlement, "Delivered")
      .withArgs(hashDeal(deal), EVIDENCE);
    await expectStatus(settlement, deal, Status.Delivered, since + 60);
  });

  it("counts up to the last second, and not after", async () => {
    const deadline = since + deal.deliverWithin;
    const validity = { notAfter: deadline + HOUR };
    const late = at(deadline + 1, () => deliver(validity));
    await expectRefused(late, "DeadlinePassed", hashDeal(deal), deadline + 1, deadline);
    world = await load();
    deal = await makeDeal(world);
    since = await commit(world, deal);
    await at(since + deal.deliverWithin, () => deliver({ notAfter: since + deal.deliverWithin }));
  });

  it("given other evidence, another deal, another kind or the buyer's key, refuses", async () => {
    const { buyer, buyerWallet, seller, sellerWallet } = world;
    await expectRefused(deliver({}, deal, ethers.id("other")), "BadEnvelopeSignature", seller);
    const body = hashAct("Deliver", { deal: ethers.id("another"), evidence: EVIDENCE });
    await expectRefused(deliver({ body }), "BadEnvelopeSignature", seller);
    await expectRefused(deliver({ kind: Kind.Receipt }), "BadEnvelopeSignature", seller);
    const byBuyer = deliver({ agent: buyer, signer: buyerWallet });
    await expectRefused(byBuyer, "BadCertificate", seller, sellerWallet.address);
  });

  it("given revoked keys, refuses at once: delivering is an act of the present", async () => {
    const { registry, seller, sellerWallet } = world;
    await registry.connect(sellerWallet).revokeKeys(seller);
    await expectRefused(deliver({ epoch: 2n }), "WrongEpoch", seller, 2n, 3n);
    await deliver();
  });

  it("given the time of the certificate, counts from its first to its last second", async () => {
    const { seller } = world;
    const [notBefore, notAfter] = [since + 100, since + 200];
    const early = at(notBefore - 1, () => deliver({ notBefore, notAfter }));
    await expectRefused(early, "CertificateNotYetValid", seller, notBefore - 1, notBefore);
    const late = at(notAfter + 1, () => deliver({ notBefore, notAfter }));
    await expectRefused(late, "CertificateExpired", seller, notAfter + 1, notAfter);
    await networkHelpers.time.setNextBlockTimestamp(notAfter);
    await deliver({ notBefore, notAfter });
  });

  it("given a metered deal, or one delivered already, refuses", async () => {
    const metered = await makeDeal(world, { reviewPeriod: 0 });
    await commit(world, metered);
    await expectRefused(deliver({}, metered), "DealMetered", hashDeal(metered));
    await deliver();
    const allowed = 1n << Status.Committed;
    await expectRefused(deliver(), "StatusMismatch", hashDeal(deal), Status.Delivered, allowed);
  });
});
