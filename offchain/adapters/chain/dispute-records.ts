import type { Hex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type Bytes32, toAddress } from "../../kernel/ids.ts";
import type { Deployment } from "../../ports/chain.ts";
import type { DisputeRecord, Submission } from "../../ports/dispute-record.ts";
import type { Deal } from "../../terms/deal.ts";
import { LONGEST_URI } from "../../terms/evidence-json.ts";
import type { Role } from "../../terms/proposal.ts";
import { agentRegistryAbi, courtAbi, settlementAbi } from "./abis.ts";
import { findDeal } from "./disclosed-deal.ts";
import { OUTCOMES, STATUSES } from "./enums.ts";
import { chainError } from "./errors.ts";
import type { Rpc } from "./rpc.ts";

/** Newest evidence of each side that is told of; whoever pays for the gas can file as much as it likes. */
const MOST_OF_A_SIDE = 20;

interface Placed {
  readonly blockNumber: bigint;
  readonly transactionHash: Hex;
}

/** Finds what the chain tells of deals in dispute, by Settlement's events and records. */
export class DisputeRecords {
  readonly #rpc: Rpc;
  readonly #deployment: Deployment;
  readonly #fromBlock: bigint;

  /** `fromBlock`: one before which the deals that are asked for can't have been committed. */
  constructor(rpc: Rpc, deployment: Deployment, fromBlock = 0n) {
    this.#rpc = rpc;
    this.#deployment = deployment;
    this.#fromBlock = fromBlock;
  }

