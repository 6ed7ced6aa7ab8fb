/** The named ways of spoiling a contract. Each looks at one node of the syntax tree and proposes edits, one for each mutant. */
import { child, children, declarationOf, flag, type Span, spanOf, typeOf, word } from "../contracts/ast.ts";
import { cut, type Edit } from "../contracts/edits.ts";
import { endOfStatement } from "../contracts/probes.ts";
import type { Node } from "../contracts/solc.ts";

/** What an operator may know besides the node. */
export interface Site {
  readonly source: string;
  readonly above: Node | undefined;
  /** The members of each enumeration, by the id of each. */
  readonly enums: ReadonlyMap<number, readonly string[]>;
}

export type Operator = (node: Node, site: Site) => readonly Edit[];

const BOUNDARIES = swaps([
  ["<", "<="],
  [">", ">="],
]);
const COMPARISONS = swaps([
  ["<", ">"],
  ["<=", ">="],
  ["==", "!="],
]);
const ARITHMETIC: ReadonlyMap<string, string> = new Map([
  ...swaps([
    ["+", "-"],
    ["*", "/"],
    ["<<", ">>"],
    ["&", "|"],
  ]),
  ["%", "*"],
  ["**", "*"],
  ["^", "&"],
]);
const LOGICAL = swaps([["&&", "||"]]);
const EXTREMES = swaps([["min", "max"]]);
const YUL = swaps([
  ["lt", "gt"],
  ["slt", "sgt"],
  ["and", "or"],
  ["add", "sub"],
  ["mul", "div"],
  ["shl", "shr"],
]);
/** Names of the two sides; also within a longer name, with either case. */
const SIDES = swaps([
  ["buyer", "seller"],
  ["buying", "selling"],
  ["offering", "accepting"],
  ["lower", "higher"],
]);

/** By name. The order counts where two propose the same text: the first keeps it. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  /** Off by one: `<` for `<=`. */
  boundary: (node, site) => swapOperator(node, site, "BinaryOperation", BOUNDARIES),
  /** `<` for `>`, `==` for `!=`. */
  comparison: (node, site) => swapOperator(node, site, "BinaryOperation", COMPARISONS),
  arithmetic: (node, site) => [
    ...swapOperator(node, site, "BinaryOperation", ARITHMETIC),
    ...swapAssignment(node, site),
    ...swapIncrement(node),
  ],
  logical: (node, site) => swapOperator(node, site, "BinaryOperation", LOGICAL),
  /** `a` or `b` for `a && b`. */
  "drop-operand": (node, { source }) => {
    if (!LOGICAL.has(word(node, "operator"))) return [];
    return both(node).map((side) => instead(node, cut(source, spanOf(side))));
  },
  "negate-condition": negateCondition,
  /** Without a `require` or an `if (...) revert`. */
  "drop-check": (node, site) => (isCheck(node) ? [withoutStatement(node, site)] : []),
  /** Without an `if` and what it does, or without its `else`. */
  "drop-branch": (node, site) => {
    if (node.nodeType !== "IfStatement" || isCheck(node)) return [];
    const otherwise = child(node, "falseBody");
    return [withoutStatement(otherwise ?? node, site)];
  },
  "drop-return": (node, site) =>
    ["Return", "Continue", "Break"].includes(node.nodeType) ? [withoutStatement(node, site)] : [],
  /** Without an assignment, `delete`, `++` or `--`. */
  "drop-write": (node, site) => {
    if (node.nodeType === "YulAssignment") return [instead(node, "{}")];
    const inner = node.nodeType === "ExpressionStatement" ? child(node, "expression") : undefined;
    if (inner === undefined || !["Assignment", "UnaryOperation"].includes(inner.nodeType)) return [];
    const steps = site.above !== undefined && child(site.above, "loopExpression") === node;
    return [steps ? instead(node, "") : withoutStatement(node, site)];
  },
  /** Without a call whose result nobody uses. */
  "drop-call": (node, site) => {
    if (node.nodeType === "YulExpressionStatement") return [instead(node, "{}")];
    const inner = node.nodeType === "ExpressionStatement" ? child(node, "expression") : undefined;
    return inner?.nodeType === "FunctionCall" && !isCheck(node) ? [withoutStatement(node, site)] : [];
  },
  "drop-emit": (node, site) => (node.nodeType === "EmitStatement" ? [withoutStatement(node, site)] : []),
  "drop-modifier": (node) => (word(node, "kind") === "modifierInvocation" ? [instead(node, "")] : []),
  constant,
  "swap-sides": swapSides,
  "swap-arguments": swapArguments,
  "min-max": (node) => renamed(node, (name) => EXTREMES.get(name)),
  assembly: (node) => {
    const callee = node.nodeType === "YulFunctionCall" ? child(node, "functionName") : undefined;
    const other = callee === undefined ? undefined : YUL.get(word(callee, "name"));
    if (callee !== undefined && other !== undefined) return [instead(callee, other)];
    if (node.nodeType === "YulLiteral" && word(node, "kind") === "number") {
      return [instead(node, String(BigInt(word(node, "value")) + 1n))];
    }
    return [];
  },
};

function swaps(pairs: readonly (readonly [string, string])[]): ReadonlyMap<string, string> {
  return new Map(
    pairs.flatMap(([a, b]) => [
      [a, b],
      [b, a],
    ]),
  );
}

function instead(span: Node | Span, text: string): Edit {
  return { ...("nodeType" in span ? spanOf(span) : span), text };
}

/** An empty block may stand wherever a statement may, also alone below an `if`. */
function withoutStatement(node: Node, { source }: Site): Edit {
  return { start: spanOf(node).start, end: endOfStatement(source, node), text: "{}" };
}

