import { encodeAbiParameters, keccak256 } from "viem";
import { type Address, type Bytes32, toAddress } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Inclusion } from "../../ports/chain.ts";
import { courtAbi } from "./abis.ts";
import { readHeader } from "./block-header.ts";
import type { Rpc } from "./rpc.ts";
import type { Sender } from "./sender.ts";

/** One round of a dispute at the Court. */
export interface Panel {
  readonly round: bigint;
  readonly seedBlock: bigint;
  /** In the order of the draw; empty before it. */
  readonly members: readonly Address[];
}

/** The Court as one address uses it: a seat, its votes, and what anyone may push on. */
export class CourtClient {
  readonly #rpc: Rpc;
  readonly #sender: Sender;
  readonly #contract: { readonly address: Address; readonly abi: typeof courtAbi };

  constructor(rpc: Rpc, sender: Sender, court: Address) {
    this.#rpc = rpc;
    this.#sender = sender;
    this.#contract = { address: court, abi: courtAbi };
  }

  get address(): Address {
    return this.#sender.address;
  }

  takeSeat(stake: Amount): Promise<Inclusion> {
    return this.#sender.send("taking a seat", { ...this.#contract, functionName: "takeSeat", args: [], value: stake });
  }

  /** Gives the seat up. Older disputes can still draw it for as long as a dispute lasts. */
  leaveSeat(): Promise<Inclusion> {
    return this.#sender.send("leaving the seat", { ...this.#contract, functionName: "leaveSeat", args: [] });
  }

  /** Turns the stake of a seat that was left into credit, once no dispute can draw it any more. */
  releaseStake(): Promise<Inclusion> {
    return this.#sender.send("releasing the stake", { ...this.#contract, functionName: "releaseStake", args: [] });
  }

  /** Pays the whole credit out. */
  withdraw(to: Address): Promise<Inclusion> {
    return this.#sender.send("withdrawing", { ...this.#contract, functionName: "withdraw", args: [to] });
  }

  async disputeCount(): Promise<bigint> {
    return await this.#rpc.reads.readContract({ ...this.#contract, functionName: "disputeCount" });
  }

  async panelOf(dispute: bigint): Promise<Panel> {
    const trial = await this.#rpc.reads.readContract({ ...this.#contract, functionName: "caseOf", args: [dispute] });
    const round = BigInt(trial.rounds - 1);
    const args = [dispute, round] as const;
    const [{ seedBlock }, members] = await Promise.all([
      this.#rpc.reads.readContract({ ...this.#contract, functionName: "roundOf", args }),
      this.#rpc.reads.readContract({ ...this.#contract, functionName: "panelOf", args }),
    ]);
    return { round, seedBlock: BigInt(seedBlock), members: members.map(({ holder }) => toAddress(holder)) };
  }

  /** Draws the panel from the block that was fixed for it, which has to be part of the chain. */
  async draw(dispute: bigint): Promise<Inclusion> {
    const { seedBlock } = await this.panelOf(dispute);
    const args = [dispute, await readHeader(this.#rpc, seedBlock)] as const;
    return await this.#sender.send("drawing the panel", { ...this.#contract, functionName: "draw", args });
  }

  /** Commits a vote that nobody can read before it is revealed. */
  commitVote(dispute: bigint, round: bigint, vote: number, salt: Bytes32): Promise<Inclusion> {
    const commitment = this.commitmentOf(dispute, round, vote, salt);
    const args = [dispute, commitment] as const;
    const call = { ...this.#contract, functionName: "commit", args } as const;
    // By what it commits to: after a crash the same vote goes on, and another one is another.
    return this.#sender.send("committing the vote", call, `vote:${this.#contract.address}:${commitment}`);
  }

  revealVote(dispute: bigint, vote: number, salt: Bytes32): Promise<Inclusion> {
    const args = [dispute, BigInt(vote), salt] as const;
    return this.#sender.send("revealing the vote", { ...this.#contract, functionName: "reveal", args });
  }

  /** What an appeal of the present ruling costs. */
  async appealCost(dispute: bigint): Promise<Amount> {
    const call = { ...this.#contract, functionName: "appealCost", args: [dispute, "0x"] } as const;
    return await this.#rpc.reads.readContract(call);
  }

  /** Asks a larger panel, which costs `appealCost`. */
  async appeal(dispute: bigint): Promise<Inclusion> {
    const value = await this.appealCost(dispute);
    const call = { ...this.#contract, functionName: "appeal", args: [dispute, "0x"], value } as const;
    return await this.#sender.send("appealing the ruling", call);
  }

  /** Counts the present round, once its votes are in or its time is over. */
  pass(dispute: bigint): Promise<Inclusion> {
    return this.#sender.send("counting the round", { ...this.#contract, functionName: "pass", args: [dispute] });
  }

  /** Gives the final ruling to whoever asked for it. */
  executeRuling(dispute: bigint): Promise<Inclusion> {
    const args = [dispute] as const;
    return this.#sender.send("passing on the ruling", { ...this.#contract, functionName: "executeRuling", args });
  }

  async currentRuling(dispute: bigint): Promise<bigint> {
    const call = { ...this.#contract, functionName: "currentRuling", args: [dispute] } as const;
    return await this.#rpc.reads.readContract(call);
  }

  /** What stands on the chain for a vote. Computed here, since a node that is asked would learn vote and salt. */
  commitmentOf(dispute: bigint, round: bigint, vote: number, salt: Bytes32): Bytes32 {
    const { address: court } = this.#contract;
    const kinds = COMMITMENT.map((type) => ({ type }));
    const values = [BigInt(this.#rpc.chainId), court, dispute, round, this.address, BigInt(vote), salt];
    return keccak256(encodeAbiParameters(kinds, values));
  }
}

const COMMITMENT = ["uint256", "address", "uint256", "uint256", "address", "uint256", "bytes32"] as const;
