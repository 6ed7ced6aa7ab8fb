// A deal whose arbitrator is the Court, with seats taken and both sides' statements made.
import type { TestArbitrable } from "../../../types/ethers-contracts/index.ts";
import { type CourtWorld, deploy, FEE, LONGEST, PANELS, SEATS, STAKE } from "../court/fixtures.ts";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { HOUR } from "../fixtures/time.ts";
import { load } from "../fixtures/world.ts";
import type { Deal } from "../typedData.ts";
import { answer, COST, type DisputeWorld, deliver, dispute } from "./fixtures.ts";

/** What the Court takes for its first panel. */
export const COURT_FEE = BigInt(PANELS[0]) * FEE;

/** The dispute and the Court, each with its own tests' helpers. */
export interface CourtCase {
  world: DisputeWorld;
  bench: CourtWorld;
  deal: Deal;
}

/** A deal in dispute, the buyer owning to 20% and the seller asking for 90%, with the whole fee as deposit. */
export async function loadCourtCase(changes: Partial<Deal> = {}, answered = true): Promise<CourtCase> {
  const fresh = await load();
  const court = await deploy();
  const taken = new Set(
    Object.values(fresh).map((value) => (value instanceof Object && "address" in value ? value.address : "")),
  );
  const others = (await ethers.getSigners()).filter(({ address }) => !taken.has(address));
  const holders = others.slice(0, SEATS);
  for (const holder of holders) await court.connect(holder).takeSeat({ value: STAKE });
  await networkHelpers.mine();

  const deal = await makeDeal(fresh, {
    arbitrator: await court.getAddress(),
    maxFee: COURT_FEE,
    rulingWithin: LONGEST + 2 * HOUR,
    ...changes,
  });
  const arbitrator = await ethers.deployContract("CentralArbitrator", [fresh.deployer, COST], fresh.deployer);
  const arbitrable: TestArbitrable = await ethers.deployContract("TestArbitrable");
  const world = { ...fresh, arbitrator, deal, reviewUntil: await deliver(fresh, deal) };
  const { relayer, stranger } = fresh;
  const bench = { court, arbitrable, relayer, stranger, holders, outsiders: others.slice(SEATS) };
  await dispute(world, 2_000);
  if (answered) await answer(world, 9_000);
  return { world, bench, deal };
}

/** Refers the dispute to the Court and returns its id there. */
export async function referToCourt({ world, bench, deal }: CourtCase): Promise<bigint> {
  await world.settlement.connect(world.relayer).refer(deal, TRANSCRIPT);
  return await bench.court.disputeCount();
}
