import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { DealPosition, DisputeStanding, Payout } from "../../ports/chain.ts";
import type { LoggedEvent } from "../../ports/settlement-events.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";
import { dealFingerprint, recordKey } from "../../terms/fingerprint.ts";
import type { History, Place, RecordedDeal } from "../history.ts";
import type { DisputeState } from "../ledger/deal-state.ts";
import type { Follower } from "./follower.ts";

/** How a deal stands that is not on the chain. */
const NOTHING: Omit<DealPosition, "now"> = {
  ...{ status: "None", since: 0, ours: false, received: 0n, dispute: null, declaration: null },
};

interface Watch {
  readonly key: Bytes32;
  /** Woken by each block from that second on. */
  readonly until: number | null;
  readonly wake: () => void;
}

/** What a follower knows of deals, and who waits for news of them. */
export class FollowedDeals implements History {
  /** Null while there is none to go by. */
  #follower: Follower | null = null;
  readonly #watches = new Set<Watch>();

  /** Goes by this follower from now on. */
  follow(follower: Follower): void {
    this.#follower = follower;
    follower.listen({
      onEvent: (logged) => this.#tell([logged]),
      onRollback: (undone) => this.#tell(undone),
    });
    follower.onTip(({ timestamp }) => this.#wake(({ until }) => until === null || timestamp >= until));
  }

  /** Knows nothing any more, until there is another follower. */
  lose(): void {
    this.#follower = null;
  }

  time(depth: number): number | null {
    return this.#follower?.isLevel === true ? this.#follower.timeAt(depth) : null;
  }

  height(): number {
    return this.#follower?.tip?.number ?? -1;
  }

  position(deal: Deal, transcript: Bytes32, depth: number): DealPosition | null {
    const now = this.time(depth);
    if (now === null) return null;
    const found = this.#follower?.record(recordKey(deal)) ?? null;
    if (found === null) return { ...NOTHING, now };
    if (found.changedAt > this.height() - depth) return null;
    const { status, since, received } = found;
    const ours = found.fingerprint === dealFingerprint(hashDeal(deal), transcript);
    const dispute = status === "Disputed" && found.dispute !== null ? standingOf(found.dispute) : null;
    const declaration = status === "Declared" ? found.declaration : null;
    return { status, now, since, ours, received, dispute, declaration };
  }

  recorded(place: Place): RecordedDeal | null {
    const found = this.#follower?.record(recordKey(place)) ?? null;
    if (found === null) return null;
    return { dealHash: found.deal, transcript: found.transcript, price: found.stakes?.price ?? null };
  }

  payout(dealHash: Bytes32, depth: number): Payout | null {
    const found = this.#follower?.deal(dealHash) ?? null;
    return found === null || found.changedAt > this.height() - depth ? null : found.payout;
  }

  atFault(dealHash: Bytes32): AgentId | null {
    const found = this.#follower?.deal(dealHash) ?? null;
    if (found?.status !== "Defaulted" || found.declaration === null) return null;
    return found.declaration.declarer === found.buyer ? found.seller : found.buyer;
  }

  watch(place: Place, until: number | null, wake: () => void): () => void {
    const watch = { key: recordKey(place), until, wake };
    this.#watches.add(watch);
    return () => {
      this.#watches.delete(watch);
    };
  }

  #tell(events: readonly LoggedEvent[]): void {
    for (const { event } of events) {
      if (event.type === "Ruled") this.#wake(({ key }) => key === event.key);
      else if ("deal" in event) {
        const key = this.#follower?.deal(event.deal)?.key;
        // What was taken back may have been all that there was to know.
        this.#wake((watch) => key === undefined || watch.key === key);
      }
    }
  }

  #wake(concerns: (watch: Watch) => boolean): void {
    for (const watch of [...this.#watches]) if (concerns(watch)) watch.wake();
  }
}

function standingOf({
  buyerShare,
  sellerShare,
  answered,
  referral,
  ruling,
  rulingUntil,
}: DisputeState): DisputeStanding {
  return { buyerShare, sellerShare, answered, rulingUntil, referred: referral !== null, ruled: ruling !== null };
}
