import type { CourtReader } from "../adapters/chain/court-reader.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Address } from "../kernel/ids.ts";
import type { CourtCase } from "../ports/court.ts";
import { type Decision, decide } from "../settlement/disputes/rules.ts";
import type { CaseSummary } from "../settlement/disputes/summary.ts";
import { type Arbitrator, dutyOf } from "./arbitrator.ts";

/** What was done about one dispute, or why nothing was. */
export interface CourtNews {
  readonly dispute: bigint;
  readonly round: bigint;
  readonly did: "drew" | "voted" | "revealed" | "counted" | "passed-on" | "left" | "failed";
  /** For people: which share by which rule, or what stood in the way. */
  readonly says: string;
  /** Null where nothing was voted. */
  readonly vote: number | null;
  /** Last second for people to do it, where it was left to them. */
  readonly until: number | null;
}

/** Refusals that mean only that somebody was faster. */
const RACES: readonly string[] = [
  "StageMismatch",
  "VotedAlready",
  "RoundCountedAlready",
  "SeedBlockPending",
  "Reverted",
];

/** How a case is put together; null for a dispute that isn't about a deal of our Settlement. */
export type ReadCase = (trial: CourtCase) => Promise<CaseSummary | null>;

/** Which disputes are looked at. */
export interface Wanted {
  /** Older ones are left alone. */
  readonly from: bigint;
  /** To whom rulings are passed on. */
  readonly arbitrable: Address;
}

/**
 * Looks once at every dispute of a Court that isn't over, and does what is due: votes by the rules where they decide, reveals what was
 * voted, by whomever, and pushes on what anybody may. It holds nothing between two looks: all is on the chain and in the journal.
 */
export async function lookOnce(arbitrator: Arbitrator, readCase: ReadCase, wanted: Wanted): Promise<CourtNews[]> {
  const open = await openDisputes(arbitrator.reader, wanted.from);
  // Whoever asked for the ruling may refuse it each time, and each time that costs us gas; ours takes it.
  const trials = open.filter(({ stage, arbitrable }) => stage !== "Ruled" || arbitrable === wanted.arbitrable);
  const isVote = (trial: CourtCase) => dutyOf(trial, arbitrator.court.address) === "vote";
  // Votes last: to judge takes time, and what is quick must not be late for that.
  const due = [...trials.filter((trial) => !isVote(trial)), ...trials.filter(isVote)];
  const news: CourtNews[] = [];
  for (const trial of due) {
    try {
      const done = await attend(arbitrator, readCase, trial);
      if (done !== null) news.push(done);
    } catch (thrown) {
      // One dispute that can't be dealt with must not cost the seat its votes in the others.
      if (!(thrown instanceof ParleyError)) throw thrown;
      if (!RACES.includes(thrown.code)) news.push(tell(trial, "failed", `${thrown.message} [${thrown.code}]`));
    }
  }
  return news;
}

/** The disputes of a Court, from a number on, that are not over; the newest first. */
export async function openDisputes(reader: CourtReader, from: bigint): Promise<CourtCase[]> {
  const trials: CourtCase[] = [];
  for (let dispute = await reader.count(); dispute >= from && dispute > 0n; dispute--) {
    if ((await reader.stage(dispute)) !== "Executed") trials.push(await reader.find(dispute));
  }
  return trials;
}

async function attend(arbitrator: Arbitrator, readCase: ReadCase, trial: CourtCase): Promise<CourtNews | null> {
  const { dispute } = trial;
  switch (dutyOf(trial, arbitrator.court.address)) {
    case "draw":
      await arbitrator.court.draw(dispute);
      return tell(trial, "drew", "the panel is drawn");
    case "vote":
      return await vote(arbitrator, readCase, trial);
    case "reveal": {
      const { vote: shown } = await arbitrator.reveal(trial);
      return { ...tell(trial, "revealed", "the vote is shown"), vote: shown };
    }
    case "count":
      await arbitrator.court.pass(dispute);
      return tell(trial, "counted", "the round is counted, and its fees are shared out");
    case "pass-on":
      await arbitrator.court.executeRuling(dispute);
      return tell(trial, "passed-on", "the ruling is with whoever asked for it");
    case "wait":
    case "none":
      return null;
  }
}

async function vote(arbitrator: Arbitrator, readCase: ReadCase, trial: CourtCase): Promise<CourtNews> {
  const summary = await readCase(trial);
  if (summary === null) return left(trial, "it is not about a deal of the Settlement that is configured");
  const decision: Decision = decide(summary);
  if ("leave" in decision) return left(trial, decision.leave);
  const says = decision.because.map(({ rule, because }) => `${rule}: ${because}`).join("; ");
  await arbitrator.vote(trial, decision.decide, says);
  return { ...tell(trial, "voted", says), vote: decision.decide };
}

function left(trial: CourtCase, says: string): CourtNews {
  return { ...tell(trial, "left", says), until: trial.until };
}

function tell({ dispute, round }: CourtCase, did: CourtNews["did"], says: string): CourtNews {
  return { dispute, round, did, says, vote: null, until: null };
}
