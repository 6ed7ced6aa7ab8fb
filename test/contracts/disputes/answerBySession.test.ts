import { expect } from "chai";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { expectStatus } from "../fixtures/deals.ts";
import { Kind, Outcome, Status } from "../fixtures/enums.ts";
import { DAY } from "../fixtures/time.ts";
import { hashDeal } from "../typedData.ts";
import {
  answer,
  type DisputeWorld,
  dispute,
  EVIDENCE,
  expectAllBooks,
  loadDelivered,
  STATEMENT_PERIOD,
  statement,
} from "./fixtures.ts";

describe("Settlement.answerBySession", () => {
  let world: DisputeWorld;
  let since: number;

  beforeEach(async () => {
    world = await loadDelivered();
    since = await dispute(world, 2_000);
  });

  async function send(auth: Awaited<ReturnType<typeof statement>>, share = 9_000, evidence = EVIDENCE) {
    const { settlement, relayer, deal } = world;
    return await settlement.connect(relayer).answerBySession(deal, TRANSCRIPT, share, evidence, auth);
  }

  it("given the seller's envelope, notes its statement, whoever carries it", async () => {
    const { settlement, deal } = world;
    await expect(send(await statement(world, deal, "seller", 9_000)))
      .to.emit(settlement, "Answered")
      .withArgs(hashDeal(deal), 9_000, EVIDENCE);
    const { sellerShare, answered } = await settlement.disputeOf(deal);
    expect([sellerShare, answered]).to.deep.equal([9_000n, true]);
    await expectStatus(settlement, deal, Status.Disputed, since);
  });

  it("given no more than the buyer owns to, ends the dispute there", async () => {
    const { settlement, deal } = world;
    await expect(send(await statement(world, deal, "seller", 2_000), 2_000))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Agreed, 85_000_000n, 40_000_000n);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given the buyer's own statement, refuses: it isn't the seller's", async () => {
    const { settlement, deal, seller, sellerWallet } = world;
    await expect(send(await statement(world, deal, "buyer", 2_000), 2_000))
      .to.be.revertedWithCustomError(settlement, "BadCertificate")
      .withArgs(seller, sellerWallet.address);
  });

  it("given another share, evidence or kind than was signed, refuses", async () => {
    const { settlement, deal, seller } = world;
    const auth = await statement(world, deal, "seller", 9_000);
    const asReceipt = await statement(world, deal, "seller", 9_000, { kind: Kind.Receipt });
    for (const sending of [() => send(auth, 9_001), () => send(auth, 9_000, ethers.id("x")), () => send(asReceipt)]) {
      await expect(sending()).to.be.revertedWithCustomError(settlement, "BadEnvelopeSignature").withArgs(seller);
    }
  });

  it("given keys that were revoked, refuses at once", async () => {
    const { registry, settlement, deal, seller, sellerOwner } = world;
    const auth = await statement(world, deal, "seller", 9_000);
    await registry.connect(sellerOwner).revokeKeys(seller);
    await expect(send(auth)).to.be.revertedWithCustomError(settlement, "WrongEpoch").withArgs(seller, 2n, 3n);
  });

  it("given a second statement, refuses, whichever way the first came", async () => {
    const { settlement, deal } = world;
    const auth = await statement(world, deal, "seller", 9_000);
    await answer(world, 8_000);
    await expect(send(auth)).to.be.revertedWithCustomError(settlement, "AlreadyAnswered").withArgs(hashDeal(deal));
  });

  it("counts up to the last second of the day, and no longer", async () => {
    const { settlement, deal } = world;
    const deadline = since + STATEMENT_PERIOD;
    const auth = await statement(world, deal, "seller", 9_000, { notAfter: deadline + DAY });
    await networkHelpers.time.setNextBlockTimestamp(deadline + 1);
    const snapshot = await networkHelpers.takeSnapshot();
    await expect(send(auth))
      .to.be.revertedWithCustomError(settlement, "DeadlinePassed")
      .withArgs(hashDeal(deal), deadline + 1, deadline);
    await snapshot.restore();
    await networkHelpers.time.setNextBlockTimestamp(deadline);
    await send(auth);
    expect((await settlement.disputeOf(deal)).answered).to.equal(true);
  });
});
