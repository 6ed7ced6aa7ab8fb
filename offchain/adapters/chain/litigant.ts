import type { Hex } from "../../kernel/bytes.ts";
import { keccakText } from "../../kernel/hash.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Deployment, Inclusion, Remedies, SessionProof, SessionProofs } from "../../ports/chain.ts";
import type { Deal } from "../../terms/deal.ts";
import { settlementAbi } from "./abis.ts";
import { actId } from "./act-id.ts";
import type { Rpc } from "./rpc.ts";
import type { Sender } from "./sender.ts";
import { agreementArgs, saidArgs } from "./session-auth.ts";

/** What of an agent can be forfeited. */
export interface Stake {
  readonly bonded: Amount;
  readonly leaving: Amount;
}

/** One side's word for a split: its wallet's signature, or an empty one where the sender speaks for it. */
export interface SplitWord {
  readonly epoch: number;
  readonly signature: Hex;
}

/** What an agent's wallet does on the chain where a deal does not go as agreed. */
export class Litigant implements Remedies {
  readonly #rpc: Rpc;
  readonly #sender: Sender;
  readonly #contract: { readonly address: Deployment["settlement"]; readonly abi: typeof settlementAbi };

  constructor(rpc: Rpc, sender: Sender, deployment: Deployment) {
    this.#rpc = rpc;
    this.#sender = sender;
    this.#contract = { address: deployment.settlement, abi: settlementAbi };
  }

  commitOrDeclare(deal: Deal, proofs: SessionProofs): Promise<Inclusion> {
    const call = { ...this.#contract, functionName: "commitOrDeclare", args: agreementArgs(deal, proofs) } as const;
    return this.#sender.send("declaring the default", call, actId("declare", deal, proofs));
  }

  /** Shows two binding envelopes that an agent signed under one number; `deal` is the first one's. Anybody may. */
  equivocation(agent: AgentId, deal: Deal, first: SessionProof, second: SessionProof): Promise<Inclusion> {
    const args = [agent, deal, saidArgs(first), saidArgs(second)] as const;
    const call = { ...this.#contract, functionName: "equivocation", args } as const;
    const id = actId(`equivocation ${agent} ${first.message.envelope.seq}`, deal, deal.negotiation);
    return this.#sender.send("showing the equivocation", call, id);
  }

  cure(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const call = { ...this.#contract, functionName: "cure", args: [deal, transcript] } as const;
    return this.#sender.send("making the declared deal good", call, actId("cure", deal, transcript));
  }

  penalise(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const call = { ...this.#contract, functionName: "penalise", args: [deal, transcript] } as const;
    return this.#sender.send("penalising the default", call, actId("penalise", deal, transcript));
  }

  dispute(deal: Deal, transcript: Bytes32, share: number, evidence: Bytes32): Promise<Inclusion> {
    const args = [deal, transcript, share, evidence] as const;
    const call = { ...this.#contract, functionName: "dispute", args, value: deal.maxFee } as const;
    return this.#sender.send("disputing the delivery", call, actId("dispute", deal, transcript));
  }

  answer(deal: Deal, transcript: Bytes32, share: number, evidence: Bytes32): Promise<Inclusion> {
    const call = { ...this.#contract, functionName: "answer", args: [deal, transcript, share, evidence] } as const;
    return this.#sender.send("answering the dispute", call, actId("answer", deal, transcript));
  }

  /** Files where evidence lies (ERC-1497), for either side while the deal is in dispute. */
  submitEvidence(deal: Deal, transcript: Bytes32, uri: string): Promise<Inclusion> {
    const call = { ...this.#contract, functionName: "submitEvidence", args: [deal, transcript, uri] } as const;
    return this.#sender.send(
      "filing evidence",
      call,
      actId(`evidence ${keccakText(uri).slice(2, 34)}`, deal, transcript),
    );
  }

  refer(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const call = { ...this.#contract, functionName: "refer", args: [deal, transcript] } as const;
    return this.#sender.send("referring the dispute", call, actId("refer", deal, transcript));
  }

  execute(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const call = { ...this.#contract, functionName: "execute", args: [deal, transcript] } as const;
    return this.#sender.send("executing the ruling", call, actId("execute", deal, transcript));
  }

  lapse(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const call = { ...this.#contract, functionName: "lapse", args: [deal, transcript] } as const;
    return this.#sender.send("ending the dispute without a ruling", call, actId("lapse", deal, transcript));
  }

  /** Ends the deal as both wallets have agreed to. */
  split(
    deal: Deal,
    transcript: Bytes32,
    { toSeller, until }: { readonly toSeller: Amount; readonly until: number },
    words: { readonly buyer: SplitWord; readonly seller: SplitWord },
  ): Promise<Inclusion> {
    const args = [deal, transcript, toSeller, until, words.buyer, words.seller] as const;
    const call = { ...this.#contract, functionName: "split", args } as const;
    return this.#sender.send("splitting as agreed", call, actId(`split ${toSeller}`, deal, transcript));
  }

  async stakeOf(agent: AgentId, token: Deal["token"]): Promise<Stake> {
    const call = { ...this.#contract, functionName: "stakeOf", args: [agent, token] } as const;
    const [bonded, leaving] = await this.#rpc.reads.readContract(call);
    return { bonded, leaving };
  }

  /** What Settlement holds of a token, what it owes of it in all, and what of that faults have cost and nobody gets. */
  async solvency(token: Deal["token"]): Promise<{ held: Amount; owed: Amount; burnt: Amount }> {
    const call = { ...this.#contract, functionName: "solvent", args: [token] } as const;
    const [, held, owed, burnt] = await this.#rpc.reads.readContract(call);
    return { held, owed, burnt };
  }
}
