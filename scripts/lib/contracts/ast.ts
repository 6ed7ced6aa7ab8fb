import type { Node } from "./solc.ts";

/** A stretch of a source text, in bytes, as the compiler counts. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export function spanOf(node: Node): Span {
  const [start = 0, length = 0] = node.src.split(":").map(Number);
  return { start, end: start + length };
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "nodeType" in value && "src" in value;
}

function fieldOf(node: Node, field: string): unknown {
  return new Map<string, unknown>(Object.entries(node)).get(field);
}

/** The node in a field, if there is one. */
export function child(node: Node, field: string): Node | undefined {
  const value = fieldOf(node, field);
  return isNode(value) ? value : undefined;
}

/** The nodes of a list; gaps, as in `(a, , b)`, left out. */
export function children(node: Node, field: string): Node[] {
  const value = fieldOf(node, field);
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** A field's text; empty if there is none. */
export function word(node: Node, field: string): string {
  const value = fieldOf(node, field);
  return typeof value === "string" ? value : "";
}

export function flag(node: Node, field: string): boolean {
  return fieldOf(node, field) === true;
}

/** The declaration that a name refers to, by its id. */
export function declarationOf(node: Node): number | undefined {
  const value = fieldOf(node, "referencedDeclaration");
  return typeof value === "number" ? value : undefined;
}

/** The type of an expression, e.g. `uint256`; empty for what has none. */
export function typeOf(node: Node): string {
  const value = fieldOf(node, "typeDescriptions");
  if (typeof value !== "object" || value === null || !("typeString" in value)) return "";
  return typeof value.typeString === "string" ? value.typeString : "";
}

/** All nodes directly below, in the order of the source. */
function below(node: Node): Node[] {
  return Object.values(node)
    .flatMap((value: unknown) => (Array.isArray(value) ? value : [value]))
    .filter(isNode)
    .sort((a, b) => spanOf(a).start - spanOf(b).start);
}

/** Visits a node and all below it, each with those above it, the nearest first. */
export function walk(
  node: Node,
  visit: (node: Node, above: readonly Node[]) => void,
  above: readonly Node[] = [],
): void {
  visit(node, above);
  for (const next of below(node)) walk(next, visit, [node, ...above]);
}

/** A piece of code that runs: a function's or a modifier's body, or the value that a variable begins with. */
export interface Code {
  /** The function's name, or what it is if it has none, e.g. `constructor`. */
  readonly name: string;
  readonly definition: Node;
  /** The body, and the modifiers with their arguments; of a variable, the value. */
  readonly parts: readonly Node[];
}

/** All code in a file: not types, interfaces or comments. */
export function codeIn(ast: Node): Code[] {
  const found: Code[] = [];
  walk(ast, (node, above) => {
    const body = child(node, "body");
    if (node.nodeType === "FunctionDefinition" && body !== undefined) {
      found.push({ name: nameOf(node), definition: node, parts: [...children(node, "modifiers"), body] });
    }
    if (node.nodeType === "ModifierDefinition" && body !== undefined) {
      found.push({ name: nameOf(node), definition: node, parts: [body] });
    }
    const value = child(node, "value");
    const outside = ["ContractDefinition", "SourceUnit"].includes(above[0]?.nodeType ?? "");
    if (node.nodeType === "VariableDeclaration" && outside && value !== undefined) {
      found.push({ name: nameOf(node), definition: node, parts: [value] });
    }
  });
  return found;
}

function nameOf(node: Node): string {
  return word(node, "name") || word(node, "kind");
}

/** The line of a place, from 1. */
export function lineAt(source: string, start: number): number {
  return Buffer.from(source).subarray(0, start).toString().split("\n").length;
}
