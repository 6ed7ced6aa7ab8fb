import { expect } from "chai";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers } from "../fixtures/chain.ts";
import { Status } from "../fixtures/enums.ts";
import { hashDeal } from "../typedData.ts";
import { answer, type DisputeWorld, dispute, loadDelivered, refer } from "./fixtures.ts";

const URI = "ipfs://evidence";

describe("Settlement.submitEvidence", () => {
  let world: DisputeWorld;

  beforeEach(async () => {
    world = await loadDelivered();
  });

  it("given wallet or owner of either side, points the arbitrator to it", async () => {
    const { settlement, arbitrator, deal, buyerWallet, buyerOwner, sellerWallet, sellerOwner } = world;
    await dispute(world);
    for (const caller of [buyerWallet, buyerOwner, sellerWallet, sellerOwner]) {
      await expect(settlement.connect(caller).submitEvidence(deal, TRANSCRIPT, URI))
        .to.emit(settlement, "Evidence")
        .withArgs(await arbitrator.getAddress(), hashDeal(deal), caller.address, URI);
    }
  });

  it("given a dispute that was referred, goes into the group which that named", async () => {
    const { settlement, arbitrator, buyerWallet, deal } = world;
    await dispute(world);
    await answer(world);
    const id = await refer(world);
    const [tie] = await settlement.queryFilter(
      settlement.filters["Dispute(address,uint256,uint256,uint256)"],
      "latest",
    );
    expect([tie?.args[0], tie?.args[1]]).to.deep.equal([await arbitrator.getAddress(), id]);
    await expect(settlement.connect(buyerWallet).submitEvidence(deal, TRANSCRIPT, URI))
      .to.emit(settlement, "Evidence")
      .withArgs(tie?.args[0], tie?.args[3], buyerWallet.address, URI);
  });

  it("given anybody else, refuses", async () => {
    const { settlement, deal, seller, relayer, deployer } = world;
    await dispute(world);
    for (const caller of [relayer, deployer]) {
      await expect(settlement.connect(caller).submitEvidence(deal, TRANSCRIPT, URI))
        .to.be.revertedWithCustomError(settlement, "NotOwnerOrWallet")
        .withArgs(seller, caller.address);
    }
  });

  it("given a deal that isn't disputed, or no more, refuses", async () => {
    const { settlement, buyerWallet, deal } = world;
    const send = () => settlement.connect(buyerWallet).submitEvidence(deal, TRANSCRIPT, URI);
    const expectRefused = async (status: bigint) =>
      await expect(send())
        .to.be.revertedWithCustomError(settlement, "StatusMismatch")
        .withArgs(hashDeal(deal), status, 1n << Status.Disputed);
    await expectRefused(Status.Delivered);
    await dispute(world);
    await answer(world, 0);
    await expectRefused(Status.Settled);
  });

  it("given another transcript, refuses", async () => {
    const { settlement, buyerWallet, deal } = world;
    await dispute(world);
    await expect(
      settlement.connect(buyerWallet).submitEvidence(deal, ethers.id("other"), URI),
    ).to.be.revertedWithCustomError(settlement, "DealMismatch");
  });
});
