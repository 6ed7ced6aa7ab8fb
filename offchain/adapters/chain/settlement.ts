import type { Hex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type AgentId, type Bytes32, toAddress, ZERO_ADDRESS } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type {
  AgentAuthority,
  Archive,
  Chain,
  CommittedDeal,
  DealPosition,
  Declaration,
  Deployment,
  DisputeStanding,
  EpochEnding,
  Inclusion,
  Ownership,
  Payout,
  Principals,
  SessionProof,
  SessionProofs,
  Sureness,
} from "../../ports/chain.ts";
import type { Certificate } from "../../terms/certificate.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import { dealFingerprint } from "../../terms/fingerprint.ts";
import { agentRegistryAbi, settlementAbi } from "./abis.ts";
import { actId } from "./act-id.ts";
import { contractSigned } from "./contract-signature.ts";
import { STATUSES } from "./enums.ts";
import { chainError } from "./errors.ts";
import { firstOf, LogReader, toTopic } from "./log-reader.ts";
import type { Committer } from "./remote-relay.ts";
import type { Rpc } from "./rpc.ts";
import type { Sender } from "./sender.ts";
import { actArgs, agreementArgs } from "./session-auth.ts";
import { selectorsOf } from "./settlement-logs.ts";

/** Settlement and AgentRegistry through a JSON-RPC node, acting with one key. */
export class SettlementChain implements Chain, Archive, Principals {
  readonly deployment: Deployment;
  readonly #rpc: Rpc;
  readonly #sender: Sender;
  readonly #logs: LogReader;

  readonly #relay: Committer | null;

  /** Commitments go by `relay`, where there is one, and else one by one. */
  constructor(rpc: Rpc, sender: Sender, deployment: Deployment, relay: Committer | null = null) {
    if (rpc.chainId !== deployment.chainId) {
      throw new ParleyError("WrongChain", `the node is on chain ${rpc.chainId}, not on ${deployment.chainId}`, {
        hint: "give the address of a node of the chain that the contracts are deployed to",
      });
    }
    this.#rpc = rpc;
    this.#sender = sender;
    this.#logs = new LogReader(rpc, deployment);
    this.#relay = relay;
    this.deployment = deployment;
  }

  time(): Promise<number> {
    return this.#read("reading the chain's time", async () => Number((await this.#rpc.reads.getBlock()).timestamp));
  }

