import { expect } from "chai";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { at } from "../fixtures/time.ts";
import {
  APPEAL_TIME,
  type CourtWorld,
  DisputeStatus,
  DRAW_TIME,
  deploy,
  dispute,
  drawPanel,
  expectBalanced,
  FEE,
  lastSecond,
  loadCourt,
  PENALTY,
  STAKE,
  Stage,
  vote,
} from "./fixtures.ts";

describe("Court.appeal", () => {
  let world: CourtWorld;
  let id: bigint;

  beforeEach(async () => {
    world = await loadCourt();
    id = await dispute(world);
  });

  async function appeal(): Promise<void> {
    const { court, stranger } = world;
    await court.connect(stranger).appeal(id, "0x", { value: await court.appealCost(id, "0x") });
  }

  it("given anybody who pays, opens a round with the next panel", async () => {
    const { court, arbitrable, stranger } = world;
    await vote(world, id, [1, 1, 1]);
    await court.pass(id);
    expect(await court.appealCost(id, "0x")).to.equal(5n * FEE);
    const now = (await networkHelpers.time.latest()) + 5;
    const appealing = await at(now, () => court.connect(stranger).appeal(id, "0x", { value: 5n * FEE }));
    await expect(appealing)
      .to.emit(court, "AppealDecision")
      .withArgs(id, await arbitrable.getAddress());
    await expect(appealing)
      .to.emit(court, "SeedBlockFixed")
      .withArgs(id, 1n, (await ethers.provider.getBlockNumber()) + 4);
    expect(await court.stageOf(id)).to.equal(Stage.Drawing);
    expect(await court.disputeStatus(id)).to.equal(DisputeStatus.Waiting);
    expect((await court.caseOf(id)).rounds).to.equal(2n);
    const { revealBy, payer } = await court.roundOf(id, 1n);
    expect([revealBy, payer]).to.deep.equal([BigInt(now + DRAW_TIME), stranger.address]);
    expect((await drawPanel(world, id)).length).to.equal(5);
    await expectBalanced(world);
  });

  it("lets the ruling stand until the new round's votes are in", async () => {
    const { court } = world;
    await vote(world, id, [2_000, 2_000, 2_000]);
    await appeal();
    expect(await court.currentRuling(id)).to.equal(2_003n);
    await vote(world, id, [8_000, 8_000, 8_000, 8_000, 8_000]);
    expect(await court.currentRuling(id)).to.equal(8_003n);
  });

  it("given a round that nobody has counted, counts it", async () => {
    const { court, stranger } = world;
    const members = await vote(world, id, [0, 7_000, 7_000]);
    await expect(court.connect(stranger).appeal(id, "0x", { value: 5n * FEE }))
      .to.emit(court, "RoundCounted")
      .withArgs(id, 0n, 7_003n, 2n, (3n * FEE + PENALTY) / 2n);
    expect(await court.creditOf(members[1] ?? "")).to.equal((3n * FEE + PENALTY) / 2n);
    await expectBalanced(world);
  });

  it("judges each round by its own median", async () => {
    const { court } = world;
    const first = await vote(world, id, [9_000, 9_000, 0]);
    await appeal();
    await vote(world, id, [0, 0, 0, 0, 0]);
    await court.pass(id);
    expect(await court.currentRuling(id)).to.equal(1n);
    expect(await court.creditOf(first[0] ?? "")).to.be.at.least((3n * FEE + PENALTY) / 2n);
    expect((await court.seatOf(first[2] ?? "")).stake).to.equal(STAKE - PENALTY);
  });

  it("given the second appeal, has the third panel; a third is not possible", async () => {
    const { court, stranger } = world;
    await vote(world, id, [1, 1, 1]);
    await appeal();
    await vote(world, id, [1, 1, 1, 1, 1]);
    expect(await court.appealCost(id, "0x")).to.equal(9n * FEE);
    await appeal();
    expect(await court.appealCost(id, "0x")).to.equal(ethers.MaxUint256);
    await vote(world, id, Array(9).fill(3_000));
    expect(await court.stageOf(id)).to.equal(Stage.Ruled);
    expect(await court.appealPeriod(id)).to.deep.equal([0n, 0n]);
    await expect(court.connect(stranger).appeal(id, "0x", { value: 100n * FEE }))
      .to.be.revertedWithCustomError(court, "StageMismatch")
      .withArgs(id, Stage.Ruled, Stage.Appealable);
    const passing = await court.pass(id);
    await expect(passing).to.emit(court, "RoundCounted").withArgs(id, 2n, 3_003n, 9n, FEE);
    await expect(passing).not.to.emit(court, "AppealPossible");
    expect(await court.currentRuling(id)).to.equal(3_003n);
    await expectBalanced(world);
  });

  it("given less than the cost, refuses; given more, owes the rest to the sender", async () => {
    const { court, stranger } = world;
    await vote(world, id, [1, 1, 1]);
    await expect(court.connect(stranger).appeal(id, "0x", { value: 5n * FEE - 1n }))
      .to.be.revertedWithCustomError(court, "FeeTooLow")
      .withArgs(5n * FEE - 1n, 5n * FEE);
    await court.connect(stranger).appeal(id, "0x", { value: 5n * FEE + 3n });
    expect(await court.creditOf(stranger)).to.equal(3n);
    await expectBalanced(world);
  });

  it("given the last second of its time, counts; given the next, refuses", async () => {
    const { court } = world;
    await vote(world, id, [1, 1, 1]);
    const { revealBy } = await court.roundOf(id, 0n);
    const [start, end] = await court.appealPeriod(id);
    expect([start, end]).to.deep.equal([revealBy + 1n, revealBy + BigInt(APPEAL_TIME)]);
    expect(await lastSecond(court, id)).to.equal(Number(end));
    const before = await networkHelpers.takeSnapshot();
    await at(Number(end), appeal);
    expect(await court.stageOf(id)).to.equal(Stage.Drawing);
    await before.restore();
    await networkHelpers.time.increaseTo(Number(end) + 1);
    await expect(court.appeal.staticCall(id, "0x", { value: 5n * FEE }))
      .to.be.revertedWithCustomError(court, "StageMismatch")
      .withArgs(id, Stage.Ruled, Stage.Appealable);
    expect(await court.appealPeriod(id)).to.deep.equal([0n, 0n]);
  });

  it("before the votes are in, refuses", async () => {
    const { court } = world;
    await drawPanel(world, id);
    await expect(court.appeal(id, "0x", { value: 5n * FEE }))
      .to.be.revertedWithCustomError(court, "StageMismatch")
      .withArgs(id, Stage.Committing, Stage.Appealable);
  });

  it("given too few older seats for the next panel, is not possible, and the ruling is final at once", async () => {
    const { holders } = world;
    const court = await deploy();
    const small = { ...world, court };
    for (const holder of holders.slice(0, 4)) await court.connect(holder).takeSeat({ value: STAKE });
    await networkHelpers.mine();
    const other = await dispute(small);
    await court.connect(holders[4]).takeSeat({ value: STAKE });
    await vote(small, other, [1, 1, 1]);
    expect(await court.stageOf(other)).to.equal(Stage.Ruled);
    expect(await court.appealCost(other, "0x")).to.equal(ethers.MaxUint256);
    await expect(court.pass(other)).not.to.emit(court, "AppealPossible");
  });

  it("given a new panel that doesn't vote, leaves the ruling and returns the fees to the appellant", async () => {
    const { court, stranger } = world;
    await vote(world, id, [2_000, 2_000, 2_000]);
    await appeal();
    await vote(world, id, []);
    await expect(court.pass(id)).to.emit(court, "RoundCounted").withArgs(id, 1n, 2_003n, 0n, 0n);
    expect(await court.currentRuling(id)).to.equal(2_003n);
    expect(await court.creditOf(stranger)).to.equal(5n * FEE);
    expect(await court.burnt()).to.equal(5n * PENALTY);
    await expectBalanced(world);
  });

  it("given a new panel that nobody draws, leaves the ruling and returns the fees to the appellant", async () => {
    const { court, stranger } = world;
    await vote(world, id, [2_000, 2_000, 2_000]);
    await appeal();
    await networkHelpers.time.increaseTo((await lastSecond(court, id)) + 1);
    expect(await court.stageOf(id)).to.equal(Stage.Appealable);
    expect(await court.currentRuling(id)).to.equal(2_003n);
    await court.pass(id);
    expect(await court.creditOf(stranger)).to.equal(5n * FEE);
    await appeal();
    expect((await drawPanel(world, id)).length).to.equal(9);
    await expectBalanced(world);
  });
});
