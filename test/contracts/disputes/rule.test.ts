import { expect } from "chai";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { escrowOf, makeDeal } from "../fixtures/deals.ts";
import { consentToSplit } from "../fixtures/splits.ts";
import { at, DAY } from "../fixtures/time.ts";
import {
  answer,
  COST,
  type DisputeWorld,
  deliver,
  dispute,
  expectAllBooks,
  loadDelivered,
  Malice,
  refer,
} from "./fixtures.ts";

describe("Settlement.rule", () => {
  let world: DisputeWorld;
  let id: bigint;
  let key: string;

  beforeEach(async () => {
    world = await loadDelivered();
    const { deal } = world;
    await dispute(world);
    await answer(world);
    id = await refer(world);
    key = ethers.keccak256(
      ethers.AbiCoder.defaultAbiCoder().encode(
        ["uint256", "uint256", "bytes32"],
        [deal.buyer, deal.seller, deal.negotiation],
      ),
    );
  });

  async function stored() {
    const { ruled, ruling } = await world.settlement.disputeOf(world.deal);
    return [ruled, ruling];
  }

  it("given the arbitrator that was asked, stores the ruling and moves no money", async () => {
    const { settlement, arbitrator, deal } = world;
    const ruling = arbitrator.giveRuling(id, 4_003n);
    await expect(ruling).to.emit(settlement, "Ruling").withArgs(deal.arbitrator, id, 4_003n);
    await expect(ruling).to.emit(settlement, "Ruled").withArgs(key, deal.arbitrator, id, 4_003n);
    expect(await stored()).to.deep.equal([true, 4_003n]);
    await expectAllBooks(world, escrowOf(deal), 0n);
  });

  it("given the transaction in which it was asked, counts once it has answered", async () => {
    const wallet = await ethers.deployContract("ContractWallet", [world.deployer]);
    const arbitrator = await ethers.deployContract("CentralArbitrator", [wallet, COST]);
    const deal = await makeDeal(world, { arbitrator: await arbitrator.getAddress() });
    await deliver(world, deal);
    await dispute(world, 2_000, deal);
    await answer(world, 9_000, deal);
    const { settlement } = world;
    await wallet.executeAll(
      [await settlement.getAddress(), deal.arbitrator],
      [
        settlement.interface.encodeFunctionData("refer", [deal, TRANSCRIPT]),
        arbitrator.interface.encodeFunctionData("giveRuling", [0n, 2n]),
      ],
    );
    const { ruled, ruling } = await settlement.disputeOf(deal);
    expect([ruled, ruling]).to.deep.equal([true, 2n]);
  });

  it("given anybody else, refuses, even another arbitrator with that id", async () => {
    const { settlement, deployer, buyerWallet, sellerOwner } = world;
    for (const caller of [deployer, buyerWallet, sellerOwner]) {
      await expect(settlement.connect(caller).rule(id, 1n))
        .to.be.revertedWithCustomError(settlement, "DisputeUnknown")
        .withArgs(caller.address, id);
    }
    const other = await ethers.deployContract("CentralArbitrator", [deployer, COST], deployer);
    await expect(other.forceRuling(settlement, id, 1n))
      .to.be.revertedWithCustomError(settlement, "DisputeUnknown")
      .withArgs(await other.getAddress(), id);
    expect(await stored()).to.deep.equal([false, 0n]);
  });

  it("given an id that the arbitrator never gave, refuses", async () => {
    const { settlement, arbitrator, deal } = world;
    await expect(arbitrator.forceRuling(settlement, id + 1n, 1n))
      .to.be.revertedWithCustomError(settlement, "DisputeUnknown")
      .withArgs(deal.arbitrator, id + 1n);
  });

  it("given a second ruling, in one transaction or later, ignores it but says what it was", async () => {
    const { settlement, arbitrator, deal } = world;
    await arbitrator.setMalice(Malice.RulesTwice);
    await arbitrator.giveRuling(id, 5n);
    expect(await stored()).to.deep.equal([true, 5n]);

    const ruling = arbitrator.forceRuling(settlement, id, 2n);
    await expect(ruling).to.emit(settlement, "Ruling").withArgs(deal.arbitrator, id, 2n);
    await expect(ruling).not.to.emit(settlement, "Ruled");
    expect(await stored()).to.deep.equal([true, 5n]);
  });

  it("given a first ruling of 0, which refuses, ignores a later one too", async () => {
    const { settlement, arbitrator } = world;
    await arbitrator.giveRuling(id, 0n);
    await arbitrator.forceRuling(settlement, id, 2n);
    expect(await stored()).to.deep.equal([true, 0n]);
  });

  it("counts up to the last second of the arbitrator's time", async () => {
    const { settlement, arbitrator, deal } = world;
    const { rulingUntil } = await settlement.disputeOf(deal);
    await expect(at(Number(rulingUntil), () => arbitrator.giveRuling(id, 2n))).to.emit(settlement, "Ruled");
    expect(await stored()).to.deep.equal([true, 2n]);
  });

  it("given a second more, is ignored, even if nobody has let the dispute lapse yet", async () => {
    const { settlement, arbitrator, deal } = world;
    const { rulingUntil } = await settlement.disputeOf(deal);
    const ruling = at(Number(rulingUntil) + 1, () => arbitrator.giveRuling(id, 2n));
    await expect(ruling).to.emit(settlement, "Ruling").withArgs(deal.arbitrator, id, 2n);
    await expect(ruling).not.to.emit(settlement, "Ruled");
    expect(await stored()).to.deep.equal([false, 0n]);
    await settlement.lapse(deal, TRANSCRIPT);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given a split meanwhile, is ignored", async () => {
    const { settlement, arbitrator, deal } = world;
    const until = (await networkHelpers.time.latest()) + DAY;
    await settlement.split(deal, TRANSCRIPT, 1_000n, until, ...(await consentToSplit(world, deal, 1_000n, until)));
    const ruling = arbitrator.giveRuling(id, 2n);
    await expect(ruling).to.emit(settlement, "Ruling");
    await expect(ruling).not.to.emit(settlement, "Ruled");
    expect(await stored()).to.deep.equal([false, 0n]);
    await expectAllBooks(world, 0n, 0n);
  });

  for (const nonsense of [10_004n, 65_536n + 2n, ethers.MaxUint256]) {
    it(`given ${nonsense}, which makes no sense, stores a refusal`, async () => {
      const { settlement, arbitrator, deal } = world;
      const ruling = arbitrator.forceRuling(settlement, id, nonsense);
      await expect(ruling).to.emit(settlement, "Ruling").withArgs(deal.arbitrator, id, nonsense);
      await expect(ruling).to.emit(settlement, "Ruled").withArgs(key, deal.arbitrator, id, 0n);
      expect(await stored()).to.deep.equal([true, 0n]);
    });
  }

  it("given the highest ruling that there is, stores it", async () => {
    await world.arbitrator.giveRuling(id, 10_003n);
    expect(await stored()).to.deep.equal([true, 10_003n]);
  });
});
