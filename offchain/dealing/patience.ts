import type { Clock } from "../kernel/clock.ts";
import type { Channel } from "../ports/transport.ts";

/** What useless things cost; what moves a negotiation on is free. */
export const COST = {
  /** Rubbish, a negotiation that isn't known, a repetition: cheap to look at. */
  useless: 1,
  /** Something that had to be verified before it was found to be worth nothing. */
  refused: 5,
} as const;

const MOST = 2_000;
const PER_SECOND = 200;

interface Account {
  left: number;
  at: number;
}

/**
 * How much that is useless a connection may bring. Those that wear it out are closed: a flood then costs its sender a connection for
 * each few thousand frames, and honest ones are heard in between. Repetitions after a lost connection are far below it.
 */
export class Patience {
  readonly #clock: Clock;
  readonly #accounts = new WeakMap<Channel, Account>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  strain(channel: Channel, cost: number): void {
    const account = this.#accountOf(channel);
    account.left -= cost;
    if (account.left < 0) channel.close();
  }

  #accountOf(channel: Channel): Account {
    const now = this.#clock.now();
    const account = this.#accounts.get(channel) ?? { left: MOST, at: now };
    // A clock that is set back gives nothing back.
    account.left = Math.min(MOST, account.left + (Math.max(0, now - account.at) * PER_SECOND) / 1000);
    account.at = now;
    this.#accounts.set(channel, account);
    return account;
  }
}