  authority(agent: AgentId): Promise<AgentAuthority> {
    return this.#read(`reading the keys of agent ${agent}`, async () => {
      const call = { ...this.#registry, functionName: "stateOf", args: [agent] } as const;
      const [wallet, epoch] = await this.#rpc.reads.readContract(call);
      return { wallet: toAddress(wallet), epoch };
    });
  }

  ended(agent: AgentId, epoch: number): Promise<EpochEnding | null> {
    return this.#read(`reading when an epoch of agent ${agent} ended`, async () => {
      const call = { ...this.#registry, functionName: "ended", args: [agent, epoch] } as const;
      const [wallet, endedAt] = await this.#rpc.reads.readContract(call);
      return endedAt === 0 ? null : { wallet: toAddress(wallet), endedAt };
    });
  }

  certified(agent: AgentId, epoch: number, certificate: Bytes32): Promise<boolean> {
    return this.#read(`reading a certificate of agent ${agent}`, () => {
      const args = [agent, epoch, certificate] as const;
      return this.#rpc.reads.readContract({ ...this.#registry, functionName: "certified", args });
    });
  }

  ownership(agent: AgentId): Promise<Ownership> {
    return this.#read(`reading the owner of agent ${agent}`, async () => {
      // Both of one block: a tenure must not be paired with the owner after it.
      const blockNumber = await this.#rpc.reads.getBlockNumber({ cacheTime: 0 });
      const call = { ...this.#registry, args: [agent], blockNumber } as const;
      const [, , tenure] = await this.#rpc.reads.readContract({ ...call, functionName: "stateOf" });
      if (tenure === 0) return { owner: ZERO_ADDRESS, tenure };
      return { owner: toAddress(await this.#rpc.reads.readContract({ ...call, functionName: "ownerOf" })), tenure };
    });
  }

  signedBy(wallet: Address, digest: Bytes32, signature: Hex): Promise<boolean> {
    return this.#read(`asking the contract ${wallet} for its word`, () =>
      contractSigned(this.#rpc, wallet, digest, signature),
    );
  }

  recordCertificate({ key, signature }: Certificate): Promise<Inclusion> {
    const validity = { notBefore: BigInt(key.notBefore), notAfter: BigInt(key.notAfter) };
    const args = [{ ...key, ...validity }, signature] as const;
    return this.#sender.send("recording a certificate", {
      ...this.#registry,
      functionName: "recordCertificate",
      args,
    });
  }

  free(agent: AgentId, token: Address): Promise<Amount> {
    return this.#read(`reading the balance of agent ${agent}`, () =>
      this.#rpc.reads.readContract({ ...this.#contract, functionName: "free", args: [agent, token] }),
    );
  }

  async staked(agent: AgentId, token: Address): Promise<Amount> {
    const [bonded] = await this.#read(`reading what agent ${agent} has at stake`, () =>
      this.#rpc.reads.readContract({ ...this.#contract, functionName: "stakeOf", args: [agent, token] }),
    );
    return bonded;
  }

  position(deal: Deal, transcript: Bytes32): Promise<DealPosition> {
    return this.#read("reading the deal's record", async () => {
      // Time and record of one block: behind a balancer, two nodes may be some blocks apart.
      const { number: blockNumber, timestamp } = await this.#rpc.reads.getBlock();
      const call = { ...this.#contract, args: [deal], blockNumber } as const;
      // Of one moment, so they go out as one question.
      const [record, received] = await Promise.all([
        this.#rpc.reads.readContract({ ...call, functionName: "recordOf" }),
        this.#rpc.reads.readContract({ ...call, functionName: "receivedOf" }),
      ]);
      const status = STATUSES[record.status];
      if (status === undefined) throw new ParleyError("ChainFailed", `status ${record.status} is not known`);
      const ours = record.fingerprint === dealFingerprint(hashDeal(deal), transcript);
      const dispute = status === "Disputed" ? await this.#dispute(deal, blockNumber) : null;
      const declaration = status === "Declared" ? await this.#declaration(deal, blockNumber) : null;
      return { status, since: record.since, now: Number(timestamp), ours, received, dispute, declaration };
    });
  }

  async committed({ buyer, seller, negotiation }: Deal): Promise<CommittedDeal | null> {
    const events = await this.#logs.read([selectorsOf("Committed"), null, toTopic(buyer), toTopic(seller)]);
    for (const { event } of events) {
      if (event.type !== "Committed" || event.negotiation !== negotiation) continue;
      const { deal: dealHash, transcript, price } = event;
      return { dealHash, transcript, price };
    }
    return await this.#cured([buyer, seller], negotiation);
  }

  /** A deal that was declared first is committed by what made it good. */
  async #cured(declarers: readonly AgentId[], negotiation: Bytes32): Promise<CommittedDeal | null> {
    const declared = await this.#logs.read([selectorsOf("Declared"), null, declarers.map(toTopic)]);
    for (const { event } of declared) {
      if (event.type !== "Declared" || event.negotiation !== negotiation) continue;
      const { deal: dealHash, transcript, terms } = event;
      const isCured = (await this.#logs.read([selectorsOf("Cured"), dealHash])).length > 0;
      return isCured && terms !== null ? { dealHash, transcript, price: terms.price } : null;
    }
    return null;
  }

  async payout(deal: Deal): Promise<Payout | null> {
    const settled = firstOf(await this.#logs.read([selectorsOf("Settled"), hashDeal(deal)]), "Settled");
    if (settled === null) return null;
    const { outcome, toBuyer, toSeller } = settled.event;
    return { outcome, toBuyer, toSeller };
  }

  commit(deal: Deal, proofs: SessionProofs): Promise<Inclusion> {
    if (this.#relay !== null) return this.#relay.commit(deal, proofs);
    const call = { ...this.#contract, functionName: "commitBySession", args: agreementArgs(deal, proofs) } as const;
    return this.#sender.send("committing the deal", call, actId("commit", deal, proofs));
  }

  deliver(deal: Deal, transcript: Bytes32, evidence: Bytes32, sureness?: Sureness): Promise<Inclusion> {
    const args = [deal, transcript, evidence] as const;
    const call = { ...this.#contract, functionName: "deliver", args, ...sureness } as const;
    return this.#sender.send("recording the delivery", call, actId("deliver", deal, transcript));
  }

  accept(deal: Deal, transcript: Bytes32, sureness?: Sureness): Promise<Inclusion> {
    const args = [deal, transcript] as const;
    const call = { ...this.#contract, functionName: "accept", args, ...sureness } as const;
    return this.#sender.send("accepting the delivery", call, actId("accept", deal, transcript));
  }

  claim(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const args = [deal, transcript] as const;
    const call = { ...this.#contract, functionName: "claim", args } as const;
    return this.#sender.send("claiming the price", call, actId("claim", deal, transcript));
  }

  refund(deal: Deal, transcript: Bytes32): Promise<Inclusion> {
    const args = [deal, transcript] as const;
    const call = { ...this.#contract, functionName: "refund", args } as const;
    return this.#sender.send("claiming the refund", call, actId("refund", deal, transcript));
  }

  async #dispute(deal: Deal, blockNumber: bigint): Promise<DisputeStanding> {
    const call = { ...this.#contract, functionName: "disputeOf", args: [deal], blockNumber } as const;
    const { buyerShare, sellerShare, answered, referred, ruled, rulingUntil } =
      await this.#rpc.reads.readContract(call);
    return { buyerShare, sellerShare, answered, referred, ruled, rulingUntil };
  }

  async #declaration(deal: Deal, blockNumber: bigint): Promise<Declaration> {
    const call = { ...this.#contract, functionName: "declarationOf", args: [deal], blockNumber } as const;
    const [declarer, , cureUntil] = await this.#rpc.reads.readContract(call);
    return { declarer, cureUntil: Number(cureUntil) };
  }

  claimReceipt(deal: Deal, transcript: Bytes32, receipt: SessionProof, close: boolean): Promise<Inclusion> {
    const { body } = receipt.message;
    if (body.kind !== "RECEIPT") throw new ParleyError("BadReceipt", `a ${body.kind} is no receipt`);
    const args = [deal, transcript, body.total, actArgs(receipt), close] as const;
    const call = { ...this.#contract, functionName: "claimReceipt", args } as const;
    return this.#sender.send("claiming a receipt", call, actId(`receipt ${body.total} ${close}`, deal, transcript));
  }

  split(deal: Deal, transcript: Bytes32, { buyer, seller }: SessionProofs): Promise<Inclusion> {
    const { body } = buyer.message;
    if (body.kind !== "CANCEL") throw new ParleyError("BadSplit", `a ${body.kind} is no consent to a split`);
    const args = [deal, transcript, body.toSeller, body.until, actArgs(buyer), actArgs(seller)] as const;
    const call = { ...this.#contract, functionName: "splitBySession", args } as const;
    return this.#sender.send("splitting as agreed", call, actId(`split ${body.toSeller}`, deal, transcript));
  }

  get #registry() {
    return { address: this.deployment.registry, abi: agentRegistryAbi } as const;
  }

  get #contract() {
    return { address: this.deployment.settlement, abi: settlementAbi } as const;
  }

  async #read<T>(doing: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      throw chainError(thrown, doing);
    }
  }
}
