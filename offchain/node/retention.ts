import type { Clock } from "../kernel/clock.ts";
import type { Journal } from "../ports/journal.ts";

/** Tells how long negotiations are kept, and what becomes of them after. */
export interface Retention {
  readonly journal: Journal;
  readonly clock: Clock;
  /** How long to keep a stream once nothing can come of it any more, in milliseconds; null keeps everything for good. */
  readonly keepMs: number | null;
  /**
   * From when nothing can come of a stream any more, in milliseconds since 1970; null while that can't be said. It is not enough
   * that the deal was paid out: as long as an offer in it can be committed, a fault declared, a dispute opened or a ruling
   * appealed, its records are the only proof of what was said.
   */
  readonly overSince: (stream: string) => number | null;
  /** Keeps what is about to be forgotten somewhere else. A stream that it fails for stays where it is. */
  readonly archive?: (stream: string, records: readonly Uint8Array[]) => Promise<void>;
  /** Told why a stream that was due is still there. */
  readonly onTrouble: (stream: string, thrown: unknown) => void;
}

/** Forgets whatever is due, one stream after the other, and returns their names. Call it now and then. */
export async function forgetWhatIsDue(retention: Retention): Promise<readonly string[]> {
  const { journal, clock, keepMs, overSince } = retention;
  if (keepMs === null) return [];
  const forgotten: string[] = [];
  for (const stream of await journal.streams()) {
    const over = overSince(stream);
    if (over === null || clock.now() < over + keepMs) continue;
    if (await forget(retention, stream)) forgotten.push(stream);
  }
  return forgotten;
}

async function forget({ journal, archive, onTrouble }: Retention, stream: string): Promise<boolean> {
  try {
    const records = await journal.read(stream);
    await archive?.(stream, records);
    // What was added since it was read makes this fail, and then it is read again the next time.
    await journal.forget(stream, records.length);
    return true;
  } catch (thrown) {
    onTrouble(stream, thrown);
    return false;
  }
}
