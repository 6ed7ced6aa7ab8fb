import type { Clock } from "../kernel/clock.ts";
import { Quota } from "./quota.ts";

/** A quota for each name, of as many names as are remembered: of more, the one that was new the longest ago begins anew. */
export class Quotas {
  readonly #make: () => Quota;
  readonly #mostNames: number;
  readonly #byName = new Map<string, Quota>();

  constructor(clock: Clock, most: number, spanMs: number, mostNames: number) {
    this.#make = () => new Quota(clock, most, spanMs);
    this.#mostNames = mostNames;
  }

  /** Whether one more of that name is let through. */
  take(name: string): boolean {
    const known = this.#byName.get(name);
    if (known !== undefined) return known.take() !== null;
    const oldest = this.#byName.keys().next().value;
    if (this.#byName.size >= this.#mostNames && oldest !== undefined) this.#byName.delete(oldest);
    const quota = this.#make();
    this.#byName.set(name, quota);
    return quota.take() !== null;
  }
}
