import type { Clock } from "../kernel/clock.ts";
import { type AgentId, type Bytes32, ZERO_ADDRESS } from "../kernel/ids.ts";
import type { AgentAuthority, Registry } from "../ports/chain.ts";

export interface CacheOptions {
  readonly clock: Clock;
  /** For how many milliseconds an answer may be used: so long a revocation can go unseen. */
  readonly maxAgeMs?: number;
  /** Answers that are kept at a time, of each kind. */
  readonly kept?: number;
}

const MAX_AGE_MS = 10_000;

const KEPT = 10_000;

interface Answer {
  readonly asked: number;
  readonly authority: AgentAuthority;
}

/**
 * The registry, asked once for what many want to know at a time. Only what is good news for an agent is kept: one that is
 * unknown, or has no wallet, may get it the next moment, and a failure is nobody's answer.
 */
export class CachedRegistry implements Registry {
  readonly #registry: Registry;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;
  readonly #kept: number;
  /** The one used longest ago first. */
  readonly #answers = new Map<AgentId, Answer>();
  readonly #asking = new Map<AgentId, Promise<AgentAuthority>>();
  /** Certificates that are recorded, which nothing can undo. */
  readonly #recorded = new Set<string>();
  readonly #askingRecorded = new Map<string, Promise<boolean>>();

  constructor(registry: Registry, { clock, maxAgeMs = MAX_AGE_MS, kept = KEPT }: CacheOptions) {
    this.#registry = registry;
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
    this.#kept = kept;
  }

  async authority(agent: AgentId): Promise<AgentAuthority> {
    const known = this.#answers.get(agent);
    if (known !== undefined && this.#isFresh(known)) {
      this.#put(agent, known);
      return known.authority;
    }
    return await (this.#asking.get(agent) ?? this.#ask(agent));
  }

  async certified(agent: AgentId, epoch: number, certificate: Bytes32): Promise<boolean> {
    const name = `${agent}/${epoch}/${certificate}`;
    if (this.#recorded.has(name)) return true;
    return await (this.#askingRecorded.get(name) ?? this.#askRecorded(name, [agent, epoch, certificate]));
  }

  /** Call this when the chain says that something of an agent's keys has changed. What is being asked now is asked again. */
  forget(agent: AgentId): void {
    this.#answers.delete(agent);
    this.#asking.delete(agent);
  }

  #ask(agent: AgentId): Promise<AgentAuthority> {
    // The age of an answer counts from the question: what the chain said is at least as old as its arrival.
    const asked = this.#clock.now();
    const asking = this.#registry.authority(agent).then((authority) => {
      const isCurrent = this.#asking.get(agent) === asking;
      if (isCurrent && authority.epoch > 0 && authority.wallet !== ZERO_ADDRESS) this.#put(agent, { asked, authority });
      return authority;
    });
    this.#asking.set(agent, asking);
    const done = () => {
      if (this.#asking.get(agent) === asking) this.#asking.delete(agent);
    };
    asking.then(done, done);
    return asking;
  }

  #askRecorded(name: string, question: Parameters<Registry["certified"]>): Promise<boolean> {
    const asking = this.#registry.certified(...question).then((is) => {
      if (is) this.#record(name);
      return is;
    });
    this.#askingRecorded.set(name, asking);
    const done = () => {
      this.#askingRecorded.delete(name);
    };
    asking.then(done, done);
    return asking;
  }

  /** A clock that was set back makes an answer look as if it came from the future; it is not used then. */
  #isFresh({ asked }: Answer): boolean {
    const age = this.#clock.now() - asked;
    return age >= 0 && age < this.#maxAgeMs;
  }

  #put(agent: AgentId, answer: Answer): void {
    this.#answers.delete(agent);
    makeRoom(this.#answers, this.#kept);
    this.#answers.set(agent, answer);
  }

  #record(name: string): void {
    makeRoom(this.#recorded, this.#kept);
    this.#recorded.add(name);
  }
}

function makeRoom<Key>(held: Map<Key, unknown> | Set<Key>, most: number): void {
  const oldest = held.keys().next();
  if (held.size >= most && oldest.done !== true) held.delete(oldest.value);
}
