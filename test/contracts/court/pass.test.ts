import { expect } from "chai";
import fc from "fast-check";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { at, HOUR } from "../fixtures/time.ts";
import { fuzz, fuzzTime } from "../fuzz.ts";
import {
  type CourtWorld,
  commitVotes,
  DisputeStatus,
  deploy,
  dispute,
  drawPanel,
  expectBalanced,
  FEE,
  lastSecond,
  loadCourt,
  PENALTY,
  REFUSAL,
  STAKE,
  Stage,
  type Vote,
  vote,
} from "./fixtures.ts";
import { judge } from "./model.ts";

const FEES = 3n * FEE;

const RUNS = 400;

describe("the verdict", () => {
  it("given any votes, is the model's", async () => {
    const probe = await ethers.deployContract("CourtProbe");
    const share = fc.oneof(
      fc.integer({ min: 0, max: 10_000 }),
      fc.constantFrom(0, 1, 1_000, 5_000, 9_999, 10_000, REFUSAL),
    );
    const property = fc.asyncProperty(fc.array(share, { minLength: 1, maxLength: 31 }), async (votes) => {
      const [ruling, lowest, highest] = await probe.verdict(votes);
      const expected = judge(votes);
      expect(ruling).to.equal(BigInt(expected.ruling));
      for (const vote of votes) expect(vote >= lowest && vote <= highest).to.equal(expected.coherent(vote));
      expect(votes.some(expected.coherent), "somebody is coherent").to.equal(true);
    });
    await fc.assert(property, fuzz(RUNS, 792));
  }).timeout(fuzzTime(RUNS, 60_000));

  for (const [title, votes, ruling, coherent] of [
    ["one vote", [4_321], 4_324, [4_321]],
    ["an odd number, the middle one", [9_000, 100, 6_000], 6_003, [6_000]],
    ["an even number, the mean of the middle two, rounded down", [0, 4_000, 4_501, 9_999], 4_253, [4_000, 4_501]],
    ["two votes as far apart as can be, both", [0, 10_000], 5_003, [0, 10_000]],
    ["the median at nothing, all to the buyer", [0, 0, 1_001], 1, [0, 0]],
    ["the median at the whole, all to the seller", [10_000, 10_000, 8_999], 2, [10_000, 10_000]],
    ["votes 1,000 from the median, these too", [4_000, 5_000, 6_000], 5_003, [4_000, 5_000, 6_000]],
    ["votes 1,001 from the median, not these", [3_999, 5_000, 6_001], 5_003, [5_000]],
    ["more refusals than shares, refused", [REFUSAL, 7_000, REFUSAL], 0, [REFUSAL, REFUSAL]],
    ["as many refusals as shares, the shares", [REFUSAL, 7_000], 7_003, [7_000]],
    ["fewer refusals than shares, the shares", [REFUSAL, 7_000, 6_500], 6_753, [7_000, 6_500]],
    ["refusals only, refused", [REFUSAL], 0, [REFUSAL]],
  ] as const) {
    it(`given ${title}`, async () => {
      const probe = await ethers.deployContract("CourtProbe");
      const [actual, lowest, highest] = await probe.verdict([...votes]);
      expect(actual).to.equal(BigInt(ruling));
      expect(votes.filter((vote) => vote >= lowest && vote <= highest)).to.deep.equal([...coherent]);
    });
  }
});

