import type { Session } from "../dealing/session.ts";
import { isPast } from "../kernel/clock.ts";
import type { OpenConfig } from "./agent-config.ts";

/** Why something isn't opened, and what to do if it is meant. */
export interface OpeningObjection {
  readonly because: string;
  readonly hint: string;
}

/** What the journal has, as the agent starts. */
export interface Held {
  /** Negotiations, in all. */
  readonly count: number;
  /** Those that could be brought back. */
  readonly recovered: readonly Pick<Session, "state">[];
}

/** Why what the configuration opens is left alone, mostly since an earlier start may have opened it; null where it can be opened. */
export function objectionToOpening(open: OpenConfig, held: Held, now: number): OpeningObjection | null {
  return held.count === 0 ? objectionToTime(open, now) : (objectionByHeld(open, held) ?? objectionToTime(open, now));
}

function objectionToTime({ proposal }: OpenConfig, now: number): OpeningObjection | null {
  const { commitBy } = proposal.deal;
  if (!isPast(commitBy, now)) return null;
  return {
    because: `its \`commitBy\` was ${new Date(commitBy * 1000).toISOString()}: nothing can be agreed any more`,
    hint: "give `open.proposal.deal.commitBy` a time that is ahead, in seconds since 1970",
  };
}

function objectionByHeld({ wanted }: OpenConfig, { count, recovered }: Held): OpeningObjection | null {
  if (wanted === undefined) {
    return {
      because: "the journal isn't empty: what was opened before goes on, and nothing is bought twice",
      hint: "to open another negotiation give `open` a `wanted` of its own, 32 random bytes; without running accounts another `journal` will do",
    };
  }
  // What could not be brought back may bind us, and so may what the journal has lost.
  const isWhole = recovered.length === count && recovered.every(({ state }) => !state.doubted);
  if (!isWhole) {
    return {
      because: "the journal may have lost a negotiation, and nothing is bought twice",
      hint: "see by `parley deal list --all` what was bought, and go on with another `journal`; running accounts take another `salt` then, once what is open is paid",
    };
  }
  if (!recovered.some(({ state }) => state.brief.intent?.id === wanted.id)) return null;
  return {
    because: `the journal has a negotiation for ${wanted.id}: it goes on, and nothing is bought twice`,
    hint: "to open another negotiation draw another `wanted` for `open`, 32 random bytes",
  };
}
