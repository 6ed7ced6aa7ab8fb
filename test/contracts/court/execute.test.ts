import { expect } from "chai";
import { networkHelpers } from "../fixtures/chain.ts";
import {
  APPEAL_TIME,
  type CourtWorld,
  DisputeStatus,
  dispute,
  expectBalanced,
  FEE,
  lastSecond,
  loadCourt,
  PENALTY,
  STAKE,
  Stage,
  Taking,
  vote,
} from "./fixtures.ts";

const RULE_GAS = 500_000n;

describe("Court.executeRuling", () => {
  let world: CourtWorld;
  let id: bigint;

  beforeEach(async () => {
    world = await loadCourt();
    id = await dispute(world);
  });

  /** Plays a round and lets the time for appeals go by. */
  async function rule(): Promise<Awaited<ReturnType<typeof vote>>> {
    const members = await vote(world, id, [0, 7_000, 7_000]);
    await networkHelpers.time.increase(APPEAL_TIME + 1);
    expect(await world.court.stageOf(id)).to.equal(Stage.Ruled);
    return members;
  }

  it("given a final ruling, gives it to the arbitrable, counting the round if nobody has", async () => {
    const { court, arbitrable, stranger } = world;
    const members = await rule();
    expect(await court.disputeStatus(id)).to.equal(DisputeStatus.Solved);
    const executing = await court.connect(stranger).executeRuling(id);
    await expect(executing)
      .to.emit(court, "RulingExecuted")
      .withArgs(id, await arbitrable.getAddress(), 7_003n);
    await expect(executing)
      .to.emit(arbitrable, "Ruling")
      .withArgs(await court.getAddress(), id, 7_003n);
    await expect(executing).to.emit(court, "RoundCounted");
    expect(await court.stageOf(id)).to.equal(Stage.Executed);
    expect(await court.disputeStatus(id)).to.equal(DisputeStatus.Solved);
    expect(await court.currentRuling(id)).to.equal(7_003n);
    expect(await court.creditOf(members[1] ?? "")).to.equal((3n * FEE + PENALTY) / 2n);
    await expectBalanced(world);
  });

  it("gives it once", async () => {
    const { court, arbitrable } = world;
    await rule();
    await court.executeRuling(id);
    await expect(court.executeRuling(id))
      .to.be.revertedWithCustomError(court, "StageMismatch")
      .withArgs(id, Stage.Executed, Stage.Ruled);
    expect((await arbitrable.taken(court, id)).times).to.equal(1n);
  });

  it("while the ruling may be appealed, refuses, up to the last second", async () => {
    const { court } = world;
    await vote(world, id, [1, 1, 1]);
    await networkHelpers.time.increaseTo((await lastSecond(court, id)) - 1);
    await expect(court.executeRuling.staticCall(id, { blockTag: "pending" }))
      .to.be.revertedWithCustomError(court, "StageMismatch")
      .withArgs(id, Stage.Appealable, Stage.Ruled);
    await networkHelpers.time.increaseTo((await lastSecond(court, id)) + 1);
    await court.executeRuling(id);
  });

  for (const [title, taking] of [
    ["reverts", Taking.Reverting],
    ["eats all its gas", Taking.GasEating],
    ["answers with a flood", Taking.Flooding],
  ] as const) {
    it(`given an arbitrable that ${title}, pays the seats all the same, and can be tried again`, async () => {
      const { court, arbitrable } = world;
      const members = await rule();
      await arbitrable.setTaking(taking);
      const failing = await court.executeRuling(id);
      await expect(failing)
        .to.emit(court, "RulingFailed")
        .withArgs(id, await arbitrable.getAddress(), 7_003n);
      expect((await failing.wait())?.gasUsed).to.be.below(900_000n);
      expect(await court.stageOf(id)).to.equal(Stage.Ruled);
      expect(await court.creditOf(members[1] ?? "")).to.equal((3n * FEE + PENALTY) / 2n);
      expect((await court.seatOf(members[0] ?? "")).stake).to.equal(STAKE - PENALTY);

      await arbitrable.setTaking(Taking.Honest);
      await expect(court.executeRuling(id)).to.emit(court, "RulingExecuted");
      expect((await arbitrable.taken(court, id)).ruling).to.equal(7_003n);
      await expectBalanced(world);
    });
  }

  it("given an arbitrable that executes the ruling again while it is ruled, rules it once", async () => {
    const { court, arbitrable } = world;
    await rule();
    await arbitrable.setCall(court, court.interface.encodeFunctionData("executeRuling", [id]));
    await court.executeRuling(id);
    expect((await arbitrable.taken(court, id)).times).to.equal(1n);
    expect(await arbitrable.refusal()).to.equal(court.interface.encodeErrorResult("Reentered"));
  });

  it("given an arbitrable that appeals while it is ruled, doesn't let it", async () => {
    const { court, arbitrable } = world;
    await rule();
    await arbitrable.setCall(court, court.interface.encodeFunctionData("appeal", [id, "0x"]));
    await court.executeRuling(id);
    expect(await arbitrable.refusal()).to.equal(
      court.interface.encodeErrorResult("StageMismatch", [id, Stage.Executed, Stage.Appealable]),
    );
  });

  it("given too little gas, refuses rather than starve the arbitrable", async () => {
    const { court, arbitrable } = world;
    await rule();
    await court.pass(id);
    let least = 0n;
    let refused = 0;
    for (let gasLimit = 540_000n; gasLimit < 620_000n; gasLimit += 2_500n) {
      const before = await networkHelpers.takeSnapshot();
      try {
        await court.executeRuling(id, { gasLimit });
        const { gas, times } = await arbitrable.taken(court, id);
        expect(times, `with ${gasLimit}`).to.equal(1n);
        expect(gas, `with ${gasLimit}`).to.be.within(RULE_GAS - 1_000n, RULE_GAS);
        if (least === 0n) least = gasLimit;
      } catch (error) {
        if (least !== 0n) throw error;
        await expect(court.executeRuling(id, { gasLimit })).to.be.revertedWithCustomError(court, "GasTooLow");
        ++refused;
      }
      await before.restore();
    }
    expect(least).to.be.above(0n);
    expect(refused).to.be.above(0);
  });

  it("given an arbitrable that is no contract, gives its ruling to nobody, and is done", async () => {
    const { court, stranger } = world;
    await court.connect(stranger).createDispute(10_003n, "0x", { value: 3n * FEE });
    await vote(world, 2n, [1, 1, 1]);
    await networkHelpers.time.increase(APPEAL_TIME + 1);
    await expect(court.executeRuling(2n)).to.emit(court, "RulingExecuted").withArgs(2n, stranger.address, 4n);
  });
});

