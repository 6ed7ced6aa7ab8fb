import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId } from "../../kernel/ids.ts";
import type { ReplayStore } from "../../ports/replay-store.ts";

export interface ReplayGuardOptions {
  /** Makes it survive a restart. Without one, what was used before a restart could be used once more after it. */
  readonly store?: ReplayStore;
  /** Tokens of one agent that are remembered at a time. */
  readonly mostOfAgent?: number;
  /** Tokens of all agents that are remembered at a time. */
  readonly most?: number;
}

/**
 * Lets every token through once. Nothing is forgotten before its time to make room: whoever floods it is turned away
 * instead, and, up to the bound of all together, alone.
 */
export class ReplayGuard {
  readonly #store: ReplayStore | null;
  readonly #mostOfAgent: number;
  readonly #most: number;
  /** By agent: the last second for which each of its tokens has to be remembered. */
  readonly #used = new Map<AgentId, Map<string, number>>();
  #count = 0;
  #sweptAt = 0;

  constructor({ store, mostOfAgent = 1_000, most = 100_000 }: ReplayGuardOptions = {}) {
    this.#store = store ?? null;
    this.#mostOfAgent = mostOfAgent;
    this.#most = most;
  }

  /** How many tokens are remembered. */
  get size(): number {
    return this.#count;
  }

  /** Takes note of a token that is good in every other way; rejects where it was used before. Times in Unix seconds. */
  async use(agent: AgentId, id: string, until: number, now: number): Promise<void> {
    if (now > this.#sweptAt) this.#sweep(now);
    const ids = this.#used.get(agent) ?? new Map<string, number>();
    if (ids.has(id)) throw replayed();
    if (ids.size >= this.#mostOfAgent || this.#count >= this.#most) throw tooMany(agent);
    this.#used.set(agent, ids.set(id, until));
    this.#count++;
    // The other process that shares the store, or the one that this one follows, may have seen it.
    if (this.#store !== null && !(await this.#store.remember(`${agent}/${id}`, until, now))) throw replayed();
  }

  #sweep(now: number): void {
    this.#sweptAt = now;
    for (const [agent, ids] of this.#used) {
      for (const [id, until] of ids) {
        if (until < now && ids.delete(id)) this.#count--;
      }
      if (ids.size === 0) this.#used.delete(agent);
    }
  }
}

function replayed(): ParleyError<"TokenReplayed"> {
  return new ParleyError("TokenReplayed", "the token was used before", { hint: "issue another one for each use" });
}

function tooMany(agent: AgentId): ParleyError<"TooManyTokens"> {
  return new ParleyError("TooManyTokens", "more tokens were used of late than are remembered", {
    hint: "try again in some minutes, and keep a connection rather than opening many",
    retryable: true,
    facts: { agent: agent.toString() },
  });
}
