import { type Clock, pause } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Chain } from "../ports/chain.ts";
import { type Deal, hashDeal } from "../terms/deal.ts";
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
  readonly chain: Chain;
  readonly clock: Clock;
  /** Milliseconds between two looks at the chain. */
  readonly pollMs: number;
  /** Stops looking. */
  readonly signal: AbortSignal;
  /** Told of what stood in the way. It is tried again. */
  readonly onTrouble: (error: ParleyError) => void;
}

/**
 * Watches the chain for a deal of ours that was committed without our knowing. An offer is firm until its `commitBy`,
 * and whoever holds it can sign an ACCEPT, keep it from us, and commit: then we are bound all the same, and have to
 * deliver. Resolves with null once nothing of what was offered can be committed any more.
 */
export async function watchForCommitment(look: () => Table, options: LookoutOptions): Promise<BoundDeal | null> {
  const { chain, clock, pollMs, signal, onTrouble } = options;
  for (;;) {
    signal.throwIfAborted();
    const table = look();
    const { offers, open, doubted, template } = table;
    const offer = offers[0] ?? (doubted && template !== null ? template : undefined);
    if (offer === undefined && !open) return null;
    try {
      const position = offer === undefined ? null : await chain.position(offer, hashDeal(offer));
      if (position !== null && offer !== undefined) {
        if (position.status !== "None") return await findCommitted(table, options);
        if (position.now > offer.commitBy) return null;
      }
    } catch (thrown) {
      if (!(thrown instanceof ParleyError)) throw thrown;
      onTrouble(thrown);
    }
    await pause(clock, pollMs);
  }
}

/**
 * Which offer was committed; null where the chain holds a deal of this negotiation that was never on our table. An offer that a
 * journal has lost is known by its price: all else was fixed by the proposal, and the hash tells whether it was that.
 */
export async function findCommitted(
  { template, offers, doubted }: Table,
  { chain }: Pick<LookoutOptions, "chain">,
): Promise<BoundDeal | null> {
  const known = offers[0] ?? template;
  const found = known === null ? null : await chain.committed(known);
  if (found === null) return null;
  const lost = template === null || !doubted ? [] : [{ ...template, price: found.price }];
  const deal = [...offers, ...lost].find((one) => hashDeal(one) === found.dealHash);
  return deal === undefined ? null : { deal, transcript: found.transcript, proofs: null };
}
