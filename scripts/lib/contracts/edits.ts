import type { Span } from "./ast.ts";

/** A stretch of a source text and what shall stand there instead. */
export interface Edit extends Span {
  readonly text: string;
}

/** Applies edits that don't overlap. Of those at the same place, the first goes first. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  const bytes = Buffer.from(source);
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (start < at) throw new Error(`the edit at byte ${start} overlaps the one before it`);
    parts.push(bytes.subarray(at, start), Buffer.from(text));
    at = end;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]).toString();
}

/** The text of a stretch. */
export function cut(source: string, { start, end }: Span): string {
  return Buffer.from(source).subarray(start, end).toString();
}
