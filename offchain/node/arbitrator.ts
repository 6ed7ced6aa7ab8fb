import type { CourtClient } from "../adapters/chain/court.ts";
import type { CourtReader } from "../adapters/chain/court-reader.ts";
import { toHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Address } from "../kernel/ids.ts";
import type { Entropy } from "../kernel/random.ts";
import type { Inclusion } from "../ports/chain.ts";
import type { CourtCase, CourtStage, PanelMember } from "../ports/court.ts";
import type { Ballot, Ballots } from "./ballots.ts";

/** What a dispute asks of one arbitrator at present. */
type Duty = "draw" | "vote" | "reveal" | "count" | "pass-on" | "wait" | "none";

const SALT_BYTES = 32;

/** What is asked of an account, by the stage alone. */
export function dutyOf(trial: CourtCase, account: Address): Duty {
  const ballot = trial.panel.find(({ holder }) => holder === account)?.ballot ?? null;
  switch (trial.stage) {
    case "Drawing":
      return "draw";
    case "Committing":
      if (ballot === null) return "none";
      return ballot === "None" ? "vote" : "wait";
    case "Revealing":
      if (ballot === null || ballot === "None") return "none";
      return ballot === "Committed" ? "reveal" : "wait";
    case "Appealable":
      return ballot !== null && !trial.counted ? "count" : "none";
    case "Ruled":
      return "pass-on";
    case "Executed":
    case "None":
      return "none";
  }
}

/** One account with a seat at a Court, and the votes that it keeps. */
export class Arbitrator {
  readonly court: CourtClient;
  readonly reader: CourtReader;
  readonly #chainId: number;
  readonly #ballots: Ballots;
  readonly #entropy: Entropy;

  constructor(court: CourtClient, reader: CourtReader, chainId: number, ballots: Ballots, entropy: Entropy) {
    this.court = court;
    this.reader = reader;
    this.#chainId = chainId;
    this.#ballots = ballots;
    this.#entropy = entropy;
  }

  /** Commits a vote, which is written down first. The same vote once more goes on with the ballot that is kept. */
  async vote(trial: CourtCase, vote: number, because: string): Promise<Inclusion> {
    const own = this.#require(trial, "Committing");
    if (own.ballot !== "None") {
      throw new ParleyError("VotedAlready", `this account has voted in round ${trial.round + 1n} of it already`, {
        hint: `a vote can't be changed; reveal it when its time comes: parley court reveal ${trial.dispute}`,
      });
    }
    const place = this.#place(trial);
    const kept = (await this.#ballots.of(place)).findLast((one) => one.vote === vote);
    const ballot: Ballot = kept ?? { vote, salt: toHex(this.#entropy.bytes(SALT_BYTES)), because };
    if (kept === undefined) await this.#ballots.keep(place, ballot);
    return await this.court.commitVote(trial.dispute, trial.round, vote, ballot.salt);
  }

  /** Reveals the vote that the chain has a commitment to. */
  async reveal(trial: CourtCase): Promise<Inclusion & { readonly vote: number }> {
    const own = this.#require(trial, "Revealing");
    const { dispute, round } = trial;
    if (own.ballot === "Revealed") {
      throw new ParleyError("VotedAlready", `this account's vote in round ${round + 1n} is revealed already`, {
        hint: "nothing is left to do until the round is counted",
      });
    }
    if (own.ballot === "None") {
      throw new ParleyError("CommitmentMissing", `this account committed no vote in round ${round + 1n}`, {
        hint: "its time is over; the seat loses the penalty when the round is counted",
      });
    }
    const ballots = await this.#ballots.of(this.#place(trial));
    const ballot = ballots.find(
      ({ vote, salt }) => this.court.commitmentOf(dispute, round, vote, salt) === own.commitment,
    );
    if (ballot === undefined) {
      throw new ParleyError("BallotUnknown", `the journal holds no vote that was committed in dispute ${dispute}`, {
        hint: "use the journal that the vote was cast with; without its salt nobody can reveal it",
      });
    }
    const inclusion = await this.court.revealVote(dispute, ballot.vote, ballot.salt);
    return { ...inclusion, vote: ballot.vote };
  }

  #require(trial: CourtCase, stage: CourtStage): PanelMember {
    if (trial.stage !== stage) {
      throw new ParleyError(
        "StageMismatch",
        `dispute ${trial.dispute} is ${trial.stage.toLowerCase()}, not ${stage.toLowerCase()}`,
        {
          hint: "parley court show tells what is to be done now, and until when",
        },
      );
    }
    const own = this.#placeIn(trial);
    if (own !== null) return own;
    throw new ParleyError("NotOnPanel", `${this.court.address} is not on the panel of dispute ${trial.dispute}`, {
      hint: "parley court list shows where this account sits",
    });
  }

  #placeIn({ panel }: CourtCase): PanelMember | null {
    return panel.find(({ holder }) => holder === this.court.address) ?? null;
  }

  #place({ dispute, round }: CourtCase) {
    return { chainId: this.#chainId, court: this.reader.address, dispute, round, voter: this.court.address };
  }
}
