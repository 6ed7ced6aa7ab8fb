import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Payout } from "../../ports/chain.ts";
import type { LoggedEvent } from "../../ports/settlement-events.ts";
import { recordKey } from "../../terms/fingerprint.ts";
import type { History, Place, RecordedDeal } from "../history.ts";
import type { Follower } from "./follower.ts";

interface Watch {
  readonly key: Bytes32;
  /** Woken by each block from that second on. */
  readonly until: number | null;
  readonly wake: () => void;
}

/** What a follower knows of deals, and who waits for news of them. */
export class FollowedDeals implements History {
  readonly #follower: Follower;
  readonly #watches = new Set<Watch>();

  constructor(follower: Follower) {
    this.#follower = follower;
    follower.listen({
      onEvent: (logged) => this.#tell([logged]),
      onRollback: (undone) => this.#tell(undone),
    });
    follower.onTip(({ timestamp }) => this.#wake(({ until }) => until === null || timestamp >= until));
  }

  time(depth: number): number | null {
    return this.#follower.timeAt(depth);
  }

  recorded(place: Place): RecordedDeal | null {
    const found = this.#follower.record(recordKey(place));
    if (found === null) return null;
    return { dealHash: found.deal, transcript: found.transcript, price: found.stakes?.price ?? null };
  }

  payout(dealHash: Bytes32, depth: number): Payout | null {
    const [found, tip] = [this.#follower.deal(dealHash), this.#follower.tip];
    if (found === null || tip === null || found.changedAt > tip.number - depth) return null;
    return found.payout;
  }

  atFault(dealHash: Bytes32): AgentId | null {
    const found = this.#follower.deal(dealHash);
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
      // A ruling names the dispute, not the deal; there are few of them.
      if (event.type === "Ruled") this.#wake(() => true);
      else if ("deal" in event) {
        const key = this.#follower.deal(event.deal)?.key;
        // What was taken back may have been all that there was to know.
        this.#wake((watch) => key === undefined || watch.key === key);
      }
    }
  }

  #wake(concerns: (watch: Watch) => boolean): void {
    for (const watch of [...this.#watches]) if (concerns(watch)) watch.wake();
  }
}
