import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import { networkHelpers } from "../fixtures/chain.ts";
import {
  APPEAL_TIME,
  CHOICES,
  type CourtWorld,
  commitmentOf,
  DRAW_TIME,
  deploy,
  FEE,
  LONGEST,
  loadCourt,
  panel,
  pastStage,
  STAKE,
  Stage,
  saltOf,
  seedHeader,
} from "./fixtures.ts";

/**
 * Most gas that each operation may take, for the whole transaction with its intrinsic 21,000 and calldata. Panels have 3, 7
 * and 15 members; those drawn have no credit and, in the largest, sit on no other panel. The last vote of a panel is
 * measured, which also ends its stage. How many of the largest panel have sat before depends on the draw, which differs
 * with the tests that ran before: its two figures vary by 60,000. Set PARLEY_GAS to see the figures.
 */
const LIMITS = {
  takeSeat: 124_000n,
  leaveSeat: 102_000n,
  releaseStake: 47_500n,
  withdraw: 33_000n,
  createDispute: 143_000n,
  draw3: 174_000n,
  draw15: 600_000n,
  commit: 68_000n,
  reveal: 46_000n,
  pass3: 148_500n,
  pass15: 580_000n,
  pass15Incoherent: 660_000n,
  appeal: 82_500n,
  executeRuling: 110_500n,
  submitEvidence: 34_500n,
};

describe("gas of the Court", () => {
  let world: CourtWorld;

  beforeEach(async () => {
    const { holders, outsiders, ...others } = await loadCourt();
    const court = await deploy({ panelSizes: [3, 7, 15] });
    world = { ...others, court, holders: [...holders, ...outsiders], outsiders: [] };
    for (const holder of world.holders) await court.connect(holder).takeSeat({ value: STAKE });
    await networkHelpers.mine();
  });

  async function measure(name: keyof typeof LIMITS, sending: Promise<ContractTransactionResponse>) {
    const gas = (await (await sending).wait())?.gasUsed;
    if (process.env["PARLEY_GAS"]) console.log(`      ${name}: ${gas}`);
    expect(gas, name).to.be.at.most(LIMITS[name]);
  }

  async function voteAll(votes: readonly number[], name?: "commit" | "reveal") {
    const { court } = world;
    const members = await panel(world, 1n);
    for (const [index, member] of members.entries()) {
      const sending = court.connect(member).commit(1n, await commitmentOf(court, 1n, member, votes[index] ?? 0));
      if (name && index === members.length - 1) await measure("commit", sending);
      else await sending;
    }
    await pastStage(court, 1n, Stage.Committing);
    for (const [index, member] of members.entries()) {
      const sending = court.connect(member).reveal(1n, votes[index] ?? 0, saltOf(member));
      if (name && index === members.length - 1) await measure("reveal", sending);
      else await sending;
    }
    await networkHelpers.mine();
  }

  it("of a seat", async () => {
    const { court, stranger, holders } = world;
    await measure("takeSeat", court.connect(stranger).takeSeat({ value: STAKE }));
    await measure("leaveSeat", court.connect(holders[0]).leaveSeat());
    await networkHelpers.time.increase(LONGEST + 1);
    await measure("releaseStake", court.connect(holders[0]).releaseStake());
    await measure("withdraw", court.connect(holders[0]).withdraw(holders[0]?.address ?? ""));
  });

  for (const [title, last] of [
    ["unanimous", Array<number>(15).fill(5_000)],
    ["split as far as can be", [...Array<number>(8).fill(0), ...Array<number>(7).fill(10_000)]],
  ] as const) {
    it(`of a dispute with both appeals, the last panel ${title}`, async () => {
      const { court, arbitrable } = world;
      await measure("createDispute", arbitrable.dispute(court, CHOICES, "0x", { value: 3n * FEE }));
      await measure(
        "submitEvidence",
        court.submitEvidence(1n, "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3/evidence.json"),
      );
      await measure("draw3", court.draw(1n, await seedHeader(court, 1n)));
      await voteAll([1, 1, 1], "commit");
      await measure("pass3", court.pass(1n));
      await measure("appeal", court.appeal(1n, "0x", { value: 7n * FEE }));
      await networkHelpers.time.increase(DRAW_TIME + 1);
      await court.pass(1n);
      await court.appeal(1n, "0x", { value: 15n * FEE });
      await measure("draw15", court.draw(1n, await seedHeader(court, 1n)));
      await voteAll(last);
      await measure(title === "unanimous" ? "pass15" : "pass15Incoherent", court.pass(1n));
      await networkHelpers.time.increase(APPEAL_TIME + 1);
      await measure("executeRuling", court.executeRuling(1n));
    });
  }
});
