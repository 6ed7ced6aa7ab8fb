import { SeededEntropy } from "../../offchain/kernel/random.ts";

export type Side = "buyer" | "seller";

export const SIDES = ["buyer", "seller"] as const;

/** What befalls one negotiation; all of it follows from the seed. */
export interface Plan {
  readonly seed: number;
  readonly rounds: number;
  /** Milliseconds that each side waits before an answer. */
  readonly paceMs: number;
  readonly network: Weather;
  /** When which side is killed, and for how long it stays dead. */
  readonly kills: readonly Kill[];
  /** KiB that one side's journal may take before the disk refuses; it is killed later, and has room again. */
  readonly disk: { readonly side: Side; readonly kib: number } | null;
  /** By how much each side's clock is wrong. */
  readonly skewMs: Readonly<Record<Side, number>>;
  /** When whose session keys are revoked on the chain. */
  readonly revocation: { readonly side: Side; readonly at: Moment } | null;
}

/** So long after so many frames came to the network. */
export interface Moment {
  readonly frame: number;
  readonly delayMs: number;
}

export interface Kill {
  readonly side: Side;
  readonly at: Moment;
  readonly deadMs: number;
}

/** How likely a frame is to be lost or doubled, how long it may take at most, and when all connections break. */
export interface Weather {
  readonly loss: number;
  readonly doubling: number;
  readonly delayMs: number;
  readonly cuts: readonly Moment[];
}

/** More frames than any run has: what waits for them happens at the end of the storm. */
const NEVER = 1_000_000;

const SKEW_MS = 5 * 60 * 1_000;

export function planOf(seed: number): Plan {
  const random = new SeededEntropy(seed);
  const upTo = (most: number) => Math.floor(random.fraction() * most);
  const chance = (share: number) => random.fraction() < share;
  const side = (): Side => (chance(0.5) ? "buyer" : "seller");
  const rounds = 4 + upTo(20);
  const paceMs = upTo(25);
  // An opening, two frames a round, and what follows an agreement.
  const when = (): Moment => ({ frame: upTo(2 * rounds + 6), delayMs: random.fraction() * 2 * (paceMs + 2) });
  const kill = (of: Side): Kill => ({ side: of, at: when(), deadMs: upTo(400) });
  const disk = chance(0.2) ? { side: side(), kib: 48 + upTo(160) } : null;
  const kills = Array.from({ length: upTo(4) }, () => kill(side()));
  const skewed = chance(0.3) ? (chance(0.5) ? SKEW_MS : -SKEW_MS) : 0;
  return {
    seed,
    rounds,
    paceMs,
    network: chance(0.7)
      ? {
          loss: upTo(3) * 0.08,
          doubling: upTo(3) * 0.1,
          delayMs: upTo(3) * 12,
          cuts: Array.from({ length: upTo(4) }, when),
        }
      : { loss: 0, doubling: 0, delayMs: 0, cuts: [] },
    // Whoever stands still for want of room is started again with room.
    kills: disk === null ? kills : [...kills, { ...kill(disk.side), at: { frame: NEVER, delayMs: 0 } }],
    disk,
    skewMs: chance(0.5) ? { buyer: skewed, seller: 0 } : { buyer: 0, seller: skewed },
    revocation: chance(0.15) ? { side: side(), at: when() } : null,
  };
}
