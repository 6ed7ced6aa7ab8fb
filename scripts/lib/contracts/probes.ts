/**
 * Puts probes into contracts: one before each statement, and one for each outcome of each condition. A probe calls an address where
 * Hardhat's simulated chain listens for coverage. (Hardhat's own coverage knows statements only.)
 */
import { child, children, codeIn, lineAt, type Span, spanOf, walk, word } from "./ast.ts";
import { applyEdits, cut, type Edit } from "./edits.ts";
import type { Node } from "./solc.ts";

/** What a probe tells of. Of a condition there are two, one for each outcome. */
export interface Probe extends Span {
  readonly file: string;
  readonly line: number;
  /** The function that it stands in. */
  readonly code: string;
  readonly kind: "function" | "statement" | "true" | "false";
  /** The first line of what is watched. */
  readonly text: string;
}

export const PROBE_SOURCE = "parley-probe.sol";

/** Like Hardhat's own: the call is hidden from the compiler, so that pure functions can be watched too. */
export const PROBE_CONTRACT = `// SPDX-License-Identifier: MIT
pragma solidity >=0.8.0;
library ParleyProbe {
  function _send(uint256 id) private view {
    assembly ("memory-safe") {
      let free := mload(0x40)
      mstore(free, id)
      pop(staticcall(gas(), 0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE, free, 32, 0, 0))
    }
  }
  function _pure(function(uint256) internal view f) private pure returns (function(uint256) internal pure g) {
    assembly ("memory-safe") { g := f }
  }
  function hit(uint256 id) internal pure { _pure(_send)(id); }
  function test(bool outcome, uint256 ifTrue) internal pure returns (bool) {
    _pure(_send)(outcome ? ifTrue : ifTrue + 1);
    return outcome;
  }
}
`;

/** The source with probes, numbered from `first`. */
export function addProbes(
  file: string,
  source: string,
  ast: Node,
  first: number,
): { readonly source: string; readonly probes: readonly Probe[] } {
  const probes: Probe[] = [];
  const edits: Edit[] = [];

  for (const { name, definition, parts } of codeIn(ast)) {
    const body = child(definition, "body");
    if (body === undefined) continue;

    const add = (node: Node, kind: Probe["kind"]): number => {
      const span = spanOf(node);
      const text = cut(source, span).split("\n", 1)[0]?.trim() ?? "";
      probes.push({ ...span, file, line: lineAt(source, span.start), code: name, kind, text });
      return first + probes.length - 1;
    };
    const insert = (at: number, text: string) => edits.push({ start: at, end: at, text });
    const watchCondition = (condition: Node): void => {
      const { start, end } = spanOf(condition);
      insert(start, `ParleyProbe.test(`);
      insert(end, `, ${add(condition, "true")})`);
      add(condition, "false");
    };

    insert(spanOf(body).start + 1, ` ParleyProbe.hit(${add(definition, "function")});`);
    for (const part of parts) {
      walk(part, (node, [above]) => {
        if (isStatement(node, above)) {
          const { start } = spanOf(node);
          const alone = above !== undefined && !isBlock(above);
          insert(start, `${alone ? "{ " : ""}ParleyProbe.hit(${add(node, "statement")}); `);
          if (alone) insert(endOfStatement(source, node), " }");
        }
        for (const condition of conditionsOf(node)) watchCondition(condition);
      });
    }
  }
  return { source: `${applyEdits(source, edits)}\nimport {ParleyProbe} from "${PROBE_SOURCE}";\n`, probes };
}

function isBlock({ nodeType }: Node): boolean {
  return nodeType === "Block" || nodeType === "UncheckedBlock";
}

const LOOPS = ["ForStatement", "WhileStatement", "DoWhileStatement"];

/** Statements, blocks left out; also those that stand alone below an `if` or a loop. */
function isStatement(node: Node, above: Node | undefined): boolean {
  if (above === undefined || isBlock(node)) return false;
  if (isBlock(above)) return true;
  if (above.nodeType === "IfStatement") return ["trueBody", "falseBody"].some((field) => child(above, field) === node);
  return LOOPS.includes(above.nodeType) && child(above, "body") === node;
}

/** A statement's end, its semicolon included. */
export function endOfStatement(source: string, node: Node): number {
  const { end } = spanOf(node);
  const bytes = Buffer.from(source);
  const semicolon = /^\s*;/.exec(bytes.subarray(end, end + 200).toString())?.[0];
  return semicolon === undefined ? end : end + semicolon.length;
}

/** The conditions that a node decides by, taken apart at `&&`, `||` and `!`. */
function conditionsOf(node: Node): Node[] {
  if (["IfStatement", "Conditional", ...LOOPS].includes(node.nodeType)) {
    const condition = child(node, "condition");
    return condition === undefined ? [] : leaves(condition);
  }
  if (node.nodeType === "FunctionCall" && word(child(node, "expression") ?? node, "name") === "require") {
    return children(node, "arguments").slice(0, 1).flatMap(leaves);
  }
  return [];
}

function leaves(condition: Node): Node[] {
  if (condition.nodeType === "BinaryOperation" && ["&&", "||"].includes(word(condition, "operator"))) {
    return ["leftExpression", "rightExpression"].flatMap((side) => leaves(child(condition, side) ?? condition));
  }
  if (condition.nodeType === "UnaryOperation" && word(condition, "operator") === "!") {
    return leaves(child(condition, "subExpression") ?? condition);
  }
  const inner = condition.nodeType === "TupleExpression" ? children(condition, "components") : [];
  return inner.length === 1 ? inner.flatMap(leaves) : [condition];
}
