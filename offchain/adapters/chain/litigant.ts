import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Deployment, Inclusion, SessionProof, SessionProofs } from "../../ports/chain.ts";
import type { Deal } from "../../terms/deal.ts";
import { settlementAbi } from "./abis.ts";
import type { Rpc } from "./rpc.ts";
import type { Sender } from "./sender.ts";
import { agreementArgs, saidArgs } from "./session-auth.ts";

/** What of an agent can be forfeited. */
export interface Stake {
  readonly bonded: Amount;
  readonly leaving: Amount;
}

/** What an agent's wallet does on the chain where a deal does not go as agreed. */
export class Litigant {
  readonly #rpc: Rpc;
  readonly #sender: Sender;
  readonly #contract: { readonly address: Deployment["settlement"]; readonly abi: typeof settlementAbi };

  constructor(rpc: Rpc, sender: Sender, deployment: Deployment) {
    this.#rpc = rpc;
    this.#sender = sender;
    this.#contract = { address: deployment.settlement, abi: settlementAbi };
  }

  /** Commits the agreement, or locks our part where only the other side's is missing. */
  commitOrDeclare(deal: Deal, proofs: SessionProofs): Promise<Inclusion> {
    const args = agreementArgs(deal, proofs);
    return this.#sender.send("declaring the default", { ...this.#contract, functionName: "commitOrDeclare", args });
  }

  /** Shows two binding envelopes that an agent signed under one number; `deal` is the first one's. Anybody may. */
  equivocation(agent: AgentId, deal: Deal, first: SessionProof, second: SessionProof): Promise<Inclusion> {
    const args = [agent, deal, saidArgs(first), saidArgs(second)] as const;
    return this.#sender.send("showing the equivocation", { ...this.#contract, functionName: "equivocation", args });
  }

  /** Ends a declared deal that nobody made good. */
  penalise(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const args = [deal, transcript] as const;
    return this.#sender.send("penalising the default", { ...this.#contract, functionName: "penalise", args });
  }

  /** Disputes a delivery as its buyer. `share` of the price, in basis points, is what the seller is due. */
  dispute(deal: Deal, transcript: Bytes32, share: number, evidence: Bytes32): Promise<Inclusion> {
    const call = { args: [deal, transcript, share, evidence], value: deal.maxFee } as const;
    return this.#sender.send("disputing the delivery", { ...this.#contract, functionName: "dispute", ...call });
  }

  /** States the share that the seller asks for. */
  answer(deal: Deal, transcript: Bytes32, share: number, evidence: Bytes32): Promise<Inclusion> {
    const args = [deal, transcript, share, evidence] as const;
    return this.#sender.send("answering the dispute", { ...this.#contract, functionName: "answer", args });
  }

  /** Asks the deal's arbitrator, out of the buyer's deposit. */
  refer(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const args = [deal, transcript] as const;
    return this.#sender.send("referring the dispute", { ...this.#contract, functionName: "refer", args });
  }

  /** Pays out by the stored ruling. */
  execute(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const args = [deal, transcript] as const;
    return this.#sender.send("executing the ruling", { ...this.#contract, functionName: "execute", args });
  }

  async stakeOf(agent: AgentId, token: Deal["token"]): Promise<Stake> {
    const call = { ...this.#contract, functionName: "stakeOf", args: [agent, token] } as const;
    const [bonded, leaving] = await this.#rpc.reads.readContract(call);
    return { bonded, leaving };
  }

  /** What faults have cost in a token and nobody gets. */
  async burnt(token: Deal["token"]): Promise<Amount> {
    const call = { ...this.#contract, functionName: "solvent", args: [token] } as const;
    const [, , , burnt] = await this.#rpc.reads.readContract(call);
    return burnt;
  }
}
