import { expect } from "chai";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { at, HOUR } from "../fixtures/time.ts";
import {
  asExtraData,
  CHOICES,
  type CourtWorld,
  DisputeStatus,
  DRAW_TIME,
  deploy,
  dispute,
  expectBalanced,
  FEE,
  LONGEST,
  loadCourt,
  SEATS,
  STAKE,
  Stage,
} from "./fixtures.ts";

const COST = 3n * FEE;

describe("Court.createDispute", () => {
  let world: CourtWorld;

  beforeEach(async () => {
    world = await loadCourt();
  });

  it("opens the first round: its seed block is ahead, its draw has its time", async () => {
    const { court, arbitrable } = world;
    const now = (await networkHelpers.time.latest()) + 5;
    const creating = await at(now, () => arbitrable.dispute(court, CHOICES, "0x", { value: COST }));
    const seedBlock = BigInt(await ethers.provider.getBlockNumber()) + 4n;
    await expect(creating)
      .to.emit(court, "DisputeCreation")
      .withArgs(1n, await arbitrable.getAddress());
    await expect(creating).to.emit(court, "SeedBlockFixed").withArgs(1n, 0n, seedBlock);

    expect(await court.stageOf(1n)).to.equal(Stage.Drawing);
    expect(await court.disputeStatus(1n)).to.equal(DisputeStatus.Waiting);
    expect(await court.currentRuling(1n)).to.equal(0n);
    expect(await court.appealPeriod(1n)).to.deep.equal([0n, 0n]);
    expect(await court.panelOf(1n, 0n)).to.deep.equal([]);
    const { revealBy, payer } = await court.roundOf(1n, 0n);
    expect([revealBy, payer]).to.deep.equal([BigInt(now + DRAW_TIME), await arbitrable.getAddress()]);
    const { createdAt, olderSeats, rounds } = await court.caseOf(1n);
    expect([createdAt, olderSeats, rounds]).to.deep.equal([BigInt(now), BigInt(SEATS), 1n]);
    await expectBalanced(world);
  });

  it("counts ids from 1", async () => {
    expect(await dispute(world)).to.equal(1n);
    expect(await dispute(world)).to.equal(2n);
  });

  it("costs the first panel's votes, and takes no less", async () => {
    const { court, arbitrable } = world;
    expect(await court.arbitrationCost("0x")).to.equal(COST);
    await expect(arbitrable.dispute(court, CHOICES, "0x", { value: COST - 1n }))
      .to.be.revertedWithCustomError(court, "FeeTooLow")
      .withArgs(COST - 1n, COST);
  });

  it("given more than the cost, owes the rest to the sender", async () => {
    const { court, arbitrable } = world;
    await arbitrable.dispute(court, CHOICES, "0x", { value: COST + 7n });
    expect(await court.creditOf(arbitrable)).to.equal(7n);
    await expectBalanced(world);
  });

  it("given other rulings than its own, refuses", async () => {
    const { court, arbitrable } = world;
    for (const choices of [0n, 2n, CHOICES - 1n, CHOICES + 1n]) {
      await expect(arbitrable.dispute(court, choices, "0x", { value: COST }))
        .to.be.revertedWithCustomError(court, "ChoicesMismatch")
        .withArgs(choices, CHOICES);
    }
  });

  it("given an hour more to rule than all its periods take, accepts; given a second less, refuses", async () => {
    const { court, arbitrable } = world;
    expect(await court.longestDispute()).to.equal(LONGEST);
    const needed = LONGEST + HOUR;
    for (const rulingWithin of [0, LONGEST, needed - 1]) {
      await expect(arbitrable.dispute(court, CHOICES, asExtraData(rulingWithin), { value: COST }))
        .to.be.revertedWithCustomError(court, "RulingTooSlow")
        .withArgs(needed, rulingWithin);
    }
    await arbitrable.dispute(court, CHOICES, asExtraData(needed), { value: COST });
  });

  it("given extra data that is not one number, refuses", async () => {
    const { court, arbitrable } = world;
    for (const length of [1, 31, 33, 64]) {
      const extraData = `0x${"00".repeat(length)}`;
      await expect(arbitrable.dispute(court, CHOICES, extraData, { value: COST }))
        .to.be.revertedWithCustomError(court, "ExtraDataInvalid")
        .withArgs(length, 32n);
    }
  });

  it("given fewer seats that are older than it than its first panel needs, refuses", async () => {
    const { arbitrable, holders } = world;
    const court = await deploy();
    for (const holder of holders.slice(0, 2)) await court.connect(holder).takeSeat({ value: STAKE });
    await expect(arbitrable.dispute(court, CHOICES, "0x", { value: COST }))
      .to.be.revertedWithCustomError(court, "SeatsTooFew")
      .withArgs(2n, 3n);

    const [, , third] = holders;
    const [relayer] = await ethers.getSigners();
    await ethers.provider.send("evm_setAutomine", [false]);
    const taking = await court.connect(third).takeSeat({ value: STAKE });
    const creating = await arbitrable.connect(relayer).dispute(court, CHOICES, "0x", { value: COST, gasLimit: 1e6 });
    await ethers.provider.send("evm_setAutomine", [true]);
    await networkHelpers.mine();
    await taking.wait();
    await expect(creating).to.be.revertedWithCustomError(court, "SeatsTooFew").withArgs(2n, 3n);

    await arbitrable.dispute(court, CHOICES, "0x", { value: COST });
    expect((await court.caseOf(1n)).olderSeats).to.equal(3n);
  });

  it("knows nothing of disputes that were not created", async () => {
    const { court } = world;
    await dispute(world);
    for (const id of [0n, 2n]) {
      expect(await court.stageOf(id)).to.equal(Stage.None);
      for (const asking of [
        () => court.disputeStatus(id),
        () => court.currentRuling(id),
        () => court.appealCost(id, "0x"),
        () => court.appealPeriod(id),
        () => court.pass.staticCall(id),
        () => court.submitEvidence.staticCall(id, "ipfs://x"),
      ]) {
        await expect(asking()).to.be.revertedWithCustomError(court, "DisputeUnknown").withArgs(id, 1n);
      }
    }
  });
});
