import { pause } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import { type Deal, hashDeal } from "../terms/deal.ts";
import type { BoundDeal, SettlingOptions } from "./settle.ts";

/** What a negotiation has on the table, as far as this side knows. */
export interface Table {
  /** Every OFFER's deal, of either side. */
  readonly offers: readonly Deal[];
  /** False once no more offers will come. */
  readonly open: boolean;
}

type LookoutOptions = Omit<SettlingOptions, "onAct">;

/**
 * Watches the chain for a deal of ours that was committed without our knowing. An offer is firm until its `commitBy`,
 * and whoever holds it can sign an ACCEPT, keep it from us, and commit: then we are bound all the same, and have to
 * deliver. Resolves with null once nothing of what was offered can be committed any more.
 */
export async function watchForCommitment(look: () => Table, options: LookoutOptions): Promise<BoundDeal | null> {
  const { chain, clock, pollMs, signal, onTrouble } = options;
  for (;;) {
    signal.throwIfAborted();
    const { offers, open } = look();
    const [offer] = offers;
    if (offer === undefined && !open) return null;
    try {
      const position = offer === undefined ? null : await chain.position(offer, hashDeal(offer));
      if (position !== null && offer !== undefined) {
        if (position.status !== "None") return await findCommitted(offer, look().offers, options);
        if (position.now > offer.commitBy) return null;
      }
    } catch (thrown) {
      if (!(thrown instanceof ParleyError)) throw thrown;
      onTrouble(thrown);
    }
    await pause(clock, pollMs);
  }
}

/** Which of the offers was committed; null where the chain holds a deal that was never on our table. */
export async function findCommitted(
  offer: Deal,
  offers: readonly Deal[],
  { chain }: Pick<LookoutOptions, "chain">,
): Promise<BoundDeal | null> {
  const found = await chain.committed(offer);
  const deal = offers.find((one) => hashDeal(one) === found?.dealHash);
  return found && deal ? { deal, transcript: found.transcript, proofs: null } : null;
}
