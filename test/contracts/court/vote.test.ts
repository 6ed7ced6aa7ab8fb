import { expect } from "chai";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { at } from "../fixtures/time.ts";
import {
  COMMIT_TIME,
  type CourtWorld,
  commitmentOf,
  commitVote,
  commitVotes,
  dispute,
  drawPanel,
  loadCourt,
  pastStage,
  REFUSAL,
  REVEAL_TIME,
  Stage,
  saltOf,
} from "./fixtures.ts";
import { CHAIN } from "./model.ts";

describe("a vote", () => {
  let world: CourtWorld;
  let id: bigint;
  let members: Awaited<ReturnType<typeof drawPanel>>;

  beforeEach(async () => {
    world = await loadCourt();
    id = await dispute(world);
    members = await drawPanel(world, id);
  });

  async function drawnAt(): Promise<number> {
    return Number((await world.court.roundOf(id, 0n)).commitBy) - COMMIT_TIME;
  }

  describe("commit", () => {
    it("given a member, keeps its commitment", async () => {
      const { court } = world;
      const [voter] = members;
      const commitment = ethers.id("anything");
      await expect(court.connect(voter).commit(id, commitment))
        .to.emit(court, "VoteCommitted")
        .withArgs(id, 0n, voter?.address, commitment);
      const [member] = await court.panelOf(id, 0n);
      expect([member?.holder, member?.ballot, member?.commitment]).to.deep.equal([voter?.address, 1n, commitment]);
      expect((await court.roundOf(id, 0n)).committed).to.equal(1n);
    });

    it("given anybody else, other seats included, refuses", async () => {
      const { court, holders, stranger } = world;
      const idle = holders.find(({ address }) => !members.some((member) => member.address === address));
      for (const caller of [stranger, idle]) {
        await expect(court.connect(caller).commit(id, ethers.ZeroHash))
          .to.be.revertedWithCustomError(court, "NotOnPanel")
          .withArgs(id, 0n, caller?.address);
      }
    });

    it("given a member that has committed, refuses", async () => {
      const { court } = world;
      const [voter] = members;
      await court.connect(voter).commit(id, ethers.ZeroHash);
      await expect(court.connect(voter).commit(id, ethers.id("changed my mind")))
        .to.be.revertedWithCustomError(court, "VotedAlready")
        .withArgs(id, 0n, voter?.address);
    });

    it("given the last second of its time, counts; given the next, refuses", async () => {
      const { court } = world;
      const last = (await drawnAt()) + COMMIT_TIME;
      await at(last, () => court.connect(members[0]).commit(id, ethers.ZeroHash));
      await expect(at(last + 1, () => court.connect(members[1]).commit(id, ethers.ZeroHash)))
        .to.be.revertedWithCustomError(court, "StageMismatch")
        .withArgs(id, Stage.Revealing, Stage.Committing);
    });

    it("given the last member's, ends the time for it at once", async () => {
      const { court } = world;
      for (const voter of members) await commitVote(court, id, voter, 1);
      const now = await networkHelpers.time.latest();
      const { commitBy, revealBy } = await court.roundOf(id, 0n);
      expect([commitBy, revealBy]).to.deep.equal([BigInt(now), BigInt(now + REVEAL_TIME)]);
      await networkHelpers.time.increaseTo(now + 1);
      expect(await court.stageOf(id)).to.equal(Stage.Revealing);
    });

    it("before the draw, refuses", async () => {
      const { court } = world;
      const undrawn = await dispute(world);
      await expect(court.connect(members[0]).commit(undrawn, ethers.ZeroHash))
        .to.be.revertedWithCustomError(court, "StageMismatch")
        .withArgs(undrawn, Stage.Drawing, Stage.Committing);
    });
  });

  describe("commitmentOf", () => {
    it("binds the vote to chain, Court, dispute, round, voter and salt", async () => {
      const { court } = world;
      const [voter] = members;
      const values = [CHAIN, await court.getAddress(), id, 2n, voter?.address, 700n, ethers.id("salt")];
      const types = ["uint256", "address", "uint256", "uint256", "address", "uint256", "bytes32"];
      expect(await court.commitmentOf(id, 2n, voter ?? "", 700n, ethers.id("salt"))).to.equal(
        ethers.keccak256(ethers.AbiCoder.defaultAbiCoder().encode(types, values)),
      );
    });
  });

  describe("reveal", () => {
    it("given the vote and salt that were committed, records the vote", async () => {
      const { court } = world;
      await commitVotes(world, id, members, [0, 10_000, REFUSAL]);
      for (const [index, vote] of [0, 10_000, REFUSAL].entries()) {
        const voter = members[index];
        if (!voter) throw new Error("no such member");
        await expect(court.connect(voter).reveal(id, vote, saltOf(voter)))
          .to.emit(court, "VoteRevealed")
          .withArgs(id, 0n, voter.address, vote);
        const member = (await court.panelOf(id, 0n))[index];
        expect([member?.vote, member?.ballot, member?.commitment]).to.deep.equal([BigInt(vote), 2n, ethers.ZeroHash]);
      }
    });

    it("given another vote, salt or round than was committed, refuses", async () => {
      const { court } = world;
      const [voter, other] = members;
      if (!voter || !other) throw new Error("too few members");
      const stored = await commitmentOf(court, id, voter, 500);
      await commitVotes(world, id, members, [500, 500, 500]);
      for (const [vote, salt] of [
        [501, saltOf(voter)],
        [500, saltOf(other)],
      ] as const) {
        await expect(court.connect(voter).reveal(id, vote, salt))
          .to.be.revertedWithCustomError(court, "CommitmentMismatch")
          .withArgs(await court.commitmentOf(id, 0n, voter, vote, salt), stored);
      }
    });

    it("given somebody else's commitment, copied, refuses", async () => {
      const { court } = world;
      const [voter, copier, third] = members;
      if (!voter || !copier || !third) throw new Error("too few members");
      const commitment = await commitmentOf(court, id, voter, 500);
      await court.connect(voter).commit(id, commitment);
      await court.connect(copier).commit(id, commitment);
      await commitVote(court, id, third, 1);
      await pastStage(court, id, Stage.Committing);
      await court.connect(voter).reveal(id, 500, saltOf(voter));
      await expect(court.connect(copier).reveal(id, 500, saltOf(voter))).to.be.revertedWithCustomError(
        court,
        "CommitmentMismatch",
      );
    });

    it("given a vote that is neither a share nor the refusal, refuses", async () => {
      const { court } = world;
      const [voter] = members;
      if (!voter) throw new Error("no members");
      await commitVotes(world, id, members, [REFUSAL + 1, 1, 1]);
      await expect(court.connect(voter).reveal(id, REFUSAL + 1, saltOf(voter)))
        .to.be.revertedWithCustomError(court, "VoteInvalid")
        .withArgs(REFUSAL + 1, REFUSAL);
    });

    it("given no commitment, refuses", async () => {
      const { court } = world;
      const [, , silent] = members;
      if (!silent) throw new Error("too few members");
      await commitVotes(world, id, members, [1, 1, "silent"]);
      await expect(court.connect(silent).reveal(id, 1, saltOf(silent)))
        .to.be.revertedWithCustomError(court, "CommitmentMissing")
        .withArgs(id, 0n, silent.address);
    });

    it("given a member that has revealed, or nobody on the panel, refuses", async () => {
      const { court, stranger } = world;
      const [voter] = members;
      if (!voter) throw new Error("no members");
      await commitVotes(world, id, members, [1, 1, 1]);
      await court.connect(voter).reveal(id, 1, saltOf(voter));
      await expect(court.connect(voter).reveal(id, 1, saltOf(voter)))
        .to.be.revertedWithCustomError(court, "VotedAlready")
        .withArgs(id, 0n, voter.address);
      await expect(court.connect(stranger).reveal(id, 1, saltOf(voter)))
        .to.be.revertedWithCustomError(court, "NotOnPanel")
        .withArgs(id, 0n, stranger.address);
    });

    it("while others may still commit, refuses", async () => {
      const { court } = world;
      const [voter] = members;
      if (!voter) throw new Error("no members");
      await commitVote(court, id, voter, 1);
      await expect(court.connect(voter).reveal(id, 1, saltOf(voter)))
        .to.be.revertedWithCustomError(court, "StageMismatch")
        .withArgs(id, Stage.Committing, Stage.Revealing);
    });

    it("given the last second of its time, counts; given the next, refuses", async () => {
      const { court } = world;
      const [first, second] = members;
      if (!first || !second) throw new Error("too few members");
      const last = (await drawnAt()) + COMMIT_TIME + REVEAL_TIME;
      await commitVotes(world, id, members, [1, 1, "silent"]);
      await at(last, () => court.connect(first).reveal(id, 1, saltOf(first)));
      await expect(at(last + 1, () => court.connect(second).reveal(id, 1, saltOf(second))))
        .to.be.revertedWithCustomError(court, "StageMismatch")
        .withArgs(id, Stage.Appealable, Stage.Revealing);
    });

    it("given the last of those who committed, ends the time for it at once", async () => {
      const { court } = world;
      const [first, second] = members;
      if (!first || !second) throw new Error("too few members");
      await commitVotes(world, id, members, [1, 1, "silent"]);
      await court.connect(first).reveal(id, 1, saltOf(first));
      await court.connect(second).reveal(id, 1, saltOf(second));
      const now = await networkHelpers.time.latest();
      expect((await court.roundOf(id, 0n)).revealBy).to.equal(BigInt(now));
      await networkHelpers.time.increaseTo(now + 1);
      expect(await court.stageOf(id)).to.equal(Stage.Appealable);
    });
  });
});
