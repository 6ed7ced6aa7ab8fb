import { type Clock, pause } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Chain, DealPosition, Inclusion, SessionProofs } from "../ports/chain.ts";
import type { Deal } from "../terms/deal.ts";

/** A deal that both sides are bound to, with what proves it to the chain. */
export interface BoundDeal {
  readonly deal: Deal;
  readonly transcript: Bytes32;
  readonly proofs: SessionProofs;
}

/** How a deal ended on the chain, as far as this side is concerned. */
export type Outcome =
  /** Accepted, or claimed after its review period: the seller has the price. */
  | "settled"
  /** Not delivered in time: the buyer has its money, and the seller's bond. */
  | "refunded"
  /** Nobody committed it before `commitBy`. */
  | "lapsed"
  /** Another deal of the same negotiation was committed first. */
  | "superseded";

export type Act = "commit" | "deliver" | "accept" | "claim" | "refund";

export interface SettlingOptions {
  readonly chain: Chain;
  readonly clock: Clock;
  /** Milliseconds between two looks at the chain. */
  readonly pollMs: number;
  /** Stops looking at the chain; what was begun can be taken up again later. */
  readonly signal: AbortSignal;
  /** Told of each act once it is included in a block. */
  readonly onAct: (act: Act, inclusion: Inclusion) => void | Promise<void>;
}

/** What the buyer decides on: whether what was delivered is what was agreed. */
export interface Buying extends SettlingOptions {
  readonly inspect: () => boolean | Promise<boolean>;
}

/** What the seller brings about: the evidence of its delivery; null while there is none. */
export interface Selling extends SettlingOptions {
  readonly produce: () => Bytes32 | null | Promise<Bytes32 | null>;
}

/** After `deliverWithin` come these seconds for receipts only; then a deal that was not delivered can be refunded. */
export const RECEIPT_GRACE_S = 24 * 60 * 60;

/**
 * Carries a deal through as its buyer: commits, accepts what is as agreed, takes the money back where nothing
 * came. Each act follows from what the chain says, never from what is remembered: so it can be begun again after any
 * crash, and does nothing twice.
 */
export function settleAsBuyer(bound: BoundDeal, options: Buying): Promise<Outcome> {
  const { deal, transcript, proofs } = bound;
  const { chain, inspect } = options;
  return follow(bound, options, async ({ status, since }, now) => {
    if (status === "None") return { act: "commit", run: () => chain.commit(deal, proofs) };
    if (status === "Delivered" && (await inspect()))
      return { act: "accept", run: () => chain.accept(deal, transcript) };
    if (status === "Committed" && now > since + deal.deliverWithin + RECEIPT_GRACE_S) {
      return { act: "refund", run: () => chain.refund(deal, transcript) };
    }
    return null;
  });
}

/** Carries a deal through as its seller: delivers, and claims the price where the buyer stays silent. */
export function settleAsSeller(bound: BoundDeal, options: Selling): Promise<Outcome> {
  const { deal, transcript } = bound;
  const { chain, produce } = options;
  return follow(bound, options, async ({ status, since }, now) => {
    if (status === "Committed" && now <= since + deal.deliverWithin) {
      const evidence = await produce();
      if (evidence !== null) return { act: "deliver", run: () => chain.deliver(deal, transcript, evidence) };
    }
    if (status === "Delivered" && now > since + deal.reviewPeriod) {
      return { act: "claim", run: () => chain.claim(deal, transcript) };
    }
    return null;
  });
}

type Next = { readonly act: Act; readonly run: () => Promise<Inclusion> } | null;

async function follow(
  { deal, transcript }: BoundDeal,
  { chain, clock, pollMs, signal, onAct }: SettlingOptions,
  next: (position: DealPosition, now: number) => Promise<Next>,
): Promise<Outcome> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const [position, now] = await Promise.all([chain.position(deal, transcript), chain.time()]);
      if (position.status !== "None" && !position.ours) return "superseded";
      if (position.status === "None" && now > deal.commitBy) return "lapsed";
      const payout = position.status === "Settled" ? await chain.payout(deal) : null;
      if (payout !== null) return payout.outcome === "Refunded" ? "refunded" : "settled";
      const step = await next(position, now);
      if (step !== null) {
        await onAct(step.act, await step.run());
        continue;
      }
    } catch (thrown) {
      if (!isPassing(thrown)) throw thrown;
    }
    await pause(clock, pollMs);
  }
}

/** Refusals that mean only that somebody was faster, or the chain's clock slower, than it looked. */
const RACES: readonly string[] = [
  "NegotiationUsed",
  "StatusMismatch",
  "DeadlinePassed",
  "DeadlineNotPassed",
  "Reverted",
];

/** True where looking at the chain again will tell what to do. */
function isPassing(thrown: unknown): boolean {
  return thrown instanceof ParleyError && (thrown.retryable || RACES.includes(thrown.code));
}
