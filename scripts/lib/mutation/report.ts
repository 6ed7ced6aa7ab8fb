import { diffOf, type Mutant } from "./mutants.ts";
import {
  type Counts,
  count,
  type Judged,
  percent,
  type Reasons,
  type Row,
  rowsBy,
  scoreOf,
  showRows,
  staleReasons,
} from "./score.ts";

/** What a run found, as it is printed with `--json` and stored. */
export interface Report {
  readonly date: string;
  readonly commit: string;
  /** All there are, and how many of them were judged. */
  readonly mutants: number;
  readonly judged: number;
  readonly counts: Counts;
  /** Share of those noticed among those that could be, from 0 to 1; null if there are none. */
  readonly score: number | null;
  readonly byOperator: readonly Row[];
  readonly byFile: readonly Row[];
  readonly survivors: readonly Survivor[];
  /** Ids with an explanation that don't survive, or are no mutants any more. */
  readonly stale: readonly string[];
}

export interface Survivor extends Pick<Mutant, "id" | "file" | "line" | "code"> {
  readonly by: string;
  readonly diff: string;
  /** Why it may live; null if nobody has said. */
  readonly why: string | null;
}

export function report(
  all: readonly Mutant[],
  judged: readonly Judged[],
  {
    date,
    commit,
    reasons,
    source,
  }: {
    date: string;
    commit: string;
    reasons: Reasons;
    /** The text of a file. */
    source: (file: string) => string;
  },
): Report {
  const counts = count(judged);
  return {
    date,
    commit,
    mutants: all.length,
    judged: judged.length,
    counts,
    score: scoreOf(counts) ?? null,
    byOperator: rowsBy(judged, ({ operator }) => operator),
    byFile: rowsBy(judged, ({ file }) => file),
    survivors: judged
      .filter(({ result }) => result === "survived")
      .map((one) => {
        const { id, file, line, code, by } = one;
        return { id, file, line, code, by, diff: diffOf(source(file), one), why: reasons[id] ?? null };
      }),
    stale: staleReasons(judged, new Set(all.map(({ id }) => id)), reasons),
  };
}

/** The same for people. */
export function showReport({ mutants, judged, score, byOperator, byFile, survivors, stale }: Report): string {
  const unexplained = survivors.filter(({ why }) => why === null).length;
  return [
    `${showRows("operator", byOperator)}\n`,
    `${showRows("file", byFile)}\n`,
    ...survivors.map(showSurvivor),
    ...stale.map((id) => `${id} is explained, but doesn't survive or is no mutant any more`),
    `${judged} of ${mutants} mutants judged, score ${percent(score ?? undefined)}, ${unexplained} survivors unexplained`,
  ].join("\n");
}

function showSurvivor({ id, file, line, code, by, diff, why }: Survivor): string {
  const note = by === "" ? "" : `, ${by}`;
  return `survived: ${id} ${file}:${line} in ${code}${note}\n${diff}\n${why === null ? "unexplained" : `explained: ${why}`}\n`;
}
