import { ParleyError } from "../../../kernel/errors.ts";
import type { Doubt } from "../../../ports/journal.ts";

/** What a journal's file says about itself. */
export interface Life {
  /** Drawn when the file was made. */
  readonly journal: string;
  /** How often it was opened. */
  readonly opens: number;
  /** The machine's boot in which it was opened last; null where the platform doesn't tell. */
  readonly boot: string | null;
  /** False after it was closed in good order. */
  readonly open: boolean;
  /** True once it had a witness. */
  readonly witnessed: boolean;
  /** How many streams were forgotten. */
  readonly forgets: number;
}

/** Where a record lies, and its checksum: enough to find it again. */
export interface Placed {
  readonly row: number;
  readonly sum: number;
}

/**
 * What the witness is told: how far the journal has come. Commits are lost from the end only, never from the middle, so the
 * last record stands for all before it.
 */
export interface Mark {
  readonly journal: string;
  readonly opens: number;
  readonly forgets: number;
  readonly last: Placed | null;
}

export function encodeMark({ journal, opens, forgets, last }: Mark): string {
  return [journal, opens, forgets, ...(last === null ? [] : [last.row, last.sum])].join(" ");
}

/** Null for whatever is no mark. */
export function decodeMark(text: string): Mark | null {
  const found = /^([0-9a-f]{32}) (\d{1,15}) (\d{1,15})(?: (\d{1,16}) (\d{1,10}))?$/.exec(text);
  if (found === null) return null;
  const [, journal = "", opens, forgets, row, sum] = found;
  const last = row === undefined ? null : { row: Number(row), sum: Number(sum) };
  return { journal, opens: Number(opens), forgets: Number(forgets), last };
}

/** What is known when a journal is opened. */
export interface Opening {
  readonly path: string;
  /** Null where the file was made just now. */
  readonly life: Life | null;
  /** Null where there is no witness, or where it remembers nothing. */
  readonly mark: Mark | null;
  readonly boot: string | null;
  /** True if a record is there, as it was. */
  readonly holds: (placed: Placed) => boolean;
}

/**
 * Judges whether a journal has everything that it ever acknowledged; null if so. Throws where journal and witness don't belong
 * together: then a disk is not where it should be, and nothing was lost yet.
 */
export function judgeContinuity({ path, life, mark, boot, holds }: Opening): Doubt | null {
  if (life === null) {
    if (mark !== null) throw journalMissing(path);
    return null;
  }
  if (mark !== null && mark.journal !== life.journal) throw witnessMismatch(path);
  if (mark === null && life.witnessed) {
    return {
      code: "WitnessMissing",
      says: "the witness of this journal is gone, and nothing else can tell how far it had come",
    };
  }
  if (mark !== null && isBehind(life, mark, holds)) {
    return {
      code: "RecordsMissing",
      says: "the journal is behind its witness: a backup was restored, or its end is lost",
    };
  }
  if (life.open && (boot === null || boot !== life.boot)) {
    return {
      code: "MachineRestarted",
      says: "the machine went down with the journal open, so its last records may be lost",
    };
  }
  return null;
}

/** The journal commits first and tells its witness after, so it may be ahead, by what a crash came between. */
function isBehind(life: Life, mark: Mark, holds: Opening["holds"]): boolean {
  if (life.opens !== mark.opens) return life.opens < mark.opens;
  if (life.forgets !== mark.forgets) return life.forgets < mark.forgets;
  return mark.last !== null && !holds(mark.last);
}

function journalMissing(path: string): ParleyError<"JournalMissing"> {
  return new ParleyError("JournalMissing", `the witness remembers a journal, but ${path} is a new one`, {
    hint: "bring the journal's disk back; if it is lost for good, remove the witness and start with nothing",
    facts: { path },
  });
}

function witnessMismatch(path: string): ParleyError<"WitnessMismatch"> {
  return new ParleyError("WitnessMismatch", `the witness belongs to another journal than ${path}`, {
    hint: "give each journal its own witness; if the old journal is lost for good, remove the witness",
    facts: { path },
  });
}
