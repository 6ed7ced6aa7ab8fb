import type { Durability } from "./journal.ts";

/**
 * A short note that is kept apart from a journal and says how far that has come, so that a journal that was put back to an
 * earlier state can't pass for the present one. It is worth what it is apart: on another disk, and in no backup of the journal.
 */
export interface Witness {
  /** What was noted last; null where nothing was, or where it can't be read any more. */
  recall(): string | null;
  /** Replaces the note. Called after every commit, so it must be fast; it survives what `durability` says. */
  note(text: string, durability: Durability): void;
  close(): void;
}
