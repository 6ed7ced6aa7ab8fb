import { expect } from "chai";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { at } from "../fixtures/time.ts";
import {
  CHOICES,
  COMMIT_TIME,
  type CourtWorld,
  DRAW_TIME,
  deploy,
  dispute,
  drawPanel,
  loadCourt,
  mineTo,
  REVEAL_TIME,
  SEATS,
  STAKE,
  Stage,
  seedHeader,
} from "./fixtures.ts";
import { headerOf, randaoOf } from "./header.ts";
import { distinct, seedOf } from "./model.ts";

/** The EIP's own code, which the simulated chain lacks. */
const HISTORY = "0x0000F90827F1C53a10cb7A02335B175320002935";
const HISTORY_CODE =
  "0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257611fff81430311604257" +
  "611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";

describe("Court.draw", () => {
  let world: CourtWorld;

  beforeEach(async () => {
    world = await loadCourt();
  });

  it("seats the panel that follows from the seed block's randomness", async () => {
    const { court, holders, stranger } = world;
    const id = await dispute(world);
    const header = await seedHeader(court, id);
    const { seedBlock } = await court.roundOf(id, 0n);
    const now = (await networkHelpers.time.latest()) + 5;
    const drawing = await at(now, () => court.connect(stranger).draw(id, header));

    const seed = seedOf(await randaoOf(seedBlock), await court.getAddress(), id, 0);
    const members = distinct(seed, 3, SEATS).map((place) => holders[place]?.address);
    await expect(drawing).to.emit(court, "PanelDrawn").withArgs(id, 0n, seed, members);
    expect((await court.panelOf(id, 0n)).map(({ holder }) => holder)).to.deep.equal(members);
    for (const holder of holders) {
      const { panels } = await court.seatOf(holder);
      expect(panels).to.equal(members.includes(holder.address) ? 1n : 0n);
    }
    expect(await court.stageOf(id)).to.equal(Stage.Committing);
    const { commitBy, revealBy } = await court.roundOf(id, 0n);
    expect([commitBy, revealBy]).to.deep.equal([BigInt(now + COMMIT_TIME), BigInt(now + COMMIT_TIME + REVEAL_TIME)]);
  });

  it("draws other panels for disputes of one block", async () => {
    const { court, arbitrable } = world;
    const value = await court.arbitrationCost("0x");
    await ethers.provider.send("evm_setAutomine", [false]);
    for (let i = 0; i < 2; ++i) await arbitrable.dispute(court, CHOICES, "0x", { value, gasLimit: 1_000_000 });
    await ethers.provider.send("evm_setAutomine", [true]);
    await networkHelpers.mine();
    const [first, second] = [await court.roundOf(1n, 0n), await court.roundOf(2n, 0n)];
    expect(first.seedBlock).to.equal(second.seedBlock);
    const seeds = new Set<string>();
    for (const id of [1n, 2n]) {
      await drawPanel(world, id);
      const [event] = await court.queryFilter(court.filters.PanelDrawn(id));
      seeds.add(event?.args.seed ?? "");
    }
    expect(seeds.size).to.equal(2);
  });

  it("given the seed block itself or one before, refuses; given the next, draws", async () => {
    const { court } = world;
    const id = await dispute(world);
    const { seedBlock } = await court.roundOf(id, 0n);
    for (let ahead = 3n; ahead >= 0n; --ahead) {
      await mineTo(seedBlock - ahead - 1n);
      await expect(court.draw.staticCall(id, "0x", { blockTag: "pending" }))
        .to.be.revertedWithCustomError(court, "SeedBlockPending")
        .withArgs(id, seedBlock - ahead, seedBlock);
    }
    await drawPanel(world, id);
  });

  it("given another header than the seed block's, refuses", async () => {
    const { court } = world;
    const id = await dispute(world);
    const header = await seedHeader(court, id);
    const { seedBlock } = await court.roundOf(id, 0n);
    for (const wrong of ["0x", `${header.slice(0, -2)}00`, await headerOf(seedBlock - 1n)]) {
      await expect(court.draw(id, wrong))
        .to.be.revertedWithCustomError(court, "HeaderMismatch")
        .withArgs(id, ethers.keccak256(wrong), ethers.keccak256(header));
    }
  });

  it("given a panel that was drawn, or no dispute, refuses", async () => {
    const { court } = world;
    const id = await dispute(world);
    await drawPanel(world, id);
    await expect(court.draw(id, "0x"))
      .to.be.revertedWithCustomError(court, "StageMismatch")
      .withArgs(id, Stage.Committing, Stage.Drawing);
    await expect(court.draw(9n, "0x"))
      .to.be.revertedWithCustomError(court, "StageMismatch")
      .withArgs(9n, Stage.None, Stage.Drawing);
  });

  it("given the last second of its time, draws; given the next, refuses", async () => {
    const { court } = world;
    const id = await dispute(world);
    const header = await seedHeader(court, id);
    const last = Number((await court.caseOf(id)).createdAt) + DRAW_TIME;
    const before = await networkHelpers.takeSnapshot();
    await at(last, () => court.draw(id, header));
    await before.restore();
    await networkHelpers.time.increaseTo(last + 1);
    await expect(court.draw.staticCall(id, header))
      .to.be.revertedWithCustomError(court, "StageMismatch")
      .withArgs(id, Stage.Appealable, Stage.Drawing);
  });

  describe("given a seed block whose hash the chain has forgotten", () => {
    it("fixes a later one, and draws from that", async () => {
      const { court } = world;
      const id = await dispute(world);
      const header = await seedHeader(court, id);
      await networkHelpers.mine(256);
      const next = BigInt(await ethers.provider.getBlockNumber()) + 5n;
      await expect(court.draw(id, header)).to.emit(court, "SeedBlockFixed").withArgs(id, 0n, next);
      expect(await court.stageOf(id)).to.equal(Stage.Drawing);
      await drawPanel(world, id);
      expect(await court.stageOf(id)).to.equal(Stage.Committing);
    });

    it("doesn't while it is the 256th before", async () => {
      const { court } = world;
      const id = await dispute(world);
      const header = await seedHeader(court, id);
      await networkHelpers.mine(255);
      await expect(court.draw(id, header)).to.emit(court, "PanelDrawn");
    });

    it("asks the history contract where there is one", async () => {
      const { court } = world;
      const id = await dispute(world);
      const header = await seedHeader(court, id);
      const { seedBlock } = await court.roundOf(id, 0n);
      await networkHelpers.setCode(HISTORY, HISTORY_CODE);
      await networkHelpers.setStorageAt(HISTORY, seedBlock % 8191n, ethers.keccak256(header));
      await networkHelpers.mine(1_000);
      await expect(court.draw(id, header)).to.emit(court, "PanelDrawn");
    });

    it("doesn't take for a hash what the history contract doesn't answer with", async () => {
      const { court } = world;
      const id = await dispute(world);
      const header = await seedHeader(court, id);
      await networkHelpers.setCode(HISTORY, HISTORY_CODE);
      await networkHelpers.mine(8_192, { interval: 0 });
      await expect(court.draw(id, header)).to.emit(court, "SeedBlockFixed");
      await networkHelpers.setCode(HISTORY, "0x60015f5360015ff3");
      await networkHelpers.mine(300, { interval: 0 });
      await expect(court.draw(id, header)).to.emit(court, "SeedBlockFixed");
    });
  });

  describe("given seats that come and go between creation and draw", () => {
    it("draws from those that were there before", async () => {
      const { court, holders, outsiders, relayer } = world;
      const id = await dispute(world);
      for (const leaver of holders.slice(2)) await court.connect(leaver).leaveSeat();
      for (const comer of outsiders) await court.connect(comer).takeSeat({ value: STAKE });
      const header = await seedHeader(court, id);
      const { seedBlock } = await court.roundOf(id, 0n);
      const seed = seedOf(await randaoOf(seedBlock), await court.getAddress(), id, 0);
      await court.connect(relayer).draw(id, header);
      expect((await court.panelOf(id, 0n)).map(({ holder }) => holder)).to.deep.equal(
        distinct(seed, 3, SEATS).map((place) => holders[place]?.address),
      );
    });

    it("draws the same, whatever happens", async () => {
      const { court, holders } = world;
      const id = await dispute(world);
      const header = await seedHeader(court, id);
      const outcomes = new Set<string>();
      for (const leavers of [[], holders, holders.slice(0, 1), holders.slice(5, 9)]) {
        const before = await networkHelpers.takeSnapshot();
        for (const leaver of leavers) await court.connect(leaver).leaveSeat();
        await court.draw(id, header);
        outcomes.add((await court.panelOf(id, 0n)).map(({ holder }) => holder).join());
        await before.restore();
      }
      expect(outcomes.size).to.equal(1);
    });

    it("finds the holders of each time, after many changes of places", async () => {
      const { court, holders, outsiders } = world;
      const model = holders.map(({ address }) => address);
      const remove = async (index: number) => {
        const leaver = [...holders, ...outsiders].find(({ address }) => address === model[index]);
        if (!leaver) throw new Error("nobody sits there");
        await court.connect(leaver).leaveSeat();
        const last = model.pop();
        if (index < model.length && last !== undefined) model[index] = last;
      };
      const past: { id: bigint; seats: string[] }[] = [];
      for (const [index, comer] of outsiders.entries()) {
        await remove((index * 5) % model.length);
        await remove(index % 2 === 0 ? model.length - 1 : 0);
        await court.connect(comer).takeSeat({ value: STAKE });
        model.push(comer.address);
        await networkHelpers.time.increase(2);
        past.push({ id: await dispute(world), seats: [...model] });
      }
      for (const { id, seats } of past.slice(-4)) {
        const header = await seedHeader(court, id);
        const { seedBlock } = await court.roundOf(id, 0n);
        await court.draw(id, header);
        const seed = seedOf(await randaoOf(seedBlock), await court.getAddress(), id, 0);
        expect((await court.panelOf(id, 0n)).map(({ holder }) => holder)).to.deep.equal(
          distinct(seed, 3, seats.length).map((place) => seats[place]),
        );
      }
    });

    it("leaves out who took a seat in the dispute's own second", async () => {
      const { court, arbitrable, outsiders } = world;
      await ethers.provider.send("evm_setAutomine", [false]);
      for (const comer of outsiders) await court.connect(comer).takeSeat({ value: STAKE });
      const value = await court.arbitrationCost("0x");
      await arbitrable.dispute(court, CHOICES, "0x", { value, gasLimit: 1_000_000 });
      await ethers.provider.send("evm_setAutomine", [true]);
      await networkHelpers.mine();
      expect(await court.seatCount()).to.equal(BigInt(SEATS + outsiders.length));
      expect((await court.caseOf(1n)).olderSeats).to.equal(BigInt(SEATS));
    });

    it("draws from those of the second before, though others sit there by the end of its own", async () => {
      const { arbitrable, holders, stranger } = world;
      const court = await deploy();
      const seated = holders.slice(0, 3);
      const [first] = seated;
      for (const holder of seated) await court.connect(holder).takeSeat({ value: STAKE });
      const value = await court.arbitrationCost("0x");
      await ethers.provider.send("evm_setAutomine", [false]);
      await court.connect(first).leaveSeat();
      await arbitrable.dispute(court, CHOICES, "0x", { value, gasLimit: 1_000_000 });
      await court.connect(stranger).takeSeat({ value: STAKE });
      await ethers.provider.send("evm_setAutomine", [true]);
      await networkHelpers.mine();
      expect((await court.seatOf(stranger)).leftAt).to.equal(0n);
      expect((await court.seatOf(first ?? "")).leftAt).to.equal((await court.caseOf(1n)).createdAt);
      const drawn = await drawPanel({ ...world, court }, 1n);
      expect(drawn.map(({ address }) => address)).to.have.members(seated.map(({ address }) => address));
    });
  });

  it("leaves nobody out who has served before", async () => {
    const drawn = new Set<string>();
    for (let i = 0; i < 16; ++i)
      for (const { address } of await drawPanel(world, await dispute(world))) drawn.add(address);
    expect(drawn.size).to.equal(SEATS);
  });
});
