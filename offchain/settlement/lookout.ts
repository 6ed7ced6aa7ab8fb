import { type Clock, wakeAt } from "../kernel/clock.ts";
import { type Deal, hashDeal } from "../terms/deal.ts";
import type { History } from "./history.ts";
import type { Undertaking } from "./saga/memory.ts";

/** A deal that both sides are bound to, with what proves it. */
export type BoundDeal = Pick<Undertaking, "deal" | "transcript" | "proofs">;

/** What a negotiation has on the table, as far as this side knows. */
export interface Table {
  /** What every offer is but for its price; null before it is known. */
  readonly template: Deal | null;
  /** Every OFFER's deal, of either side. */
  readonly offers: readonly Deal[];
  /** False once no more offers will come. */
  readonly open: boolean;
  /** Whether offers of our own may be missing: the peer may hold one that we have signed and know nothing of. */
  readonly doubted: boolean;
}

export interface LookoutOptions {
  readonly history: History;
  readonly clock: Clock;
  /** Milliseconds between two looks at the table, where nothing is heard of the chain. */
  readonly pollMs: number;
  /** Blocks after which no reorganisation brings back what a block might hold. */
  readonly finalDepth: number;
  /** Stops looking. */
  readonly signal: AbortSignal;
}

/**
 * Watches the chain for a deal of ours that was committed without our knowing. An offer is firm until its `commitBy`,
 * and whoever holds it can sign an ACCEPT, keep it from us, and commit: then we are bound all the same, and have to
 * deliver. Resolves with null once nothing of what was offered can be committed any more.
 */
export async function watchForCommitment(look: () => Table, options: LookoutOptions): Promise<BoundDeal | null> {
  const { history, clock, pollMs, finalDepth, signal } = options;
  for (;;) {
    signal.throwIfAborted();
    const table = look();
    const offer = table.offers[0] ?? (table.doubted && table.template !== null ? table.template : undefined);
    if (offer === undefined && !table.open) return null;
    if (offer !== undefined) {
      if (history.recorded(offer) !== null) return findRecorded(table, history);
      if ((history.time(finalDepth) ?? 0) > offer.commitBy) return null;
    }
    let unwatch: (() => void) | undefined;
    await wakeAt(clock, clock.now() + pollMs, signal, (wake) => {
      // Of a negotiation without an offer the chain can't know.
      if (offer !== undefined) unwatch = history.watch(offer, offer.commitBy + 1, wake);
    });
    unwatch?.();
  }
}

/**
 * Which offer is on the chain; null where that is a deal of this negotiation that was never on our table. An offer that a
 * journal has lost is known by its price: all else was fixed by the proposal, and the hash tells whether it was that.
 */
export function findRecorded({ template, offers, doubted }: Table, history: History): BoundDeal | null {
  const known = offers[0] ?? template;
  const found = known === null ? null : history.recorded(known);
  if (found === null) return null;
  const lost = template === null || !doubted || found.price === null ? [] : [{ ...template, price: found.price }];
  const deal = [...offers, ...lost].find((one) => hashDeal(one) === found.dealHash);
  return deal === undefined ? null : { deal, transcript: found.transcript, proofs: null };
}