describe("Court.pass", () => {
  let world: CourtWorld;
  let id: bigint;

  beforeEach(async () => {
    world = await loadCourt();
    id = await dispute(world);
  });

  /** Plays the round and passes it; checks what each member has afterwards. */
  async function pass(votes: Vote[], stakes: bigint[], credits: bigint[]) {
    const { court } = world;
    const members = await vote(world, id, votes);
    const passing = await court.pass(id);
    for (const [index, member] of members.entries()) {
      const { stake, panels } = await court.seatOf(member);
      expect([stake, panels], `stake of ${index}`).to.deep.equal([stakes[index], 0n]);
      expect(await court.creditOf(member), `credit of ${index}`).to.equal(credits[index]);
    }
    await expectBalanced(world);
    return { passing, members };
  }

  it("given votes that agree, shares the fees", async () => {
    const { court, arbitrable } = world;
    const { passing } = await pass([4_000, 4_500, 5_000], [STAKE, STAKE, STAKE], [FEE, FEE, FEE]);
    await expect(passing).to.emit(court, "RoundCounted").withArgs(id, 0n, 4_503n, 3n, FEE);
    await expect(passing)
      .to.emit(court, "AppealPossible")
      .withArgs(id, await arbitrable.getAddress());
    expect(await court.currentRuling(id)).to.equal(4_503n);
    expect(await court.disputeStatus(id)).to.equal(DisputeStatus.Appealable);
  });

  it("given one vote far off, gives its penalty and the fees to the others, and takes its seat", async () => {
    const { court } = world;
    const reward = (FEES + PENALTY) / 2n;
    const { passing, members } = await pass([0, 7_000, 7_000], [STAKE - PENALTY, STAKE, STAKE], [0n, reward, reward]);
    await expect(passing).to.emit(court, "Penalised").withArgs(id, 0n, members[0]?.address, PENALTY);
    await expect(passing)
      .to.emit(court, "SeatLeft")
      .withArgs(members[0]?.address, STAKE - PENALTY);
    expect((await court.seatOf(members[0] ?? "")).place).to.equal(0n);
  });

  it("given members that don't commit or don't reveal, takes their penalties too", async () => {
    const { court } = world;
    const lost = STAKE - PENALTY;
    await pass(["silent", "unrevealed", 300], [lost, lost, STAKE], [0n, 0n, FEES + 2n * PENALTY]);
    expect(await court.currentRuling(id)).to.equal(303n);
  });

  it("given a majority of refusals, refuses, and pays those", async () => {
    const { court } = world;
    const reward = (FEES + PENALTY) / 2n;
    await pass([REFUSAL, REFUSAL, 5_000], [STAKE, STAKE, STAKE - PENALTY], [reward, reward, 0n]);
    expect(await court.currentRuling(id)).to.equal(0n);
  });

  it("given no votes, refuses, returns the fees to who paid them, and burns the penalties", async () => {
    const { court, arbitrable } = world;
    const lost = STAKE - PENALTY;
    const { passing } = await pass(["unrevealed", "silent", "silent"], [lost, lost, lost], [0n, 0n, 0n]);
    await expect(passing).to.emit(court, "RoundCounted").withArgs(id, 0n, 0n, 0n, 0n);
    expect(await court.creditOf(arbitrable)).to.equal(FEES);
    expect(await court.burnt()).to.equal(3n * PENALTY);
    expect(await court.currentRuling(id)).to.equal(0n);
  });

  it("given what doesn't divide, burns it", async () => {
    const { court, arbitrable } = world;
    const odd = await deploy({ feePerVote: 5n });
    const other = { ...world, court: odd };
    for (const holder of world.holders) await odd.connect(holder).takeSeat({ value: STAKE });
    const second = await dispute(other);
    await vote(other, second, [0, 7_000, 7_000]);
    await odd.pass(second);
    expect((15n + PENALTY) % 2n).to.equal(1n);
    expect(await odd.burnt()).to.equal(1n);
    await expectBalanced(other);
    expect(await court.creditOf(arbitrable)).to.equal(0n);
  });

  it("given a stake that is smaller than the penalty, takes what is left", async () => {
    const odd = await deploy({ penaltyShare: 6_000n });
    const other = { ...world, court: odd };
    for (const holder of world.holders.slice(0, 3)) await odd.connect(holder).takeSeat({ value: STAKE });
    await networkHelpers.mine();
    const ids = [await dispute(other), await dispute(other)];
    for (const each of ids) await drawPanel(other, each);
    await networkHelpers.time.increase(12 * HOUR);
    for (const each of ids) await odd.pass(each);
    for (const holder of world.holders.slice(0, 3)) {
      const { stake, panels, place } = await odd.seatOf(holder);
      expect([stake, panels, place]).to.deep.equal([0n, 0n, 0n]);
    }
    expect(await odd.burnt()).to.equal(3n * STAKE);
    expect(await odd.seatCount()).to.equal(0n);
    await expectBalanced(other);
    const [emptied] = world.holders;
    await networkHelpers.time.increase(100 * HOUR);
    await expect(odd.connect(emptied).releaseStake()).to.be.revertedWithCustomError(odd, "StakeEmpty");
    await odd.connect(emptied).takeSeat({ value: STAKE });
  });

  it("doesn't move the leave of a seat that had been left before its penalty", async () => {
    const { court } = world;
    const members = await drawPanel(world, id);
    await court.connect(members[0]).leaveSeat();
    const { leftAt } = await court.seatOf(members[0] ?? "");
    await networkHelpers.time.increaseTo((await lastSecond(court, id)) + 1);
    await networkHelpers.time.increase(12 * HOUR);
    await court.pass(id);
    const seat = await court.seatOf(members[0] ?? "");
    expect([seat.leftAt, seat.stake]).to.deep.equal([leftAt, STAKE - PENALTY]);
  });

  it("given a panel that nobody drew, refuses and returns the fees", async () => {
    const { court, arbitrable } = world;
    await networkHelpers.time.increaseTo((await lastSecond(court, id)) + 1);
    await expect(court.pass(id)).to.emit(court, "RoundCounted").withArgs(id, 0n, 0n, 0n, 0n);
    expect(await court.creditOf(arbitrable)).to.equal(FEES);
    await expectBalanced(world);
  });

  it("given a round that is open, refuses up to its last second", async () => {
    const { court } = world;
    const members = await drawPanel(world, id);
    await commitVotes(world, id, members, [1, 1, "silent"]);
    const last = await lastSecond(court, id);
    await expect(at(last, () => court.pass(id)))
      .to.be.revertedWithCustomError(court, "RoundOpen")
      .withArgs(id, last, last);
    await at(last + 1, () => court.pass(id));
  });

  it("given a round that was counted, refuses", async () => {
    const { court } = world;
    await vote(world, id, [1, 1, 1]);
    await court.pass(id);
    await expect(court.pass(id)).to.be.revertedWithCustomError(court, "RoundCountedAlready").withArgs(id, 0n);
  });

  it("changes no ruling: before it, the votes that are in already say what it will be", async () => {
    const { court } = world;
    const members = await drawPanel(world, id);
    expect(await court.currentRuling(id)).to.equal(0n);
    await commitVotes(world, id, members, [10_000, 10_000, 10_000]);
    expect(await court.currentRuling(id)).to.equal(0n);
    for (const member of members) await court.connect(member).reveal(id, 10_000, ethers.id(member.address));
    await networkHelpers.mine();
    expect(await court.stageOf(id)).to.equal(Stage.Appealable);
    expect(await court.currentRuling(id)).to.equal(2n);
    await court.pass(id);
    expect(await court.currentRuling(id)).to.equal(2n);
  });
});
