import type { Stored } from "./entry.ts";

/** Where a stream stands. */
export interface Standing {
  /** Number of the subject's last message, whether it counts or not; 0 where there is none. */
  readonly last: number;
  readonly records: number;
  readonly fence: number;
}

export const NOTHING: Standing = { last: 0, records: 0, fence: 0 };

/** What a subject's messages amount to. */
export interface History {
  readonly standing: Standing;
  /** The messages that count, since the stream was last forgotten. */
  readonly counted: readonly Stored[];
}

/**
 * Decides which of a subject's messages count. JetStream refuses a write that expects another last message than there is, but
 * not reliably: servers before 2.9.21 let several through that were under way at once. So that promise is not relied on: each
 * message names the one that it was written after, and counts only where it really follows that one. All who read the same
 * messages come to the same answer, and the first of several rivals wins.
 *
 * Null where the messages can't have come about like this: something is missing, or somebody else has written here.
 */
export function historyOf(messages: readonly Stored[]): History | null {
  let standing = NOTHING;
  let counted: Stored[] = [];
  for (const message of messages) {
    const { entry, seq } = message;
    const isFirst = standing.last === 0;
    // Who lost a race names an earlier message. Who names a later one than there is names one that has been lost.
    if (isFirst ? !isBeginning(message) : entry.after > standing.last) return null;
    const follows = isFirst || entry.after === standing.last;
    if (follows && !continues(standing, message)) return null;
    if (follows) {
      standing = { last: seq, records: entry.records, fence: entry.fence };
      if (entry.kind === "forgotten") counted = [];
      counted.push(message);
    } else {
      standing = { ...standing, last: seq };
    }
  }
  return { standing, counted };
}

/** What was before it may have been removed, as far as it was forgotten. */
function isBeginning({ entry }: Stored): boolean {
  return entry.kind === "record" ? entry.records === 1 : entry.records === 0;
}

function continues(before: Standing, { entry }: Stored): boolean {
  switch (entry.kind) {
    case "record":
      return entry.records === before.records + 1 && (entry.fence === before.fence || before.last === 0);
    case "fence":
      return entry.records === before.records && entry.fence > before.fence;
    case "forgotten":
      return entry.records === 0 && (entry.fence === before.fence || before.last === 0);
  }
}
