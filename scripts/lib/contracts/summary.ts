import type { Reached } from "./coverage.ts";
import type { Probe } from "./probes.ts";

/** Share of what is reached. */
export interface Share {
  readonly reached: number;
  readonly total: number;
}

/** A line that no test runs, or a condition that never turned out one way. */
export interface Gap {
  readonly file: string;
  readonly line: number;
  readonly kind: "line" | "true" | "false";
  /** The statement or condition, its first line: by this and the file, test/contracts/uncovered.json names it. */
  readonly text: string;
  /** Why it may stay so; null if nobody has said. */
  readonly why: string | null;
}

export interface FileSummary {
  readonly file: string;
  readonly lines: Share;
  readonly branches: Share;
  readonly gaps: readonly Gap[];
}

/** A gap that is known, and why it may stay. */
export type Known = Omit<Gap, "line" | "why"> & { readonly why: string };

/** What each file's tests reach. A line counts as reached if everything that begins on it is. */
export function summarize({ probes, tests }: Reached, known: readonly Known[]): FileSummary[] {
  const hits = new Set(tests.flatMap((test) => [...test.hits]));
  const files = Map.groupBy(
    probes.map((probe, id) => ({ ...probe, reached: hits.has(id) })),
    ({ file }) => file,
  );
  return [...files].map(([file, ofFile]) => {
    const branches = ofFile.filter(({ kind }) => kind === "true" || kind === "false");
    const lines = [...Map.groupBy(ofFile.filter(isOfLine), ({ line }) => line).values()];
    const missedLines = lines.flatMap((onLine) => onLine.find(({ reached }) => !reached) ?? []);
    const missed = [...missedLines, ...branches.filter(({ reached }) => !reached)].sort((a, b) => a.start - b.start);
    return {
      file,
      lines: { reached: lines.length - missedLines.length, total: lines.length },
      branches: { reached: branches.filter(({ reached }) => reached).length, total: branches.length },
      gaps: missed.map((probe) => gapOf(probe, known)),
    };
  });
}

function isOfLine({ kind }: Probe): boolean {
  return kind === "statement" || kind === "function";
}

function gapOf(probe: Probe, known: readonly Known[]): Gap {
  const { file, line, text } = probe;
  const kind = isOfLine(probe) ? "line" : (probe.kind as "true" | "false");
  const why = known.find((one) => one.file === file && one.kind === kind && one.text === text)?.why;
  return { file, line, kind, text, why: why ?? null };
}

/** Known gaps that are none any more. */
export function closedGaps(files: readonly FileSummary[], known: readonly Known[]): Known[] {
  const gaps = files.flatMap((file) => file.gaps);
  return known.filter(
    ({ file, kind, text }) => !gaps.some((gap) => gap.file === file && gap.kind === kind && gap.text === text),
  );
}

/** The sum over some files. */
export function sumUp(shares: readonly Share[]): Share {
  return {
    reached: shares.reduce((sum, { reached }) => sum + reached, 0),
    total: shares.reduce((sum, { total }) => sum + total, 0),
  };
}
