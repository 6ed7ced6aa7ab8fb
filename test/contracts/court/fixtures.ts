// What the tests of the Court share: a Court with twelve seats, a contract that has disputes, and rounds played through.
import { expect } from "chai";
import type { Court, CourtParametersStruct } from "../../../types/ethers-contracts/Court.ts";
import { readAll } from "../fixtures/batch.ts";
import { ethers, networkHelpers, type TestSigner } from "../fixtures/chain.ts";
import { HOUR } from "../fixtures/time.ts";
import { headerOf } from "./header.ts";

export const SEATS = 12;
export const CHOICES = 10_003n;
export const REFUSAL = 10_001;
export const STAKE = 10n ** 18n;
export const FEE = 10n ** 16n;
export const PENALTY = STAKE / 10n;
export const DRAW_TIME = HOUR;
export const COMMIT_TIME = 6 * HOUR;
export const REVEAL_TIME = 3 * HOUR;
export const APPEAL_TIME = 2 * HOUR;
export const PANELS = [3, 5, 9] as const;
export const LONGEST = 3 * (DRAW_TIME + COMMIT_TIME + REVEAL_TIME) + 2 * APPEAL_TIME;

export const PARAMETERS = {
  seatStake: STAKE,
  feePerVote: FEE,
  penaltyShare: 1_000n,
  seedDelay: 4n,
  drawTime: DRAW_TIME,
  commitTime: COMMIT_TIME,
  revealTime: REVEAL_TIME,
  appealTime: APPEAL_TIME,
  panelSizes: [...PANELS],
} satisfies CourtParametersStruct;

export const Stage = {
  None: 0n,
  Drawing: 1n,
  Committing: 2n,
  Revealing: 3n,
  Appealable: 4n,
  Ruled: 5n,
  Executed: 6n,
} as const;

export const DisputeStatus = { Waiting: 0n, Appealable: 1n, Solved: 2n } as const;
export const Taking = { Honest: 0, Reverting: 1, GasEating: 2, Flooding: 3 } as const;

export async function deploy(changes: Partial<CourtParametersStruct> = {}): Promise<Court> {
  return await ethers.deployContract("Court", [{ ...PARAMETERS, ...changes }]);
}

async function courtWorld() {
  const [relayer, stranger, ...others] = await ethers.getSigners();
  if (!relayer || !stranger) throw new Error("too few accounts");
  const court = await deploy();
  const arbitrable = await ethers.deployContract("TestArbitrable");
  const holders = others.slice(0, SEATS);
  for (const holder of holders) await court.connect(holder).takeSeat({ value: STAKE });
  return { court, arbitrable, relayer, stranger, holders, outsiders: others.slice(SEATS) };
}

export type CourtWorld = Awaited<ReturnType<typeof courtWorld>>;

/** The Court afresh, its seats all older than what comes next. */
export async function loadCourt(): Promise<CourtWorld> {
  const fresh = await networkHelpers.loadFixture(courtWorld);
  await networkHelpers.mine();
  return fresh;
}

export function asExtraData(rulingWithin: number): string {
  return ethers.toBeHex(rulingWithin, 32);
}

/** Creates a dispute and returns its id. */
export async function dispute({ court, arbitrable }: CourtWorld, extraData = "0x"): Promise<bigint> {
  const value = await court.arbitrationCost(extraData);
  await arbitrable.dispute(court, CHOICES, extraData, { value });
  return await court.disputeCount();
}

export async function presentRound(court: Court, id: bigint): Promise<number> {
  return Number((await court.caseOf(id)).rounds) - 1;
}

/** Mines up to and including a block, each for itself: blocks mined in bulk have no randomness. */
export async function mineTo(number: bigint): Promise<void> {
  while (BigInt(await ethers.provider.getBlockNumber()) < number) await networkHelpers.mine();
}

/** Waits for the seed block of the present round and returns its header. */
export async function seedHeader(court: Court, id: bigint): Promise<string> {
  const { seedBlock } = await court.roundOf(id, await presentRound(court, id));
  await mineTo(seedBlock);
  return await headerOf(seedBlock);
}

export async function drawPanel(world: CourtWorld, id: bigint): Promise<TestSigner[]> {
  const { court, relayer } = world;
  await court.connect(relayer).draw(id, await seedHeader(court, id));
  return await panel(world, id);
}

