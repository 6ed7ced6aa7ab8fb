import type { Result, Verdict } from "./judge.ts";
import type { Mutant } from "./mutants.ts";

/** How many mutants met which end. */
export type Counts = Readonly<Record<Result, number>>;

export interface Row {
  readonly name: string;
  readonly counts: Counts;
  /** Share of those noticed among those that could be, from 0 to 1; undefined if there are none. */
  readonly score: number | undefined;
}

/** A mutant and what became of it. */
export type Judged = Mutant & Pick<Verdict, "result" | "by">;

/** Why a survivor may live, by its id; test/contracts/mutants.json. */
export type Reasons = Readonly<Record<string, string>>;

export function count(judged: readonly Judged[]): Counts {
  const counts = { killed: 0, timeout: 0, survived: 0, stillborn: 0, equivalent: 0 };
  for (const { result } of judged) counts[result] += 1;
  return counts;
}

export function scoreOf({ killed, timeout, survived }: Counts): number | undefined {
  const able = killed + timeout + survived;
  return able === 0 ? undefined : (killed + timeout) / able;
}

/** One row for each group, sorted by name. */
export function rowsBy(judged: readonly Judged[], group: (one: Judged) => string): Row[] {
  const groups = Map.groupBy(judged, group);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, members]) => {
      const counts = count(members);
      return { name, counts, score: scoreOf(counts) };
    });
}

const RESULTS = ["killed", "timeout", "survived", "equivalent", "stillborn"] as const;

/** A table for people. */
export function showRows(title: string, rows: readonly Row[]): string {
  const width = Math.max(title.length, ...rows.map(({ name }) => name.length));
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(width), ...cells.map((cell) => cell.padStart(10))].join(" ");
  return [
    line(title, [...RESULTS, "score"]),
    ...rows.map(({ name, counts, score }) =>
      line(name, [...RESULTS.map((result) => String(counts[result])), percent(score)]),
    ),
  ].join("\n");
}

export function percent(score: number | undefined): string {
  return score === undefined ? "-" : `${(100 * score).toFixed(1)}%`;
}

/** Explanations of what doesn't survive, or is no mutant any more. Of those that were not judged nothing is known. */
export function staleReasons(
  judged: readonly Judged[],
  known: ReadonlySet<string>,
  reasons: Reasons,
): readonly string[] {
  const noticed = new Set(judged.filter(({ result }) => result !== "survived").map(({ id }) => id));
  return Object.keys(reasons).filter((id) => noticed.has(id) || !known.has(id));
}
