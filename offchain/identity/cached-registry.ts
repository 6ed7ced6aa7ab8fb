import { type AgentId, type Bytes32, ZERO_ADDRESS } from "../kernel/ids.ts";
import type { AgentAuthority, EpochEnding, EpochEndings, Registry } from "../ports/chain.ts";
import { Answers, type CacheOptions, makeRoom } from "./answers.ts";

const KEPT = 10_000;

/**
 * The registry, asked once for what many want to know at a time. Only what is good news for an agent is kept: one that is
 * unknown, or has no wallet, may get it the next moment, and a failure is nobody's answer.
 */
export class CachedRegistry implements Registry, EpochEndings {
  readonly #registry: Registry & Partial<EpochEndings>;
  readonly #kept: number;
  readonly #authorities: Answers<AgentId, AgentAuthority>;
  /** Certificates that are recorded, which nothing can undo. */
  readonly #recorded = new Set<string>();
  readonly #askingRecorded = new Map<string, Promise<boolean>>();

  constructor(registry: Registry & Partial<EpochEndings>, options: CacheOptions) {
    this.#registry = registry;
    this.#kept = options.kept ?? KEPT;
    this.#authorities = new Answers(
      options,
      (agent) => registry.authority(agent),
      ({ epoch, wallet }) => epoch > 0 && wallet !== ZERO_ADDRESS,
    );
  }

  authority(agent: AgentId): Promise<AgentAuthority> {
    return this.#authorities.to(agent);
  }

  async certified(agent: AgentId, epoch: number, certificate: Bytes32): Promise<boolean> {
    const name = `${agent}/${epoch}/${certificate}`;
    if (this.#recorded.has(name)) return true;
    return await (this.#askingRecorded.get(name) ?? this.#askRecorded(name, [agent, epoch, certificate]));
  }

  /** Seldom asked: only for what was signed under keys that are over. */
  async ended(agent: AgentId, epoch: number): Promise<EpochEnding | null> {
    return (await this.#registry.ended?.(agent, epoch)) ?? null;
  }

  /** Call this when the chain says that something of an agent's keys has changed. */
  forget(agent: AgentId): void {
    this.#authorities.forget(agent);
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

  #record(name: string): void {
    makeRoom(this.#recorded, this.#kept);
    this.#recorded.add(name);
  }
}
