import { existsSync } from "node:fs";
import { ParleyError } from "../kernel/errors.ts";
import { keyOf, type MatchRecord } from "../negotiation/tournament.ts";
import { appendText, readText, writeText } from "./text-file.ts";
import type { TournamentSetup } from "./tournament-worker.ts";

/** The matches that were played, in a file if one is named: a line each, and first what they were played under. */
export class Diary {
  readonly records = new Map<string, MatchRecord>();
  readonly #path: string | undefined;

  constructor(path: string | undefined, setup: TournamentSetup) {
    this.#path = path;
    if (path === undefined) return;
    const title = JSON.stringify(setup);
    const text = existsSync(path) ? readText(path) : "";
    // What was cut off within the title has nothing of value.
    if (title.startsWith(text)) writeText(path, title);
    const [first, ...lines] = text.split("\n");
    if (!title.startsWith(text) && first !== title) {
      throw new ParleyError("OtherTournament", `--resume: ${path} is of another tournament, or of other settings`, {
        hint: "Name another file, or remove this one.",
        facts: { field: "resume", file: path },
      });
    }
    for (const line of lines) {
      const record = recordOf(line);
      if (record !== null) this.records.set(keyOf(record), record);
    }
  }

  add(records: readonly MatchRecord[]): void {
    for (const record of records) this.records.set(keyOf(record), record);
    if (this.#path !== undefined) {
      appendText(this.#path, records.map((record) => `\n${JSON.stringify(record)}`).join(""));
    }
  }
}

/** A line may have been cut off when the program was; its match is played again. */
function recordOf(line: string): MatchRecord | null {
  try {
    const record: MatchRecord = JSON.parse(line);
    return record.seats.length === 2 && record.utilities.length === 2 ? record : null;
  } catch {
    return null;
  }
}