  /** Which deal an arbitrator's dispute is about; null where it is none of this Settlement's. */
  dealOf(arbitrator: Address, disputeId: bigint): Promise<Bytes32 | null> {
    return this.#read("finding the deal of the dispute", async () => {
      const args = { arbitrator, disputeId };
      const [log] = await this.#rpc.reads.getContractEvents({ ...this.#logs, eventName: "Referred", args });
      return log?.args.deal ?? null;
    });
  }

  /** All that the chain tells of one deal. Rejects with `DealUnknown`. */
  find(dealHash: Bytes32): Promise<DisputeRecord> {
    return this.#read(`reading the deal ${dealHash}`, async () => {
      const args = { deal: dealHash };
      const reads = this.#rpc.reads;
      const [[committed], [delivered], [disputed], [answered], [referred], [settled]] = await Promise.all([
        reads.getContractEvents({ ...this.#logs, eventName: "Committed", args }),
        reads.getContractEvents({ ...this.#logs, eventName: "Delivered", args }),
        reads.getContractEvents({ ...this.#logs, eventName: "Disputed", args }),
        reads.getContractEvents({ ...this.#logs, eventName: "Answered", args }),
        reads.getContractEvents({ ...this.#logs, eventName: "Referred", args }),
        reads.getContractEvents({ ...this.#logs, eventName: "Settled", args }),
      ]);
      if (committed === undefined) throw this.#unknown(dealHash);
      const carriers = [committed, delivered, disputed, answered, referred].filter((log) => log !== undefined);
      const deal = await this.#disclosed(dealHash, carriers);
      const { number: blockNumber, timestamp } = await reads.getBlock();
      const at = { ...this.#contract, args: [deal], blockNumber } as const;
      const [record, dispute, received, submissions] = await Promise.all([
        reads.readContract({ ...at, functionName: "recordOf" }),
        reads.readContract({ ...at, functionName: "disputeOf" }),
        reads.readContract({ ...at, functionName: "receivedOf" }),
        this.#submissions(deal, dealHash, referred?.args),
      ]);
      const payout = settled?.args;
      return {
        ...{ deployment: this.#deployment, dealHash, deal, transcript: committed.args.transcript, received },
        ...{ now: Number(timestamp), status: nameOf(STATUSES, record.status), submissions },
        committedAt: await this.#time(committed),
        delivery:
          delivered === undefined ? null : { at: await this.#time(delivered), evidence: delivered.args.evidence },
        claim:
          disputed === undefined
            ? null
            : {
                ...{ at: await this.#time(disputed), share: disputed.args.share, evidence: disputed.args.evidence },
                rulingUntil: Number(disputed.args.rulingUntil),
              },
        answer:
          answered === undefined
            ? null
            : { at: await this.#time(answered), share: answered.args.share, evidence: answered.args.evidence },
        referral:
          referred === undefined
            ? null
            : {
                ...{ at: await this.#time(referred), arbitrator: toAddress(referred.args.arbitrator) },
                disputeId: referred.args.disputeId,
              },
        ruling: dispute.ruled ? dispute.ruling : null,
        payout:
          payout === undefined
            ? null
            : { outcome: nameOf(OUTCOMES, payout.outcome), toBuyer: payout.toBuyer, toSeller: payout.toSeller },
      };
    });
  }

  /** What either side filed with Settlement, and anybody with the arbitrator. */
  async #submissions(
    deal: Deal,
    dealHash: Bytes32,
    referral: { readonly arbitrator: Address; readonly disputeId: bigint } | undefined,
  ): Promise<Submission[]> {
    const group = { _evidenceGroupID: BigInt(dealHash) };
    const ours = await this.#rpc.reads.getContractEvents({ ...this.#logs, eventName: "Evidence", args: group });
    const theirs =
      referral === undefined
        ? []
        : await this.#rpc.reads.getContractEvents({
            ...{ address: referral.arbitrator, abi: courtAbi, eventName: "Evidence", strict: true },
            ...{ args: { _evidenceGroupID: referral.disputeId }, fromBlock: this.#fromBlock },
          });
    const speakers = await this.#speakers(deal);
    const filed = [...ours, ...theirs].map((log) => {
      const party = toAddress(log.args._party);
      return { log, party, side: speakers.get(party) ?? null };
    });
    // Of each side for itself: nobody crowds out the other's.
    const told = [...Map.groupBy(filed, ({ side }) => side).values()].flatMap((own) => own.slice(-MOST_OF_A_SIDE));
    const found = told.map(async ({ log, party, side }) => {
      const { _evidence } = log.args;
      return { at: await this.#time(log), party, side, uri: _evidence.length > LONGEST_URI ? null : _evidence };
    });
    return (await Promise.all(found)).sort((one, other) => one.at - other.at);
  }

  /** Owners and wallets of both sides, at present. Who speaks for both is taken for neither. */
  async #speakers({ buyer, seller }: Deal): Promise<ReadonlyMap<Address, Role>> {
    const registry = { address: this.#deployment.registry, abi: agentRegistryAbi } as const;
    const of = async (agent: bigint): Promise<Address[]> => {
      const [[wallet], owner] = await Promise.all([
        this.#rpc.reads.readContract({ ...registry, functionName: "stateOf", args: [agent] }),
        this.#rpc.reads.readContract({ ...registry, functionName: "ownerOf", args: [agent] }),
      ]);
      return [toAddress(wallet), toAddress(owner)];
    };
    const [buyers, sellers] = await Promise.all([of(buyer), of(seller)]);
    const found = new Map<Address, Role>();
    for (const address of buyers) if (!sellers.includes(address)) found.set(address, "buyer");
    for (const address of sellers) if (!buyers.includes(address)) found.set(address, "seller");
    return found;
  }

  /** Every act brings the whole deal along; its hash proves what is found. */
  async #disclosed(dealHash: Bytes32, carriers: readonly Placed[]): Promise<Deal> {
    for (const { transactionHash: hash } of carriers) {
      const deal = findDeal((await this.#rpc.reads.getTransaction({ hash })).input, dealHash);
      if (deal !== null) return deal;
    }
    throw new ParleyError("DealUndisclosed", `no transaction of the deal ${dealHash} shows its terms`, {
      hint: "they were kept by a contract; ask either side for its bundle, and show that: parley evidence show",
    });
  }

  async #time({ blockNumber }: Placed): Promise<number> {
    return Number((await this.#rpc.reads.getBlock({ blockNumber })).timestamp);
  }

  #unknown(dealHash: Bytes32): ParleyError<"DealUnknown"> {
    const { settlement, chainId } = this.#deployment;
    return new ParleyError("DealUnknown", `the Settlement ${settlement} on chain ${chainId} has no deal ${dealHash}`, {
      hint: "check the hash, and that the node and the addresses are of the chain that it was committed on",
    });
  }

  get #contract() {
    return { address: this.#deployment.settlement, abi: settlementAbi } as const;
  }

  get #logs() {
    return { ...this.#contract, fromBlock: this.#fromBlock, strict: true } as const;
  }

  async #read<T>(doing: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (thrown) {
      throw chainError(thrown, doing);
    }
  }
}

function nameOf<Name extends string>(names: readonly Name[], number: number): Name {
  const name = names[number];
  if (name === undefined) throw new ParleyError("ChainFailed", `the contract's number ${number} is not known here`);
  return name;
}
