// Disputes of deals, end to end, with the arbitrator that comes along.
import { expect } from "chai";
import {
  commitVotes,
  expectBalanced,
  FEE,
  LONGEST,
  lastSecond,
  PANELS,
  panel,
  pastStage,
  Stage,
  saltOf,
  seedHeader,
  type Vote,
  vote,
} from "../court/fixtures.ts";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, NATIVE } from "../fixtures/chain.ts";
import { escrowOf } from "../fixtures/deals.ts";
import { Outcome } from "../fixtures/enums.ts";
import { at, DAY, HOUR } from "../fixtures/time.ts";
import { FUNDS } from "../fixtures/world.ts";
import { hashDeal } from "../typedData.ts";
import { COURT_FEE, type CourtCase, loadCourtCase, referToCourt } from "./courtCase.ts";
import { expectAllBooks, expectFree } from "./fixtures.ts";

/** What the Court demands: its longest dispute, and an hour for somebody to give its ruling. */
const NEEDED = LONGEST + HOUR;

describe("a dispute at the Court", () => {
  let case_: CourtCase;

  async function expectBooks(escrow: bigint, deposits: bigint) {
    await expectAllBooks(case_.world, escrow, deposits);
    await expectBalanced(case_.bench);
  }

  it("given three seats that agree, is ruled and paid out", async () => {
    case_ = await loadCourtCase();
    const { world, bench, deal } = case_;
    const { settlement, relayer } = world;
    const { court } = bench;
    await expectBooks(escrowOf(deal), COURT_FEE);
    const id = await referToCourt(case_);
    expect(await ethers.provider.getBalance(settlement), "no more deposits").to.equal(2n * FUNDS);
    await expectBooks(escrowOf(deal), 0n);

    const members = await vote(bench, id, [3_000, 3_500, 4_000]);
    expect(members).to.have.lengthOf(3);
    await pastStage(court, id, Stage.Appealable);
    const executing = court.connect(relayer).executeRuling(id);
    await expect(executing)
      .to.emit(court, "RulingExecuted")
      .withArgs(id, await settlement.getAddress(), 3_503n);
    await expect(executing).to.emit(settlement, "Ruling").withArgs(deal.arbitrator, id, 3_503n);
    await expectBooks(escrowOf(deal), 0n);

    // 1,500 above what the buyer owned to, 5,500 below what the seller asked for, which loses its bond
    const [toBuyer, toSeller] = [65_000_000n + deal.buyerBond + deal.sellerBond, 35_000_000n];
    await expect(settlement.connect(relayer).execute(deal, TRANSCRIPT))
      .to.emit(settlement, "Settled")
      .withArgs(hashDeal(deal), Outcome.Ruled, toBuyer, toSeller);
    await expectFree(world, deal.token, deal.sellerBond - 35_000_000n, 35_000_000n - deal.sellerBond);
    await expectBooks(0n, 0n);
  });

  it("given an appeal, is ruled by the larger panel, at the appellant's expense", async () => {
    case_ = await loadCourtCase();
    const { world, bench, deal } = case_;
    const { settlement, sellerOwner } = world;
    const { court } = bench;
    const id = await referToCourt(case_);
    await vote(bench, id, [3_000, 3_500, 4_000]);
    expect(await court.currentRuling(id)).to.equal(3_503n);
    const fee = await court.appealCost(id, "0x");
    expect(fee).to.equal(BigInt(PANELS[1]) * FEE);
    await court.connect(sellerOwner).appeal(id, "0x", { value: fee });
    const members = await vote(bench, id, [8_000, 8_200, 8_500, 8_700, 8_800]);
    expect(members).to.have.lengthOf(5);
    await pastStage(court, id, Stage.Appealable);
    await court.executeRuling(id);

    // now the buyer was farther off, and loses its bond
    await settlement.execute(deal, TRANSCRIPT);
    await expectFree(world, deal.token, -85_000_000n - deal.buyerBond, 85_000_000n + deal.buyerBond);
    await expectFree(world, NATIVE, 0n, 0n);
    await expectBooks(0n, 0n);
  });

  it("given both appeals and all periods used up, is ruled within the least time that the Court takes", async () => {
    case_ = await loadCourtCase({ rulingWithin: NEEDED });
    const { world, bench, deal } = case_;
    const { settlement, relayer, sellerOwner } = world;
    const { court } = bench;
    const rulingUntil = Number((await settlement.disputeOf(deal)).rulingUntil);
    const id = await at(rulingUntil - NEEDED, () => referToCourt(case_));
    for (const [round, size] of PANELS.entries()) {
      const header = await seedHeader(court, id);
      await at(await lastSecond(court, id), () => court.draw(id, header));
      const members = await panel(bench, id);
      expect(members).to.have.lengthOf(size);
      // one that is silent and one that doesn't reveal, so that no period ends early
      const votes = members.map(
        (_, index): Vote => (index === 0 ? "silent" : index === 1 ? "unrevealed" : 8_000 + round),
      );
      await commitVotes(bench, id, members, votes);
      for (const [index, voter] of members.entries()) {
        if (index > 1) await court.connect(voter).reveal(id, 8_000 + round, saltOf(voter));
      }
      if (round === PANELS.length - 1) break;
      await pastStage(court, id, Stage.Revealing);
      const value = await court.appealCost(id, "0x");
      await at(await lastSecond(court, id), () => court.connect(sellerOwner).appeal(id, "0x", { value }));
    }
    await expect(at(rulingUntil, () => court.connect(relayer).executeRuling(id))).to.emit(settlement, "Ruled");
    await settlement.execute(deal, TRANSCRIPT);
    await expectFree(world, deal.token, -80_020_000n - deal.buyerBond, 80_020_000n + deal.buyerBond);
    await expectBooks(0n, 0n);
  });

  it("given a panel that never votes, is refused; its fee is left with the Court", async () => {
    case_ = await loadCourtCase({ rulingWithin: 10 * DAY });
    const { world, bench, deal } = case_;
    const { settlement } = world;
    const { court } = bench;
    const id = await referToCourt(case_);
    await vote(bench, id, ["silent", "silent", "silent"]);
    await pastStage(court, id, Stage.Appealable);
    await court.executeRuling(id);
    await settlement.execute(deal, TRANSCRIPT);
    await expectFree(world, deal.token, -deal.price / 2n, deal.price / 2n);
    // the Court pays back by credit, to who had asked it: that is Settlement, which can't come for it
    expect(await court.creditOf(settlement)).to.equal(COURT_FEE);
    await expectFree(world, NATIVE, 0n, 0n);
    await expectAllBooks(world, 0n, 0n);
  });

  it("given too little time for all its periods, can't be referred, and lapses", async () => {
    case_ = await loadCourtCase({ rulingWithin: NEEDED - DAY + 60 });
    const { world, bench, deal } = case_;
    const { settlement, relayer } = world;
    const rulingUntil = Number((await settlement.disputeOf(deal)).rulingUntil);
    const referring = at(rulingUntil - NEEDED + 1, () => settlement.connect(relayer).refer(deal, TRANSCRIPT));
    await expect(referring)
      .to.be.revertedWithCustomError(bench.court, "RulingTooSlow")
      .withArgs(NEEDED, NEEDED - 1);
    await at(rulingUntil + 1, () => settlement.connect(relayer).lapse(deal, TRANSCRIPT));
    await expectFree(world, deal.token, -deal.price / 2n, deal.price / 2n);
    await expectFree(world, NATIVE, COURT_FEE, 0n);
    await expectBooks(0n, 0n);
  });

  for (const [spare, refers] of [
    [0, false],
    [1, true],
  ] as const) {
    const outcome = refers ? "can be referred after the seller's day" : "can't be referred after the seller's day";
    it(`given ${spare} seconds to spare and a silent seller, ${outcome}`, async () => {
      case_ = await loadCourtCase({ rulingWithin: NEEDED + spare }, false);
      const { world, bench, deal } = case_;
      const { settlement, relayer } = world;
      const rulingUntil = Number((await settlement.disputeOf(deal)).rulingUntil);
      const first = rulingUntil - deal.rulingWithin + 1;
      const referring = at(first, () => settlement.connect(relayer).refer(deal, TRANSCRIPT));
      if (refers) await expect(referring).to.emit(bench.court, "DisputeCreation");
      else
        await expect(referring)
          .to.be.revertedWithCustomError(bench.court, "RulingTooSlow")
          .withArgs(NEEDED, NEEDED - 1);
    });
  }
});
