import type { Clock } from "../kernel/clock.ts";
import type { AgentId } from "../kernel/ids.ts";
import type { Channel } from "../ports/transport.ts";

/** What useless things cost; what moves a negotiation on is free. */
export const COST = {
  /** Rubbish, a negotiation that isn't known, a repetition: cheap to look at. */
  useless: 1,
  /** Something that had to be verified before it was found to be worth nothing. */
  refused: 10,
} as const;

/** Reading a frame takes time by its size, and hashing it more: so many bytes cost one more. */
const BYTES_PER_COST = 4_096;

const MOST = 2_000;
const PER_SECOND = 200;

/** Accounts that are kept. The one not asked for the longest goes first; whoever it was begins anew. */
const MOST_ACCOUNTS = 10_000;

interface Account {
  left: number;
  at: number;
}

/**
 * How much that is useless somebody may bring. Who wears it out is cut off, and is no better off by connecting again: strangers share
 * what there is for where they come from. An agent that has shown by its signature who it is has its own there, so as not to suffer
 * for its neighbours; when that is worn out, it wears out theirs. Repetitions after a lost connection are far below it.
 */
export class Patience {
  readonly #clock: Clock;
  /** In the order in which they were last asked for. */
  readonly #accounts = new Map<string, Account>();
  readonly #vouched = new WeakMap<Channel, string>();
  readonly #origins = new WeakMap<Channel, string>();
  #unknown = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It is that agent who speaks through this channel: something new that it signed has just come. */
  vouch(channel: Channel, agent: AgentId): void {
    this.#vouched.set(channel, `agent ${agent} from ${this.#originOf(channel)}`);
  }

  /** Whether nothing that would have to be verified is to be taken from it for now. */
  isWornOut(channel: Channel): boolean {
    return this.#account(this.#payer(channel)).left < COST.refused;
  }

  /** Takes what something useless costs; of a frame that was more than glanced at, its size counts too. */
  strain(channel: Channel, cost: number, frame?: Uint8Array): void {
    const whole = cost + (frame?.length ?? 0) / BYTES_PER_COST;
    const [payer, origin] = [this.#payer(channel), this.#originOf(channel)];
    if (this.#take(payer, whole)) return;
    if (payer !== origin) this.#take(origin, whole);
    channel.drop();
  }

  #payer(channel: Channel): string {
    return this.#vouched.get(channel) ?? this.#originOf(channel);
  }

  #originOf(channel: Channel): string {
    if (channel.agent !== undefined && channel.agent !== null) return `agent ${channel.agent}`;
    if (channel.origin !== undefined) return `origin ${channel.origin}`;
    const name = this.#origins.get(channel) ?? `channel ${this.#unknown++}`;
    this.#origins.set(channel, name);
    return name;
  }

  /** Whether there was as much. */
  #take(name: string, cost: number): boolean {
    const account = this.#account(name);
    account.left = Math.max(-MOST, account.left - cost);
    return account.left >= 0;
  }

  #account(name: string): Account {
    const now = this.#clock.now();
    const account = this.#accounts.get(name) ?? { left: MOST, at: now };
    // A clock that is set back gives nothing back.
    account.left = Math.min(MOST, account.left + (Math.max(0, now - account.at) * PER_SECOND) / 1000);
    account.at = now;
    this.#accounts.delete(name);
    this.#accounts.set(name, account);
    for (const oldest of this.#accounts.keys()) {
      if (this.#accounts.size <= MOST_ACCOUNTS) break;
      this.#accounts.delete(oldest);
    }
    return account;
  }
}
