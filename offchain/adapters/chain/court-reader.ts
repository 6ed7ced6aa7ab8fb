import { ParleyError } from "../../kernel/errors.ts";
import { type Address, toAddress } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { CourtCase, CourtStage, PanelMember, Seat } from "../../ports/court.ts";
import { courtAbi } from "./abis.ts";
import { BALLOTS, COURT_STAGES } from "./enums.ts";
import { chainError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";

/** No appeal can come where it costs this. */
const NO_APPEAL = (1n << 256n) - 1n;

/** A Court as anybody can look at it. */
export class CourtReader {
  readonly #rpc: Rpc;
  readonly #contract: { readonly address: Address; readonly abi: typeof courtAbi };

  constructor(rpc: Rpc, court: Address) {
    this.#rpc = rpc;
    this.#contract = { address: court, abi: courtAbi };
  }

  get address(): Address {
    return this.#contract.address;
  }

  count(): Promise<bigint> {
    return this.#read("counting the disputes", () =>
      this.#rpc.reads.readContract({ ...this.#contract, functionName: "disputeCount" }),
    );
  }

  /** What a seat costs. */
  seatStake(): Promise<Amount> {
    return this.#read("reading what a seat costs", async () => {
      return (await this.#rpc.reads.readContract({ ...this.#contract, functionName: "parameters" })).seatStake;
    });
  }

  seat(holder: Address): Promise<Seat> {
    return this.#read(`reading the seat of ${holder}`, async () => {
      const [{ stake, leftAt, place, panels }, credit] = await Promise.all([
        this.#rpc.reads.readContract({ ...this.#contract, functionName: "seatOf", args: [holder] }),
        this.#rpc.reads.readContract({ ...this.#contract, functionName: "creditOf", args: [holder] }),
      ]);
      return { taken: place !== 0, stake, leftAt: leftAt === 0 ? null : leftAt, panels, credit };
    });
  }

  stage(dispute: bigint): Promise<CourtStage> {
    return this.#read("reading the dispute's stage", async () =>
      nameOf(
        COURT_STAGES,
        await this.#rpc.reads.readContract({ ...this.#contract, functionName: "stageOf", args: [dispute] }),
      ),
    );
  }

  /** Rejects with `DisputeUnknown` where there is no such dispute. */
  find(dispute: bigint): Promise<CourtCase> {
    return this.#read(`reading dispute ${dispute}`, async () => {
      // All of one block: a stage must not be paired with the round before it.
      const { number: blockNumber, timestamp } = await this.#rpc.reads.getBlock();
      const call = { ...this.#contract, blockNumber } as const;
      const stage = nameOf(
        COURT_STAGES,
        await this.#rpc.reads.readContract({ ...call, functionName: "stageOf", args: [dispute] }),
      );
      if (stage === "None") {
        throw new ParleyError("DisputeUnknown", `the Court ${this.address} has no dispute ${dispute}`, {
          hint: "see which it has: parley court list",
        });
      }
      const one = { ...call, args: [dispute] } as const;
      const trial = await this.#rpc.reads.readContract({ ...one, functionName: "caseOf" });
      const round = BigInt(trial.rounds - 1);
      const [facts, members, ruling, cost, [, appealUntil]] = await Promise.all([
        this.#rpc.reads.readContract({ ...call, functionName: "roundOf", args: [dispute, round] }),
        this.#rpc.reads.readContract({ ...call, functionName: "panelOf", args: [dispute, round] }),
        this.#rpc.reads.readContract({ ...one, functionName: "currentRuling" }),
        this.#rpc.reads.readContract({ ...call, functionName: "appealCost", args: [dispute, "0x"] }),
        this.#rpc.reads.readContract({ ...one, functionName: "appealPeriod" }),
      ]);
      return {
        ...{ dispute, arbitrable: toAddress(trial.arbitrable), stage, round, ruling, counted: facts.counted },
        until: untilOf(stage, facts, Number(appealUntil)),
        seedBlock: BigInt(facts.seedBlock),
        panel: members.map(memberOf),
        appealCost: cost === NO_APPEAL ? null : cost,
        now: Number(timestamp),
      };
    });
  }

  async #read<T>(doing: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      throw chainError(thrown, doing);
    }
  }
}

/** Before the draw `revealBy` is the last second for that. */
function untilOf(
  stage: CourtStage,
  { commitBy, revealBy }: { readonly commitBy: number; readonly revealBy: number },
  appealUntil: number,
): number | null {
  switch (stage) {
    case "Committing":
      return commitBy;
    case "Drawing":
    case "Revealing":
      return revealBy;
    case "Appealable":
      return appealUntil;
    default:
      return null;
  }
}

interface RawMember {
  readonly holder: Address;
  readonly vote: number;
  readonly ballot: number;
  readonly commitment: `0x${string}`;
}

function memberOf({ holder, vote, ballot: number, commitment }: RawMember): PanelMember {
  const ballot = nameOf(BALLOTS, number);
  return { holder: toAddress(holder), ballot, vote: ballot === "Revealed" ? vote : null, commitment };
}

function nameOf<Name extends string>(names: readonly Name[], number: number): Name {
  const name = names[number];
  if (name === undefined) throw new ParleyError("ChainFailed", `the Court's number ${number} is not known here`);
  return name;
}