function both(node: Node): Node[] {
  return [child(node, "leftExpression"), child(node, "rightExpression")].filter((side) => side !== undefined);
}

function swapOperator(node: Node, { source }: Site, type: string, table: ReadonlyMap<string, string>): Edit[] {
  const [left, right] = both(node);
  const operator = word(node, "operator");
  const other = node.nodeType === type ? table.get(operator) : undefined;
  if (left === undefined || right === undefined || other === undefined) return [];
  const between = { start: spanOf(left).end, end: spanOf(right).start };
  return [instead(between, cut(source, between).replace(operator, other))];
}

/** `-=` for `+=`. */
function swapAssignment(node: Node, { source }: Site): Edit[] {
  const [left, right] = [child(node, "leftHandSide"), child(node, "rightHandSide")];
  const operator = word(node, "operator");
  const other = ARITHMETIC.get(operator.slice(0, -1));
  if (node.nodeType !== "Assignment" || left === undefined || right === undefined || other === undefined) return [];
  const between = { start: spanOf(left).end, end: spanOf(right).start };
  return [instead(between, cut(source, between).replace(operator, `${other}=`))];
}

/** `--` for `++`, and nothing for `-` or `~`. */
function swapIncrement(node: Node): Edit[] {
  if (node.nodeType !== "UnaryOperation") return [];
  const { start, end } = spanOf(node);
  const operator = word(node, "operator");
  const at = flag(node, "prefix") ? { start, end: start + operator.length } : { start: end - operator.length, end };
  if (operator === "++") return [instead(at, "--")];
  if (operator === "--") return [instead(at, "++")];
  return ["-", "~"].includes(operator) ? [instead(at, "")] : [];
}

/** Whether it does nothing but refuse. */
function isCheck(node: Node): boolean {
  if (node.nodeType === "IfStatement") {
    const body = child(node, "trueBody");
    const [only, ...others] = body?.nodeType === "Block" ? children(body, "statements") : [body];
    return only?.nodeType === "RevertStatement" && others.length === 0 && child(node, "falseBody") === undefined;
  }
  const call = node.nodeType === "ExpressionStatement" ? child(node, "expression") : undefined;
  const callee = call === undefined ? undefined : child(call, "expression");
  return callee !== undefined && ["require", "assert"].includes(word(callee, "name"));
}

/** `!x` for whatever is decided by, or answered, except where `comparison` does just that. */
function negateCondition(node: Node, { source, above }: Site): Edit[] {
  if (typeOf(node) !== "bool" || above === undefined || ["==", "!="].includes(word(node, "operator"))) return [];
  if (node.nodeType === "Literal" || node.nodeType === "Assignment") return [];
  const decides =
    child(above, "condition") === node ||
    above.nodeType === "Return" ||
    LOGICAL.has(word(above, "operator")) ||
    (word(child(above, "expression") ?? above, "name") === "require" && children(above, "arguments")[0] === node);
  if (!decides) return [];
  const inner = word(node, "operator") === "!" ? child(node, "subExpression") : undefined;
  return [instead(node, inner === undefined ? `!(${cut(source, spanOf(node))})` : cut(source, spanOf(inner)))];
}

/** Another number, truth, text, or member of the enumeration. */
function constant(node: Node, { source, enums }: Site): Edit[] {
  const text = cut(source, spanOf(node));
  const kind = node.nodeType === "Literal" ? word(node, "kind") : "";
  if (kind === "number") return [instead(node, `(${text} + 1)`)];
  if (kind === "bool") return [instead(node, text === "true" ? "false" : "true")];
  if (kind === "string" && /"$/.test(text)) return [instead(node, text.replace(/"$/, 'x"'))];
  const members = node.nodeType === "MemberAccess" ? enums.get(declarationOf(node) ?? -1) : undefined;
  const name = word(node, "memberName");
  const other = members?.[(members.indexOf(name) + 1) % members.length];
  return other === undefined || other === name ? [] : [instead(node, `${text.slice(0, -name.length)}${other}`)];
}

function swapSides(node: Node): Edit[] {
  return renamed(node, (name) => {
    for (const [side, other] of SIDES) {
      if (name.includes(side)) return name.replace(side, other);
      if (name.includes(capital(side))) return name.replace(capital(side), capital(other));
    }
    return undefined;
  });
}

function capital(name: string): string {
  return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
}

/** The same expression with another name, the last one in it. */
function renamed(node: Node, other: (name: string) => string | undefined): Edit[] {
  const name = { Identifier: word(node, "name"), MemberAccess: word(node, "memberName") }[node.nodeType] ?? "";
  const changed = other(name);
  const { end } = spanOf(node);
  return changed === undefined ? [] : [instead({ start: end - name.length, end }, changed)];
}

/** Neighbours of the same type, in calls and in tuples. */
function swapArguments(node: Node, { source }: Site): Edit[] {
  const list = children(node, node.nodeType === "TupleExpression" ? "components" : "arguments");
  if (!["FunctionCall", "TupleExpression"].includes(node.nodeType)) return [];
  return list.slice(1).flatMap((right, index) => {
    const left = list[index];
    if (left === undefined || typeOf(left) === "" || typeOf(left) !== typeOf(right)) return [];
    const [a, b] = [spanOf(left), spanOf(right)];
    const [first, second] = [cut(source, a), cut(source, b)];
    if (first === second) return [];
    const between = cut(source, { start: a.end, end: b.start });
    return [instead({ start: a.start, end: b.end }, `${second}${between}${first}`)];
  });
}
