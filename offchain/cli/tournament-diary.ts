import { existsSync } from "node:fs";
import { ParleyError } from "../kernel/errors.ts";
import { keyOf, type MatchRecord } from "../negotiation/tournament.ts";
import { appendText, linesOf, writeText } from "./text-file.ts";
import type { TournamentSetup } from "./tournament-worker.ts";

/** What a line means; it changes with what is measured. */
const FORMAT = 2;

/** The matches that were played, in a file if one is named: a line each, and first what they were played under. */
export class Diary {
  readonly records = new Map<string, MatchRecord>();
  readonly #path: string | undefined;

  constructor(path: string | undefined, setup: TournamentSetup) {
    this.#path = path;
    if (path === undefined) return;
    const title = JSON.stringify({ format: FORMAT, ...setup });
    let first: string | undefined;
    for (const line of existsSync(path) ? linesOf(path) : []) {
      if (first === undefined) first = line;
      else if (first === title) this.#keep(recordOf(line, setup));
      else throw otherTournament(path);
    }
    if (first === title) return;
    // What was cut off within the title has nothing of value.
    if (!title.startsWith(first ?? "")) throw otherTournament(path);
    writeText(path, title);
  }

  #keep(record: MatchRecord | null): void {
    if (record !== null) this.records.set(keyOf(record), record);
  }

  add(records: readonly MatchRecord[]): void {
    for (const record of records) this.#keep(record);
    if (this.#path !== undefined) {
      appendText(this.#path, records.map((record) => `\n${JSON.stringify(record)}`).join(""));
    }
  }
}

function otherTournament(path: string): ParleyError<"OtherTournament"> {
  return new ParleyError("OtherTournament", `--resume: ${path} is of another tournament, or of other settings`, {
    hint: "Name another file, or remove this one.",
    facts: { field: "resume", file: path },
  });
}

/** A line may have been cut off when the program was, or changed by hand; its match is played again. */
function recordOf(line: string, setup: TournamentSetup): MatchRecord | null {
  try {
    const record: unknown = JSON.parse(line);
    return isRecord(record, setup) ? record : null;
  } catch {
    return null;
  }
}

function isRecord(value: unknown, { scenarios, strategies, rounds }: TournamentSetup): value is MatchRecord {
  if (typeof value !== "object" || value === null) return false;
  const record: { readonly [member in keyof MatchRecord]?: unknown } = value;
  return (
    isBelow(record.scenario, scenarios.length) &&
    isPair(record.seats, (seat) => isBelow(seat, strategies.length)) &&
    isBelow(record.repeat, Number.POSITIVE_INFINITY) &&
    isPair(record.utilities, Number.isFinite) &&
    typeof record.agreement === "boolean" &&
    [record.welfare, record.nashDistance].every((figure) => figure === null || Number.isFinite(figure)) &&
    isBelow(record.rounds, rounds + 1) &&
    (record.fault === null || isBelow(record.fault, 2))
  );
}

function isBelow(value: unknown, limit: number): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < limit;
}

function isPair(value: unknown, test: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length === 2 && value.every(test);
}
