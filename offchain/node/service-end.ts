import type { Clock } from "../kernel/clock.ts";
import type { DealStatus } from "../ports/chain.ts";
import type { Order } from "../ports/connector.ts";
import type { History } from "../settlement/history.ts";

/** What chain and clock tell of time. */
export interface TimeContext {
  readonly history: History;
  readonly clock: Clock;
}

/** When so many seconds after a deal's delivery are over, in milliseconds by our own clock; null where the chain doesn't show it. */
export function endsAfterDelivery(order: Order, seconds: number, context: TimeContext): number | null {
  return endsAfter("Delivered", order, seconds, context);
}

/** The same counted from when a deal entered a status; null where it isn't in that one. */
function endsAfter(
  status: DealStatus,
  { deal, transcript }: Order,
  seconds: number,
  { history, clock }: TimeContext,
): number | null {
  const position = history.position(deal, transcript, 0);
  if (position?.status !== status) return null;
  return clock.now() + (position.since + seconds - position.now) * 1_000;
}

/**
 * The end of a service by our own clock, as near as it is known: each block is heard of late, so the earliest that was ever reckoned is the
 * best. Never, before the chain has shown the delivery.
 */
export class ServiceEnd {
  readonly #reckon: () => number | null;
  #earliest = Number.POSITIVE_INFINITY;

  constructor(order: Order, seconds: number, context: TimeContext) {
    // A dispute comes after the delivery, so it is over by then at the latest: whoever disputes at once is served no longer.
    this.#reckon = () => endsAfterDelivery(order, seconds, context) ?? endsAfter("Disputed", order, seconds, context);
  }

  /** In milliseconds since 1970. */
  get at(): number {
    this.#earliest = Math.min(this.#earliest, this.#reckon() ?? Number.POSITIVE_INFINITY);
    return this.#earliest;
  }
}
