import type { Clock } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { SharedJournal } from "../ports/journal.ts";
import type { Lease, Leases } from "../ports/leases.ts";

export interface StreamOwnershipOptions {
  readonly leases: Leases;
  readonly journal: SharedJournal;
  /** The one that the leases are counted by. */
  readonly clock: Clock;
  /**
   * The lease that a stream is under; all nodes must agree on it. Default: one for each stream. A lease is renewed three times in
   * its time, so nodes with very many streams do better with a few hundred leases, each for the streams whose hash it has.
   */
  readonly leaseOf?: (stream: string) => string;
  /** Told of a stream that was ours and is no longer: nothing may be said in it, and its appends fail. */
  readonly onLost: (stream: string) => void;
  /** Told of failures to renew that may still pass. */
  readonly onTrouble: (error: ParleyError) => void;
}

interface Held {
  readonly lease: Lease;
  readonly streams: Set<string>;
  isRenewing: boolean;
}

/** Which streams of a shared journal this node works on: takes them, keeps them, and takes over those of nodes that died. */
export class StreamOwnership {
  readonly #options: StreamOwnershipOptions;
  readonly #held = new Map<string, Held>();
  /** Leases that are being asked for, so that two streams under one don't ask twice. */
  readonly #asked = new Map<string, Promise<Held | null>>();
  #stopTimer: () => void = () => undefined;
  #stopped = false;

  constructor(options: StreamOwnershipOptions) {
    this.#options = options;
    this.#renewLater();
  }

  owns(stream: string): boolean {
    const held = this.#held.get(this.#leaseOf(stream));
    return held?.streams.has(stream) === true && held.lease.remaining() > 0;
  }

  /**
   * Makes a stream ours, and shuts out whoever had it: read it after this. False while another node has it; asked again, it
   * becomes true once that has not renewed its lease for long enough.
   */
  async claim(stream: string): Promise<boolean> {
    if (this.owns(stream)) return true;
    const name = this.#leaseOf(stream);
    const held = this.#held.get(name) ?? (await this.#acquire(name));
    if (held === null || this.#stopped) return false;
    try {
      await this.#options.journal.fence(stream, held.lease.token);
    } catch (thrown) {
      if (!isLost(thrown)) throw thrown;
      this.#lose(name, held);
      return false;
    }
    // It may have been lost meanwhile: then the fence has been passed, or will be.
    if (this.#held.get(name) !== held) return false;
    held.streams.add(stream);
    return true;
  }

  /** Claims every stream of the journal that nobody else has; returns those that were not ours before. */
  async takeOver(): Promise<readonly string[]> {
    const taken: string[] = [];
    for (const stream of await this.#options.journal.streams()) {
      if (!this.owns(stream) && (await this.claim(stream))) taken.push(stream);
    }
    return taken;
  }

  /** Gives everything back, so that other nodes need not wait. Stop working on the streams before this. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    const all = [...this.#held.values()];
    this.#held.clear();
    await Promise.all(all.map(({ lease }) => lease.release().catch((thrown: unknown) => this.#complain(thrown))));
  }

  #leaseOf(stream: string): string {
    return this.#options.leaseOf?.(stream) ?? stream;
  }

  #acquire(name: string): Promise<Held | null> {
    const asked = this.#asked.get(name);
    if (asked !== undefined) return asked;
    const asking = this.#ask(name).finally(() => this.#asked.delete(name));
    this.#asked.set(name, asking);
    return asking;
  }

  async #ask(name: string): Promise<Held | null> {
    const lease = await this.#options.leases.acquire(name);
    if (lease === null) return null;
    const held = { lease, streams: new Set<string>(), isRenewing: false };
    if (this.#stopped) await lease.release();
    else this.#held.set(name, held);
    return held;
  }

  #renewLater(): void {
    const { clock, leases } = this.#options;
    this.#stopTimer = clock.at(clock.now() + leases.lastsMs / 3, () => {
      for (const [name, held] of this.#held) void this.#renew(name, held);
      if (!this.#stopped) this.#renewLater();
    });
  }

  async #renew(name: string, held: Held): Promise<void> {
    // Too late by our own count: whatever the answer would be, somebody else may have begun.
    if (held.lease.remaining() === 0) return this.#lose(name, held);
    if (held.isRenewing) return;
    held.isRenewing = true;
    try {
      await held.lease.renew();
    } catch (thrown) {
      if (isLost(thrown)) this.#lose(name, held);
      else this.#complain(thrown);
    } finally {
      held.isRenewing = false;
    }
  }

  #lose(name: string, held: Held): void {
    if (this.#held.get(name) !== held) return;
    this.#held.delete(name);
    for (const stream of held.streams) this.#options.onLost(stream);
  }

  #complain(thrown: unknown): void {
    if (!(thrown instanceof ParleyError)) throw thrown;
    this.#options.onTrouble(thrown);
  }
}

function isLost(thrown: unknown): boolean {
  return thrown instanceof ParleyError && thrown.code === "LeaseLost";
}