/** Those who sit on the panel of the present round, in the order of the draw. */
export async function panel({ court }: CourtWorld, id: bigint): Promise<TestSigner[]> {
  const members = await court.panelOf(id, await presentRound(court, id));
  const known = new Map((await ethers.getSigners()).map((signer) => [signer.address, signer]));
  return members.map(({ holder }) => {
    const signer = known.get(holder);
    if (!signer) throw new Error(`${holder} is nobody`);
    return signer;
  });
}

/** A salt of the voter's own, so that equal votes don't look equal. */
export function saltOf(voter: TestSigner): string {
  return ethers.id(voter.address);
}

export async function commitmentOf(court: Court, id: bigint, voter: TestSigner, vote: number): Promise<string> {
  return await court.commitmentOf(id, await presentRound(court, id), voter, vote, saltOf(voter));
}

export async function commitVote(court: Court, id: bigint, voter: TestSigner, vote: number): Promise<void> {
  await court.connect(voter).commit(id, await commitmentOf(court, id, voter, vote));
}

/** A vote, or what a member does instead. */
export type Vote = number | "silent" | "unrevealed";

/** Has the panel's members commit these votes; if not all do, waits until their time is over. */
export async function commitVotes(
  { court }: CourtWorld,
  id: bigint,
  members: TestSigner[],
  votes: Vote[],
): Promise<void> {
  for (const [index, voter] of members.entries()) {
    const vote = votes[index] ?? "silent";
    if (vote !== "silent") await commitVote(court, id, voter, vote === "unrevealed" ? 1 : vote);
  }
  await pastStage(court, id, Stage.Committing);
}

/** Has the panel's members reveal these votes; if not all do, waits until their time is over. */
export async function revealVotes(
  { court }: CourtWorld,
  id: bigint,
  members: TestSigner[],
  votes: Vote[],
): Promise<void> {
  for (const [index, voter] of members.entries()) {
    const vote = votes[index];
    if (typeof vote === "number") await court.connect(voter).reveal(id, vote, saltOf(voter));
  }
  await pastStage(court, id, Stage.Revealing);
}

/** A whole round, up to the end of its voting; returns the panel. */
export async function vote(world: CourtWorld, id: bigint, votes: Vote[]): Promise<TestSigner[]> {
  const members = await drawPanel(world, id);
  await commitVotes(world, id, members, votes);
  await revealVotes(world, id, members, votes);
  return members;
}

/** Mines a block; if the dispute is still in this stage then, one after the stage's last second. */
export async function pastStage(court: Court, id: bigint, stage: bigint): Promise<void> {
  await networkHelpers.mine();
  if ((await court.stageOf(id)) !== stage) return;
  await networkHelpers.time.increaseTo((await lastSecond(court, id)) + 1);
}

/** Last second of a dispute's present stage. */
export async function lastSecond(court: Court, id: bigint): Promise<number> {
  const { commitBy, revealBy } = await court.roundOf(id, await presentRound(court, id));
  const stage = await court.stageOf(id);
  if (stage === Stage.Committing) return Number(commitBy);
  return Number(revealBy) + (stage === Stage.Appealable ? APPEAL_TIME : 0);
}

/** Stakes, credits, open fees and what is burnt are all that the Court holds. */
export async function expectBalanced({ court, arbitrable }: CourtWorld): Promise<void> {
  const holders = [...(await ethers.getSigners()).map(({ address }) => address), await arbitrable.getAddress()];
  const accounts = holders.map((holder) => [holder]);
  let owed = await court.burnt();
  for (const credit of await readAll(court, "creditOf", accounts)) owed += credit;
  for (const { stake } of await readAll(court, "seatOf", accounts)) owed += stake;
  const ids = Array.from({ length: Number(await court.disputeCount()) }, (_, index) => [index + 1]);
  const last = (await readAll(court, "caseOf", ids)).map(({ rounds }) => Number(rounds) - 1);
  const rounds = await readAll(
    court,
    "roundOf",
    ids.map((id, index) => [...id, last[index]]),
  );
  const { panelSizes, feePerVote } = await court.parameters();
  for (const [index, { counted }] of rounds.entries()) {
    if (!counted) owed += (panelSizes[last[index] ?? 0] ?? 0n) * feePerVote;
  }
  expect(await ethers.provider.getBalance(court), "stakes + credits + fees + burnt = held").to.equal(owed);
}
