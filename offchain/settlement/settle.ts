import { type Clock, pause } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Chain, DealPosition, Inclusion, Payout, SessionProofs } from "../ports/chain.ts";
import type { Deal } from "../terms/deal.ts";

/** A deal that both sides are bound to, with what proves it to the chain. */
export interface BoundDeal {
  readonly deal: Deal;
  readonly transcript: Bytes32;
  /** Null where the deal was committed by somebody who holds an ACCEPT that we have not seen. */
  readonly proofs: SessionProofs | null;
}

/** How a deal ended on the chain, as far as this side is concerned. */
export type Outcome =
  /** Accepted, or claimed after its review period: the seller has the price. */
  | "settled"
  /** Not delivered in time: the buyer has its money, and the seller's bond. */
  | "refunded"
  /** Ended as both sides signed, or as the seller asked for no more than the buyer owned to. */
  | "split"
  /** Disputed, and paid out by a ruling, or by the deal's own share where none came in time. */
  | "ruled"
  /** Declared by one side, and not made good by the other, which has paid with its stake. */
  | "defaulted"
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
  /** Told once that the deal is on the chain, whoever brought it there. */
  readonly onCommitted?: () => void;
  /** Told of each act once it is included in a block. */
  readonly onAct: (act: Act, inclusion: Inclusion) => void | Promise<void>;
  /** Told of what stood in the way. It is tried again. */
  readonly onTrouble: (error: ParleyError) => void;
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
  return follow(bound, options, async ({ status, since, now }) => {
    if (status === "None" && proofs !== null) return { act: "commit", run: () => chain.commit(deal, proofs) };
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
  return follow(bound, options, async ({ status, since, now }) => {
    // A metered deal (no review period) knows no delivery, only receipts.
    if (status === "Committed" && deal.reviewPeriod > 0 && now <= since + deal.deliverWithin) {
      const evidence = await produce();
      if (evidence !== null) return { act: "deliver", run: () => chain.deliver(deal, transcript, evidence) };
    }
    if (status === "Delivered" && now > since + deal.reviewPeriod) {
      return { act: "claim", run: () => chain.claim(deal, transcript) };
    }
    return null;
  });
}

/** How each payout of the contract is called here. */
const ENDINGS: Readonly<Record<Payout["outcome"], Outcome>> = {
  Accepted: "settled",
  Claimed: "settled",
  Closed: "settled",
  Refunded: "refunded",
  Split: "split",
  Agreed: "split",
  Ruled: "ruled",
  Lapsed: "ruled",
};

const ON_CHAIN: ReadonlySet<DealPosition["status"]> = new Set(["Committed", "Delivered", "Disputed"]);

type Next = { readonly act: Act; readonly run: () => Promise<Inclusion> } | null;

/** Longest wait between two looks at a chain that keeps failing or refusing, in milliseconds. */
const LONGEST_WAIT_MS = 30_000;

async function follow(
  { deal, transcript }: BoundDeal,
  { chain, clock, pollMs, signal, onCommitted, onAct, onTrouble }: SettlingOptions,
  next: (position: DealPosition) => Promise<Next>,
): Promise<Outcome> {
  let isCommitted = false;
  for (let failures = 0; ; ) {
    signal.throwIfAborted();
    try {
      const position = await chain.position(deal, transcript);
      if (position.status !== "None" && !position.ours) return "superseded";
      if (position.status === "None" && position.now > deal.commitBy) return "lapsed";
      if (!isCommitted && ON_CHAIN.has(position.status)) {
        isCommitted = true;
        onCommitted?.();
      }
      const payout = position.status === "Settled" ? await chain.payout(deal) : null;
      if (payout !== null) return ENDINGS[payout.outcome];
      if (position.status === "Defaulted") return "defaulted";
      const step = await next(position);
      if (step !== null) {
        const inclusion = await step.run();
        failures = 0;
        await onAct(step.act, inclusion);
        continue;
      }
      failures = 0;
    } catch (thrown) {
      if (!(thrown instanceof ParleyError)) throw thrown;
      // Whatever refuses now may not later: funds arrive, nodes come back, somebody was faster. The deal's own
      // deadlines end this loop; what keeps failing is tried ever less often.
      failures++;
      if (!RACES.includes(thrown.code)) onTrouble(thrown);
    }
    await pause(clock, Math.min(pollMs * 2 ** Math.min(failures, 12), Math.max(pollMs, LONGEST_WAIT_MS)));
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
