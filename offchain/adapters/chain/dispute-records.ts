import { ParleyError } from "../../kernel/errors.ts";
import { type Address, type Bytes32, toAddress } from "../../kernel/ids.ts";
import type { Deployment, Payout } from "../../ports/chain.ts";
import type { DisputeRecord, Submission } from "../../ports/dispute-record.ts";
import type { Deal } from "../../terms/deal.ts";
import type { Role } from "../../terms/proposal.ts";
import { agentRegistryAbi, settlementAbi } from "./abis.ts";
import { CarriedDeals } from "./carried-deals.ts";
import { STATUSES } from "./enums.ts";
import { chainError } from "./errors.ts";
import { type DatedEvent, firstOf, LogReader, toTopic } from "./log-reader.ts";
import type { Rpc } from "./rpc.ts";
import { selectorsOf } from "./settlement-logs.ts";

/** Newest evidence of each side that is told of; whoever pays for the gas can file as much as it likes. */
const MOST_OF_A_SIDE = 20;

/** What a deal's own record is made of. */
const STEPS = selectorsOf(
  ...(["Committed", "Declared", "Cured", "Delivered", "Disputed", "Answered", "Referred", "Settled"] as const),
);

/** Finds what the chain tells of deals in dispute, by Settlement's events and records. */
export class DisputeRecords {
  readonly #rpc: Rpc;
  readonly #deployment: Deployment;
  readonly #logs: LogReader;
  readonly #carried: CarriedDeals;

  /** `fromBlock`: one before which the deals that are asked for can't have been committed. */
  constructor(rpc: Rpc, deployment: Deployment, fromBlock = 0n) {
    this.#rpc = rpc;
    this.#deployment = deployment;
    this.#logs = new LogReader(rpc, deployment, Number(fromBlock));
    this.#carried = new CarriedDeals(rpc);
  }

  /** Which deal an arbitrator's dispute is about; null where it is none of this Settlement's. */
  async dealOf(arbitrator: Address, disputeId: bigint): Promise<Bytes32 | null> {
    const topics = [selectorsOf("Referred"), null, toTopic(BigInt(arbitrator)), toTopic(disputeId)];
    return firstOf(await this.#logs.read(topics), "Referred")?.event.deal ?? null;
  }

  /** All that the chain tells of one deal. Rejects with `DealUnknown`. */
  async find(dealHash: Bytes32): Promise<DisputeRecord> {
    const events = await this.#logs.read([STEPS, dealHash]);
    const [committed, declared, cured] = [
      firstOf(events, "Committed"),
      firstOf(events, "Declared"),
      firstOf(events, "Cured"),
    ];
    // A deal that was declared first is committed by what made it good.
    const begun = committed ?? (cured === null ? null : declared);
    if (begun === null) throw this.#unknown(dealHash);
    const [delivered, disputed, answered, referred, settled] = [
      firstOf(events, "Delivered"),
      firstOf(events, "Disputed"),
      firstOf(events, "Answered"),
      firstOf(events, "Referred"),
      firstOf(events, "Settled"),
    ];
    const deal = await this.#whole(dealHash, events, disputed?.event.terms ?? declared?.event.terms ?? null);
    const now = await this.#present(deal);
    const claim = disputed === null ? null : { at: disputed.at, ...disputed.event };
    return {
      ...{ deployment: this.#deployment, dealHash, deal, transcript: begun.event.transcript, ...now },
      committedAt: (committed ?? cured ?? begun).at,
      delivery: delivered && { at: delivered.at, evidence: delivered.event.evidence },
      claim: claim && {
        ...{ at: claim.at, share: claim.share, evidence: claim.evidence, rulingUntil: claim.rulingUntil },
      },
      answer: answered && { at: answered.at, share: answered.event.share, evidence: answered.event.evidence },
      referral: referred && {
        ...{ at: referred.at, arbitrator: referred.event.arbitrator, disputeId: referred.event.disputeId },
      },
      submissions: await this.#submissions(deal, dealHash, referred),
      payout: settled && payoutOf(settled.event),
    };
  }

  /** How it stands, all by one block. */
  #present(deal: Deal): Promise<Pick<DisputeRecord, "now" | "status" | "received" | "ruling">> {
    return this.#read("reading the deal's record", async () => {
      const { reads } = this.#rpc;
      const { number: blockNumber, timestamp } = await reads.getBlock();
      const contract = { address: this.#deployment.settlement, abi: settlementAbi } as const;
      const at = { ...contract, args: [deal], blockNumber } as const;
      const [record, dispute, received] = await Promise.all([
        reads.readContract({ ...at, functionName: "recordOf" }),
        reads.readContract({ ...at, functionName: "disputeOf" }),
        reads.readContract({ ...at, functionName: "receivedOf" }),
      ]);
      const status = nameOf(STATUSES, record.status);
      return { now: Number(timestamp), status, received, ruling: dispute.ruled ? dispute.ruling : null };
    });
  }