describe("Court.submitEvidence", () => {
  let world: CourtWorld;
  let id: bigint;

  beforeEach(async () => {
    world = await loadCourt();
    id = await dispute(world);
  });

  it("given anybody, publishes it in the group that is the dispute's id", async () => {
    const { court, stranger } = world;
    await expect(court.connect(stranger).submitEvidence(id, "ipfs://evidence.json"))
      .to.emit(court, "Evidence")
      .withArgs(await court.getAddress(), id, stranger.address, "ipfs://evidence.json");
  });

  it("given a ruling that can still be appealed, publishes it; given a final one, refuses", async () => {
    const { court } = world;
    await vote(world, id, [1, 1, 1]);
    await expect(court.submitEvidence(id, "ipfs://late.json")).to.emit(court, "Evidence");
    await networkHelpers.time.increase(APPEAL_TIME + 1);
    await expect(court.submitEvidence(id, "ipfs://too-late.json"))
      .to.be.revertedWithCustomError(court, "DisputeOver")
      .withArgs(id, Stage.Ruled);
    await court.executeRuling(id);
    await expect(court.submitEvidence(id, "ipfs://too-late.json"))
      .to.be.revertedWithCustomError(court, "DisputeOver")
      .withArgs(id, Stage.Executed);
  });
});
