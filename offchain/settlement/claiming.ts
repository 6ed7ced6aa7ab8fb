import type { Amount } from "../kernel/money.ts";

/** For how long after its end a key's receipts count. */
export const KEY_LIABILITY_S = 24 * 60 * 60;

/** All of something, in basis points. */
const WHOLE = 10_000n;

/** A receipt that stops counting before the deal ends. */
export interface RunningOut {
  /** What it would bring: its total, less what is claimed already. */
  readonly adds: Amount;
  /** Last second at which it counts. */
  readonly until: number;
  /** What claiming it costs, in the deal's token; null where that isn't known. */
  readonly cost: Amount | null;
  /** How likely it is, in basis points, that no later receipt takes its place. */
  readonly lossShare: number;
  /** Seconds at the end in which it must not be left to chance any more. */
  readonly courtesyS: number;
}

/**
 * The second from which a claim pays before the deal's end; null where it never does.
 *
 * The money lies in escrow, so whether the buyer can pay doesn't matter, and waiting for the end costs nothing: one claim serves any number
 * of receipts. The only thing that waiting can lose is a receipt that counts no more, since its key has ended. What that is expected
 * to cost grows as the time runs out: all that is at risk, in the last `courtesyS` seconds, and in proportion less before. It is claimed
 * once that is more than what the claim costs.
 */
export function claimFrom({ adds, until, cost, lossShare, courtesyS }: RunningOut): number | null {
  const atRisk = adds * BigInt(lossShare);
  if (atRisk <= 0n) return null;
  // Without a price for gas anything is worth it, but only at the end.
  if (cost === null) return until - courtesyS;
  if (atRisk < cost * WHOLE) return null;
  // Before its key has ended, the buyer can sign for more with it.
  const earliest = until - Math.max(courtesyS, KEY_LIABILITY_S);
  if (cost === 0n) return earliest;
  const ahead = (BigInt(courtesyS) * atRisk) / (cost * WHOLE);
  return Math.max(earliest, until - Number(ahead < BigInt(until) ? ahead : until));
}
