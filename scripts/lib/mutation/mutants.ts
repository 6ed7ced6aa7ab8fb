import { hashOf } from "../../bootstrap/files.mjs";
import { codeIn, lineAt, type Span, walk } from "../contracts/ast.ts";
import { applyEdits, cut, type Edit } from "../contracts/edits.ts";
import { fileName } from "../contracts/project.ts";
import type { Node } from "../contracts/solc.ts";
import { OPERATORS, type Site } from "./operators.ts";

/** What is mutated: the contracts that hold the money, and what they stand on. */
const CORE = [
  /^contracts\/AgentRegistry\.sol$/,
  /^contracts\/Settlement[^/]*\.sol$/,
  /^contracts\/settlement\//,
  /^contracts\/libraries\//,
];

export function isCore(file: string): boolean {
  return CORE.some((pattern) => pattern.test(file));
}

/** A contract with one thing spoiled. */
export interface Mutant {
  /** Stays the same while the line that is spoiled and its function's name do. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  /** The function that it is in. */
  readonly code: string;
  readonly operator: string;
  readonly edit: Edit;
  readonly before: string;
}

/** All mutants of a file, without two that are the same. */
export function mutantsOf(file: string, source: string, ast: Node, enums: Site["enums"]): Mutant[] {
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  return placesIn(ast).flatMap(({ code, node, above }) =>
    Object.entries(OPERATORS).flatMap(([operator, propose]) =>
      propose(node, { source, above, enums }).flatMap((edit) => {
        const key = `${edit.start} ${edit.end} ${edit.text}`;
        const before = cut(source, edit);
        if (seen.has(key) || before === edit.text) return [];
        seen.add(key);
        const line = lineAt(source, edit.start);
        const text = source.split("\n")[line - 1]?.trim() ?? "";
        const what = hashOf([file, code, operator, text, before, edit.text]);
        const nth = (counts.get(what) ?? 0) + 1;
        counts.set(what, nth);
        const id = `${operator}-${hashOf([what, String(nth)]).slice(0, 8)}`;
        return [{ id, file, line, code, operator, edit, before }];
      }),
    ),
  );
}

/** Every node of every piece of code, each once. */
function placesIn(ast: Node): { code: string; node: Node; above: Node | undefined }[] {
  const places: { code: string; node: Node; above: Node | undefined }[] = [];
  for (const { name, parts } of codeIn(ast)) {
    for (const part of parts) walk(part, (node, [above]) => places.push({ code: name, node, above }));
  }
  return places;
}

/** All mutants of the core, in the order of files and lines. */
export function allMutants(
  sources: Readonly<Record<string, { readonly content: string }>>,
  trees: ReadonlyMap<string, Node>,
  enums: Site["enums"],
): Mutant[] {
  return Object.entries(sources).flatMap(([name, { content }]) => {
    const [file, tree] = [fileName(name), trees.get(name)];
    return file === undefined || !isCore(file) || tree === undefined ? [] : mutantsOf(file, content, tree, enums);
  });
}

/** The spoiled source. */
export function spoil(source: string, { edit }: Mutant): string {
  return applyEdits(source, [edit]);
}

/** So many of them, always the same for a seed; a mutant's place in the draw depends on nothing but its id. */
export function sample(mutants: readonly Mutant[], count: number, seed: string): Mutant[] {
  const draw = new Map(mutants.map(({ id }) => [id, hashOf([seed, id])]));
  const place = ({ id }: Mutant) => draw.get(id) ?? "";
  const drawn = new Set([...mutants].sort((a, b) => (place(a) < place(b) ? -1 : 1)).slice(0, count));
  return mutants.filter((mutant) => drawn.has(mutant));
}

/** The lines around a mutant as a diff. */
export function diffOf(source: string, mutant: Mutant): string {
  const lines = (text: string, { start, end }: Span) => {
    const bytes = Buffer.from(text);
    const from = bytes.lastIndexOf("\n", start - 1) + 1;
    const to = bytes.indexOf("\n", end);
    return bytes
      .subarray(from, to < 0 ? bytes.length : to)
      .toString()
      .split("\n");
  };
  const after = { start: mutant.edit.start, end: mutant.edit.start + Buffer.byteLength(mutant.edit.text) };
  return [
    ...lines(source, mutant.edit).map((line) => `- ${line}`),
    ...lines(spoil(source, mutant), after).map((line) => `+ ${line}`),
  ].join("\n");
}

/** The narrowest of some stretches that holds a place. */
export function narrowest<T extends Span>(spans: readonly T[], at: number): T | undefined {
  const holding = spans.filter(({ start, end }) => start <= at && at < end);
  return holding.sort((a, b) => a.end - a.start - (b.end - b.start))[0];
}
