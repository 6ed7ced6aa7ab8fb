/**
 * Puts many mutants into one source, so that the compiler, which takes longer than the tests, is asked once for all of them. A function
 * becomes a choice among copies of it: one as it was, and one for each of its mutants. Which copy runs is said by the address of a
 * library that is only filled in when the code is linked.
 */
import { child, children, type Span, spanOf, walk, word } from "../contracts/ast.ts";
import { applyEdits, cut, type Edit } from "../contracts/edits.ts";
import type { Compiled, Node } from "../contracts/solc.ts";
import type { Mutant } from "./mutants.ts";

export const CHOICE_SOURCE = "parley-choice.sol";

/** The address is hidden from the compiler until it links, so it can leave no copy out. */
export const CHOICE_CONTRACT = `// SPDX-License-Identifier: MIT
pragma solidity >=0.8.0;
library ParleyChosen {
  function touch() external {}
}
function parleyChose(uint160 number) pure returns (bool) {
  return uint160(address(ParleyChosen)) == number;
}
`;

/** The functions of a file of which copies can be made: all with a body, but no constructors. */
function choosable(ast: Node): Node[] {
  const found: Node[] = [];
  walk(ast, (node) => {
    const able = node.nodeType === "FunctionDefinition" && word(node, "kind") !== "constructor";
    if (able && child(node, "body") !== undefined) found.push(node);
  });
  return found;
}

/** Whether a mutant can stand beside others in one source. Those of constants, modifiers and constructors have to be compiled alone. */
export function isWeavable(ast: Node, { edit }: Pick<Mutant, "edit">): boolean {
  return choosable(ast).some((definition) => holds(spanOf(definition), edit));
}

/** The source with the mutants in it, each chosen by its number; none is chosen by zero. */
export function weave(source: string, ast: Node, mutants: ReadonlyMap<number, Mutant>): string {
  const edits = choosable(ast).flatMap((definition) => {
    const inside = [...mutants].filter(([, { edit }]) => holds(spanOf(definition), edit));
    return inside.length === 0 ? [] : makeChoice(source, definition, new Map(inside));
  });
  return `${applyEdits(source, edits)}\nimport {parleyChose} from "${CHOICE_SOURCE}";\n`;
}

/** The mutant in whose copy a byte of a woven source is; undefined if it is in none. */
export function chosenAt(woven: string, start: number): number | undefined {
  const before = Buffer.from(woven).subarray(0, start).toString();
  const copies = [...before.matchAll(/^function parley_\d+_(\d+)\(/gm)];
  return copies.length === 0 ? undefined : Number(copies.at(-1)?.[1]);
}

/** Linked so that a mutant runs. */
export function choose(code: Compiled, number: number): Compiled {
  const address = number.toString(16).padStart(40, "0");
  const linked = <Code extends Compiled["evm"]["bytecode"]>(one: Code): Code => ({
    ...one,
    object: one.object.replaceAll(/__\$[0-9a-f]{34}\$__/g, address),
    linkReferences: {},
  });
  return { evm: { bytecode: linked(code.evm.bytecode), deployedBytecode: linked(code.evm.deployedBytecode) } };
}

/** The edits that make a function a choice. */
function makeChoice(source: string, definition: Node, mutants: ReadonlyMap<number, Mutant>): Edit[] {
  const body = child(definition, "body");
  if (body === undefined) throw new Error("a function without a body has no mutants");
  const call = (number: number) => {
    const given = parametersOf(definition).map((parameter, index) => word(parameter, "name") || `parley${index}`);
    const called = `${copyName(definition, number)}(${given.join(", ")})`;
    return returns(definition) ? `return ${called};` : `{ ${called}; return; }`;
  };
  const choices = [...mutants.keys()].map((number) => `if (parleyChose(${number})) ${call(number)}`);
  const copies = [0, ...mutants.keys()].map((number) => copy(source, definition, number, mutants.get(number)?.edit));
  return [
    ...namesForNameless(definition),
    ...children(definition, "modifiers")
      .filter(isModifier)
      .map((node) => ({ ...spanOf(node), text: "" })),
    { ...spanOf(body), text: `{ ${[...choices, call(0)].join(" ")} }\n${copies.join("\n")}` },
  ];
}

/** A function of another name that does the same, but for the edit. */
function copy(source: string, definition: Node, number: number, edit: Edit | undefined): string {
  const piece = (node: Node | undefined) => (node === undefined ? "" : edited(source, spanOf(node), edit));
  const mutability = word(definition, "stateMutability");
  return [
    `function ${copyName(definition, number)}${piece(child(definition, "parameters"))}`,
    word(definition, "kind") === "freeFunction" ? "" : "internal",
    mutability === "payable" || mutability === "nonpayable" ? "" : mutability,
    ...children(definition, "modifiers").filter(isModifier).map(piece),
    returns(definition) ? `returns ${piece(child(definition, "returnParameters"))}` : "",
    piece(child(definition, "body")),
  ].join(" ");
}

function copyName(definition: Node, number: number): string {
  return `parley_${definition.id ?? 0}_${number}`;
}

/** A stretch of the source, with the edit if that is within. */
function edited(source: string, span: Span, edit: Edit | undefined): string {
  if (edit === undefined || !holds(span, edit)) return cut(source, span);
  return (
    cut(source, { start: span.start, end: edit.start }) + edit.text + cut(source, { start: edit.end, end: span.end })
  );
}

function parametersOf(definition: Node): Node[] {
  return children(child(definition, "parameters") ?? definition, "parameters");
}

/** Names for the parameters that have none, which the choice has to hand on. */
function namesForNameless(definition: Node): Edit[] {
  return parametersOf(definition).flatMap((parameter, index) => {
    const { end } = spanOf(parameter);
    return word(parameter, "name") === "" ? [{ start: end, end, text: ` parley${index}` }] : [];
  });
}

function returns(definition: Node): boolean {
  return children(child(definition, "returnParameters") ?? definition, "parameters").length > 0;
}

function isModifier(node: Node): boolean {
  return word(node, "kind") !== "baseConstructorSpecifier";
}

function holds(span: Span, { start, end }: Span): boolean {
  return span.start <= start && end <= span.end;
}
