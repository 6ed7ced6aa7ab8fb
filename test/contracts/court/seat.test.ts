import { expect } from "chai";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { at } from "../fixtures/time.ts";
import {
  CHOICES,
  type CourtWorld,
  dispute,
  drawPanel,
  expectBalanced,
  LONGEST,
  loadCourt,
  PENALTY,
  SEATS,
  STAKE,
  Stage,
  vote,
} from "./fixtures.ts";

describe("a seat of the Court", () => {
  let world: CourtWorld;

  beforeEach(async () => {
    world = await loadCourt();
  });

  describe("takeSeat", () => {
    it("given exactly the stake, seats the sender", async () => {
      const { court, stranger } = world;
      await expect(court.connect(stranger).takeSeat({ value: STAKE }))
        .to.emit(court, "SeatTaken")
        .withArgs(stranger.address, STAKE);
      const { stake, leftAt, place, panels } = await court.seatOf(stranger);
      expect([stake, leftAt, place, panels]).to.deep.equal([STAKE, 0n, BigInt(SEATS + 1), 0n]);
      expect(await court.seatCount()).to.equal(BigInt(SEATS + 1));
      await expectBalanced(world);
    });

    it("given more or less than the stake, refuses", async () => {
      const { court, stranger } = world;
      for (const value of [0n, STAKE - 1n, STAKE + 1n]) {
        await expect(court.connect(stranger).takeSeat({ value }))
          .to.be.revertedWithCustomError(court, "StakeMismatch")
          .withArgs(value, STAKE);
      }
    });

    it("given a seat that is taken, refuses a second one", async () => {
      const { court, holders } = world;
      const [holder] = holders;
      await expect(court.connect(holder).takeSeat({ value: STAKE }))
        .to.be.revertedWithCustomError(court, "SeatTakenAlready")
        .withArgs(holder?.address);
    });

    it("given a seat that was left, takes it again for nothing more", async () => {
      const { court, holders } = world;
      const [holder] = holders;
      await court.connect(holder).leaveSeat();
      await expect(court.connect(holder).takeSeat({ value: STAKE }))
        .to.be.revertedWithCustomError(court, "StakeMismatch")
        .withArgs(STAKE, 0n);
      await court.connect(holder).takeSeat();
      const { stake, leftAt } = await court.seatOf(holder ?? "");
      expect([stake, leftAt]).to.deep.equal([STAKE, 0n]);
      await expectBalanced(world);
    });

    it("given a seat that lost stake, takes it again for what it lacks", async () => {
      const { court } = world;
      const id = await dispute(world);
      const [loser] = await vote(world, id, ["silent", 5_000, 5_000]);
      await court.pass(id);
      const lost = await court.seatOf(loser ?? "");
      expect([lost.stake, lost.place]).to.deep.equal([STAKE - PENALTY, 0n]);
      expect(await court.seatCount()).to.equal(BigInt(SEATS - 1));
      await expect(court.connect(loser).takeSeat()).to.be.revertedWithCustomError(court, "StakeMismatch");
      await court.connect(loser).takeSeat({ value: PENALTY });
      expect((await court.seatOf(loser ?? "")).place).to.equal(BigInt(SEATS));
      await expectBalanced(world);
    });
  });

  describe("leaveSeat", () => {
    it("gives the place to the last one", async () => {
      const { court, holders } = world;
      const [first, second, last] = [holders[0], holders[1], holders.at(-1)];
      const now = (await networkHelpers.time.latest()) + 5;
      await expect(at(now, () => court.connect(first).leaveSeat()))
        .to.emit(court, "SeatLeft")
        .withArgs(first?.address, STAKE);
      expect((await court.seatOf(last ?? "")).place).to.equal(1n);
      expect((await court.seatOf(second ?? "")).place).to.equal(2n);
      const { stake, leftAt, place } = await court.seatOf(first ?? "");
      expect([stake, leftAt, place]).to.deep.equal([STAKE, BigInt(now), 0n]);
      expect(await court.seatCount()).to.equal(BigInt(SEATS - 1));
    });

    it("given the last one, moves nobody", async () => {
      const { court, holders } = world;
      await court.connect(holders.at(-1)).leaveSeat();
      for (const [index, holder] of holders.slice(0, -1).entries()) {
        expect((await court.seatOf(holder)).place).to.equal(BigInt(index + 1));
      }
    });

    it("given no seat, or one that was left, refuses", async () => {
      const { court, holders, stranger } = world;
      const [holder] = holders;
      await court.connect(holder).leaveSeat();
      for (const caller of [stranger, holder]) {
        await expect(court.connect(caller).leaveSeat())
          .to.be.revertedWithCustomError(court, "SeatNotTaken")
          .withArgs(caller?.address);
      }
    });

    it("keeps new disputes from drawing it, not older ones", async () => {
      const { court, holders } = world;
      const older = await dispute(world);
      for (const holder of holders.slice(3)) await court.connect(holder).leaveSeat();
      const newer = await dispute(world);
      expect((await court.caseOf(older)).olderSeats).to.equal(BigInt(SEATS));
      expect((await court.caseOf(newer)).olderSeats).to.equal(3n);
      const drawn = await drawPanel(world, newer);
      expect(drawn.map(({ address }) => address)).to.have.members(holders.slice(0, 3).map(({ address }) => address));
    });
  });

  describe("releaseStake", () => {
    it("given the longest time that a dispute takes, credits the stake; before, refuses", async () => {
      const { court, holders } = world;
      const [holder] = holders;
      await court.connect(holder).leaveSeat();
      const until = (await networkHelpers.time.latest()) + LONGEST;
      await expect(at(until, () => court.connect(holder).releaseStake()))
        .to.be.revertedWithCustomError(court, "StakeBound")
        .withArgs(holder?.address, until, until);
      await expect(at(until + 1, () => court.connect(holder).releaseStake()))
        .to.emit(court, "StakeReleased")
        .withArgs(holder?.address, STAKE);
      expect(await court.creditOf(holder ?? "")).to.equal(STAKE);
      expect((await court.seatOf(holder ?? "")).stake).to.equal(0n);
      await expectBalanced(world);
    });

    it("given a seat that is taken, refuses", async () => {
      const { court, holders } = world;
      await expect(court.connect(holders[0]).releaseStake())
        .to.be.revertedWithCustomError(court, "SeatTakenAlready")
        .withArgs(holders[0]?.address);
    });

    it("given no stake, refuses", async () => {
      const { court, stranger } = world;
      await expect(court.connect(stranger).releaseStake())
        .to.be.revertedWithCustomError(court, "StakeEmpty")
        .withArgs(stranger.address);
    });

    it("given a panel that nobody has counted, refuses, however long ago it was; counted, gives what is left", async () => {
      const { court } = world;
      const id = await dispute(world);
      const [member] = await drawPanel(world, id);
      await court.connect(member).leaveSeat();
      await networkHelpers.time.increase(10 * LONGEST);
      expect(await court.stageOf(id)).to.equal(Stage.Ruled);
      await expect(court.connect(member).releaseStake())
        .to.be.revertedWithCustomError(court, "SeatOnPanel")
        .withArgs(member?.address, 1n);
      await court.pass(id);
      await court.connect(member).releaseStake();
      expect(await court.creditOf(member ?? "")).to.equal(STAKE - PENALTY);
      await expectBalanced(world);
    });

    it("lets no stake go while a dispute that is older than the leave can still draw it", async () => {
      const { court, holders } = world;
      const id = await dispute(world);
      for (const holder of holders) await court.connect(holder).leaveSeat();
      await vote(world, id, [1, 1, 1]);
      await court.appeal(id, "0x", { value: await court.appealCost(id, "0x") });
      await vote(world, id, [1, 1, 1, 1, 1]);
      await court.appeal(id, "0x", { value: await court.appealCost(id, "0x") });
      for (const holder of holders) {
        await expect(court.connect(holder).releaseStake()).to.be.revertedWithCustomError(court, "StakeBound");
      }
      expect((await drawPanel(world, id)).length).to.equal(9);
    });
  });

  describe("withdraw", () => {
    async function credit(): Promise<bigint> {
      const { court, arbitrable } = world;
      await arbitrable.dispute(court, CHOICES, "0x", { value: (await court.arbitrationCost("0x")) + 9n });
      return await court.creditOf(arbitrable);
    }

    it("pays the whole credit to whom the caller says", async () => {
      const { court, holders, stranger } = world;
      const [holder] = holders;
      await court.connect(holder).leaveSeat();
      await networkHelpers.time.increase(LONGEST + 1);
      await court.connect(holder).releaseStake();
      const before = await ethers.provider.getBalance(stranger);
      await expect(court.connect(holder).withdraw(stranger))
        .to.emit(court, "Withdrawn")
        .withArgs(holder?.address, stranger.address, STAKE);
      expect(await ethers.provider.getBalance(stranger)).to.equal(before + STAKE);
      expect(await court.creditOf(holder ?? "")).to.equal(0n);
      await expectBalanced(world);
    });

    it("given no credit, refuses", async () => {
      const { court, stranger } = world;
      await expect(court.connect(stranger).withdraw(stranger))
        .to.be.revertedWithCustomError(court, "CreditEmpty")
        .withArgs(stranger.address);
    });

    it("given the zero address or the Court itself as recipient, refuses", async () => {
      const { court, stranger } = world;
      for (const to of [ethers.ZeroAddress, await court.getAddress()]) {
        await expect(court.connect(stranger).withdraw(to))
          .to.be.revertedWithCustomError(court, "RecipientInvalid")
          .withArgs(to);
      }
    });

    it("given a recipient that doesn't take coin, fails and leaves the credit", async () => {
      const { court, arbitrable } = world;
      const owed = await credit();
      const rejecter = await ethers.deployContract("Rejecter");
      const call = court.interface.encodeFunctionData("withdraw", [await rejecter.getAddress()]);
      await expect(arbitrable.execute(court, call))
        .to.be.revertedWithCustomError(court, "NativeTransferFailed")
        .withArgs(await rejecter.getAddress(), owed);
      expect(await court.creditOf(arbitrable)).to.equal(owed);
    });

    it("given a recipient that withdraws again while it is paid, pays it once", async () => {
      const { court, arbitrable } = world;
      const owed = await credit();
      const again = court.interface.encodeFunctionData("withdraw", [await arbitrable.getAddress()]);
      await arbitrable.setCall(court, again);
      await arbitrable.execute(court, again);
      expect(await arbitrable.refusal()).to.equal(court.interface.encodeErrorResult("Reentered"));
      expect(await ethers.provider.getBalance(arbitrable)).to.equal(owed);
      await expectBalanced(world);
    });
  });
});
