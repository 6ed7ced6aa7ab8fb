import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Deployment, SessionProof } from "../../ports/chain.ts";
import type { Deal } from "../../terms/deal.ts";
import { settlementAbi } from "./abis.ts";
import { chainError } from "./errors.ts";
import { firstOf, LogReader, toTopic } from "./log-reader.ts";
import type { Rpc } from "./rpc.ts";
import { saidArgs } from "./session-auth.ts";
import { selectorsOf } from "./settlement-logs.ts";

/** Two binding envelopes of one agent under one number. */
export interface FaultProof {
  readonly agent: AgentId;
  readonly seq: number;
  /** What `first` offers or accepts. */
  readonly deal: Deal;
  readonly first: SessionProof;
  readonly second: SessionProof;
}

/** What Settlement would make of a proof now. */
export interface Weight {
  /** The transaction that has shown this fault before; null where none has. */
  readonly shownBy: Bytes32 | null;
  /** What would leave the stake of the side at fault: its bond, less what it has paid, as far as it has so much at stake. */
  readonly taken: Amount;
  /** What of that its counterparty would get; the rest is burnt, and who shows it gets nothing. */
  readonly reward: Amount;
  /** Why the contract would not take it; null where it would. */
  readonly refusal: ParleyError | null;
}

/** The counterparty's part of what a fault costs. */
const REWARD_DIVISOR = 10n;

/** Says beforehand what a proof of a fault would come to. Nothing is sent. */
export class FaultProofs {
  readonly #rpc: Rpc;
  readonly #settlement: Deployment["settlement"];
  readonly #logs: LogReader;

  constructor(rpc: Rpc, deployment: Deployment) {
    this.#rpc = rpc;
    this.#settlement = deployment.settlement;
    this.#logs = new LogReader(rpc, deployment);
  }

  async weigh(proof: FaultProof): Promise<Weight> {
    const { agent, deal } = proof;
    const [shownBy, paid, staked, refusal] = await Promise.all([
      this.#shownBy(proof),
      this.#paid(proof),
      this.#staked(agent, deal),
      this.#refusal(proof),
    ]);
    const bond = agent === deal.buyer ? deal.buyerBond : deal.sellerBond;
    const due = bond > paid ? bond - paid : 0n;
    const taken = due < staked ? due : staked;
    return { shownBy, taken, reward: taken / REWARD_DIVISOR, refusal };
  }

  async #shownBy({ agent, seq, deal }: FaultProof): Promise<Bytes32 | null> {
    const events = await this.#logs.read([selectorsOf("Equivocated"), toTopic(agent), deal.negotiation]);
    return (
      firstOf(
        events.filter(({ event }) => "seq" in event && event.seq === seq),
        "Equivocated",
      )?.transaction ?? null
    );
  }

  /** What it has paid for faults of this negotiation with this counterparty. */
  async #paid({ agent, deal }: FaultProof): Promise<Amount> {
    const events = await this.#logs.read([selectorsOf("Penalised"), null, toTopic(agent), toTopic(BigInt(deal.token))]);
    let paid = 0n;
    for (const { event } of events) {
      if (event.type !== "Penalised" || event.terms === null) continue;
      const { negotiation, buyer, seller } = event.terms;
      const isSame = buyer + seller === deal.buyer + deal.seller && [buyer, seller].includes(agent);
      if (isSame && negotiation === deal.negotiation) paid += event.taken;
    }
    return paid;
  }

  async #staked(agent: AgentId, { token }: Deal): Promise<Amount> {
    const call = {
      address: this.#settlement,
      abi: settlementAbi,
      functionName: "stakeOf",
      args: [agent, token],
    } as const;
    const [bonded, leaving] = await this.#read(`reading what agent ${agent} has at stake`, () =>
      this.#rpc.reads.readContract(call),
    );
    return bonded + leaving;
  }

  /** By a trial that changes nothing. */
  async #refusal({ agent, deal, first, second }: FaultProof): Promise<ParleyError | null> {
    const args = [agent, deal, saidArgs(first), saidArgs(second)] as const;
    const call = { address: this.#settlement, abi: settlementAbi, functionName: "equivocation", args } as const;
    try {
      await this.#read("trying the proof", () => this.#rpc.reads.simulateContract(call));
      return null;
    } catch (thrown) {
      if (!(thrown instanceof ParleyError) || thrown.retryable) throw thrown;
      return thrown;
    }
  }

  async #read<T>(doing: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      throw chainError(thrown, doing);
    }
  }
}
