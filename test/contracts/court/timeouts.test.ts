// However few do their part, a dispute ends, in time, and its money is free.
import { expect } from "chai";
import { networkHelpers } from "../fixtures/chain.ts";
import { at } from "../fixtures/time.ts";
import {
  APPEAL_TIME,
  COMMIT_TIME,
  type CourtWorld,
  commitVotes,
  DRAW_TIME,
  dispute,
  drawPanel,
  expectBalanced,
  LONGEST,
  lastSecond,
  loadCourt,
  REVEAL_TIME,
  Stage,
  seedHeader,
} from "./fixtures.ts";

describe("a dispute that is left alone", () => {
  let world: CourtWorld;
  let id: bigint;
  let now: number;

  beforeEach(async () => {
    world = await loadCourt();
    id = await dispute(world);
    now = await networkHelpers.time.latest();
  });

  async function reach(time: number): Promise<void> {
    if ((await networkHelpers.time.latest()) < time) await networkHelpers.time.increaseTo(time);
  }

  /** Each stage with its first and its last second. */
  async function expectStages(start: number, ...stages: [bigint, number][]): Promise<void> {
    const { court } = world;
    let time = start;
    for (const [stage, length] of stages) {
      await reach(time + 1);
      expect(await court.stageOf(id), `first second of ${stage}`).to.equal(stage);
      time += length;
      await reach(time);
      expect(await court.stageOf(id), `last second of ${stage}`).to.equal(stage);
    }
    await reach(time + 1);
    expect(await court.stageOf(id)).to.equal(Stage.Ruled);
    await court.executeRuling(id);
    expect(await court.stageOf(id)).to.equal(Stage.Executed);
    await expectBalanced(world);
  }

  it("before its draw, is over after the time for this and the time to appeal", async () => {
    await expectStages(now, [Stage.Drawing, DRAW_TIME], [Stage.Appealable, APPEAL_TIME]);
    expect((await world.arbitrable.taken(world.court, id)).ruling).to.equal(0n);
  });

  it("after its draw, goes through all stages by the clock", async () => {
    await drawPanel(world, id);
    await expectStages(
      await networkHelpers.time.latest(),
      [Stage.Committing, COMMIT_TIME],
      [Stage.Revealing, REVEAL_TIME],
      [Stage.Appealable, APPEAL_TIME],
    );
  });

  it("after the commitments, goes on from there", async () => {
    await commitVotes(world, id, await drawPanel(world, id), [1, 1, 1]);
    const start = Number((await world.court.roundOf(id, 0n)).commitBy);
    await expectStages(start, [Stage.Revealing, REVEAL_TIME], [Stage.Appealable, APPEAL_TIME]);
  });

  it("takes no longer than it promises, with both appeals and everything in the last second", async () => {
    const { court } = world;
    const created = Number((await court.caseOf(id)).createdAt);
    for (const last of [false, false, true]) {
      const header = await seedHeader(court, id);
      await at(await lastSecond(court, id), () => court.draw(id, header));
      await networkHelpers.time.increaseTo((await lastSecond(court, id)) + 1);
      await networkHelpers.time.increaseTo((await lastSecond(court, id)) + 1);
      if (last) break;
      const value = await court.appealCost(id, "0x");
      await networkHelpers.time.increaseTo((await lastSecond(court, id)) - 1);
      await at(await lastSecond(court, id), () => court.appeal(id, "0x", { value }));
    }
    expect(await networkHelpers.time.latest()).to.equal(created + LONGEST + 1);
    expect(await court.stageOf(id)).to.equal(Stage.Ruled);
    await court.executeRuling(id);
    await expectBalanced(world);
  });
});