  /** What either side filed with Settlement, and anybody with the arbitrator. */
  async #submissions(deal: Deal, dealHash: Bytes32, referred: Referral | null): Promise<Submission[]> {
    const ours = await this.#logs.read([selectorsOf("Evidence"), null, dealHash]);
    const theirs = referred === null ? [] : await this.#filedWithArbitrator(referred);
    const speakers = await this.#speakers(deal);
    const filed = [...ours, ...theirs].flatMap(({ event, at }) => {
      if (event.type !== "Evidence") return [];
      const { party, uri } = event;
      return [{ at, party, side: speakers.get(party) ?? null, uri }];
    });
    // Of each side for itself: nobody crowds out the other's.
    const told = [...Map.groupBy(filed, ({ side }) => side).values()].flatMap((own) => own.slice(-MOST_OF_A_SIDE));
    return told.sort((one, other) => one.at - other.at);
  }

  /** ERC-1497's event is the same everywhere; there the group is the dispute's number. */
  #filedWithArbitrator({ event: { arbitrator, disputeId }, block }: Referral): Promise<readonly DatedEvent[]> {
    const logs = new LogReader(this.#rpc, { ...this.#deployment, settlement: arbitrator }, block);
    return logs.read([selectorsOf("Evidence"), null, toTopic(disputeId)]);
  }

  /** Owners and wallets of both sides, at present. Who speaks for both is taken for neither. */
  #speakers({ buyer, seller }: Deal): Promise<ReadonlyMap<Address, Role>> {
    return this.#read("reading who speaks for both sides", async () => {
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
    });
  }

  /** Every act brings the whole deal along; its hash proves what is found. */
  async #whole(dealHash: Bytes32, events: readonly DatedEvent[], known: Deal | null): Promise<Deal> {
    const deal = known ?? (await this.#carried.find(dealHash, events));
    if (deal !== null) return deal;
    throw new ParleyError("DealUndisclosed", `no transaction of the deal ${dealHash} shows its terms`, {
      hint: "they were kept by a contract; ask either side for its bundle, and show that: parley evidence show",
    });
  }

  #unknown(dealHash: Bytes32): ParleyError<"DealUnknown"> {
    const { settlement, chainId } = this.#deployment;
    return new ParleyError("DealUnknown", `the Settlement ${settlement} on chain ${chainId} has no deal ${dealHash}`, {
      hint: "check the hash, and that the node and the addresses are of the chain that it was committed on",
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

type Referral = NonNullable<ReturnType<typeof firstOf<"Referred">>>;

function payoutOf({ outcome, toBuyer, toSeller }: Payout): Payout {
  return { outcome, toBuyer, toSeller };
}

function nameOf<Name extends string>(names: readonly Name[], number: number): Name {
  const name = names[number];
  if (name === undefined) throw new ParleyError("ChainFailed", `the contract's number ${number} is not known here`);
  return name;
}
