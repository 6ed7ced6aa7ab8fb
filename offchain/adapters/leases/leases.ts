import type { Clock } from "../../kernel/clock.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { Lease, Leases } from "../../ports/leases.ts";
import type { Cell, Cells } from "./cells.ts";
import { decodeTenure, encodeTenure } from "./tenure.ts";

export interface LeasesOptions {
  /** Names this node, for whoever looks into the cells. */
  readonly holder: string;
  readonly cells: Cells;
  /** Only this node's; it is never compared with another's. It must not jump: see `SteadyClock`. */
  readonly clock: Clock;
  /** How long a lease lasts from its last renewal, in milliseconds; the same for all nodes. */
  readonly lastsMs: number;
  /**
   * How much longer than that to wait before taking a lease over, in milliseconds, for clocks that run at different speeds.
   * Default: a tenth of `lastsMs`.
   */
  readonly graceMs?: number;
}

/** A cell as this node first saw it. */
interface Sight {
  readonly revision: number;
  readonly at: number;
}

/** Names whose sight is remembered; the oldest is looked at anew, and then has its whole time once more. */
const KEPT_SIGHTS = 65_536;

/**
 * Leases in cells that are changed by compare-and-set.
 *
 * No two clocks are compared. The holder counts from before it asked for the renewal, on its own clock; who wants to take over
 * counts from when it first saw that renewal, on its own. What is seen was asked for before, so the holder always stops first, if
 * the two clocks run at about the same speed. And if they don't, the token still keeps the late one out.
 */
export class CellLeases implements Leases {
  readonly lastsMs: number;
  readonly #options: LeasesOptions;
  readonly #graceMs: number;
  readonly #sights = new Map<string, Sight>();

  constructor(options: LeasesOptions) {
    this.#options = options;
    this.lastsMs = options.lastsMs;
    this.#graceMs = options.graceMs ?? Math.ceil(options.lastsMs / 10);
  }

  async acquire(name: string): Promise<Lease | null> {
    const { cells, clock, holder } = this.#options;
    const found = await cells.read(name);
    if (found !== null && !this.#isFree(name, found)) return null;
    const since = clock.now();
    const revision = await cells.set(name, encodeTenure({ holder, token: null }), found?.revision ?? 0);
    if (revision === null) return null;
    this.#sights.delete(name);
    return new HeldLease(this.#options, name, revision, since);
  }

  close(): Promise<void> {
    return this.#options.cells.close();
  }

  #isFree(name: string, { text, revision }: Cell): boolean {
    const { holder } = decodeTenure(name, text);
    if (holder === null) return true;
    const now = this.#options.clock.now();
    const sight = this.#sights.get(name);
    if (sight?.revision === revision) return now - sight.at >= this.lastsMs + this.#graceMs;
    this.#see(name, { revision, at: now });
    return false;
  }

  #see(name: string, sight: Sight): void {
    this.#sights.delete(name);
    const oldest = this.#sights.keys().next().value;
    if (this.#sights.size >= KEPT_SIGHTS && oldest !== undefined) this.#sights.delete(oldest);
    this.#sights.set(name, sight);
  }
}

class HeldLease implements Lease {
  readonly name: string;
  readonly token: number;
  readonly #options: LeasesOptions;
  /** Of the last change that was ours. */
  #revision: number;
  /** Before that was asked for. */
  #since: number;
  #isOver = false;

  constructor(options: LeasesOptions, name: string, token: number, since: number) {
    this.#options = options;
    this.name = name;
    this.token = token;
    this.#revision = token;
    this.#since = since;
  }

  remaining(): number {
    const { clock, lastsMs } = this.#options;
    return this.#isOver ? 0 : Math.max(0, this.#since + lastsMs - clock.now());
  }

  async renew(): Promise<void> {
    if (this.#isOver) throw leaseLost(this.name, this.token);
    const since = this.#options.clock.now();
    await this.#set(this.#options.holder);
    this.#since = since;
  }

  async release(): Promise<void> {
    if (this.#isOver) return;
    // What can't be said to be released runs out by itself; either way nothing may be done under it any more.
    this.#isOver = true;
    try {
      await this.#set(null);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError && thrown.code === "LeaseLost")) throw thrown;
    }
  }

  async #set(holder: string | null): Promise<void> {
    const text = encodeTenure({ holder, token: this.token });
    if ((await this.#setFrom(this.#revision, text)) || (await this.#setFrom(await this.#findOwn(), text))) return;
    this.#isOver = true;
    throw leaseLost(this.name, this.token);
  }

  async #setFrom(expected: number | null, text: string): Promise<boolean> {
    const revision = expected === null ? null : await this.#options.cells.set(this.name, text, expected);
    if (revision !== null) this.#revision = revision;
    return revision !== null;
  }

  /** The revision of an earlier renewal that was made although nobody said so; null where the lease is no longer ours. */
  async #findOwn(): Promise<number | null> {
    const { cells, holder } = this.#options;
    const found = await cells.read(this.name);
    if (found === null) return null;
    const tenure = decodeTenure(this.name, found.text);
    return tenure.holder === holder && (tenure.token ?? found.revision) === this.token ? found.revision : null;
  }
}

function leaseLost(name: string, token: number): ParleyError<"LeaseLost"> {
  return new ParleyError(
    "LeaseLost",
    `the lease on ${name} with token ${token} is over: it was released, or taken over`,
    {
      hint: "stop working on it; whoever holds it now goes on",
      facts: { name, token },
    },
  );
}
