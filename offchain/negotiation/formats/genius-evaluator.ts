import type { Issue } from "../../terms/issue-space.ts";
import type { Point, Worth } from "../utility.ts";
import type { XmlNode } from "./xml-node.ts";

/** Below this the greatest evaluation counts as none, in Genius as here. */
const NOTHING = 0.00001;

/** What the values of an issue are worth by a Genius profile, before the issue's weight. */
export function readWorth(node: XmlNode, issue: Issue): Worth {
  if (issue.kind === "discrete") return readEvaluations(node, issue.name, issue.values);
  const [evaluator] = node.children("evaluator");
  if (evaluator === undefined) throw node.refuse(`the issue ${issue.name} has no <evaluator>`);
  return { kind: "lines", points: issue.from === issue.to ? level(evaluator, issue) : readFunction(evaluator, issue) };
}

function readEvaluations(node: XmlNode, name: string, values: readonly string[]): Worth {
  const items = new Map(node.children("item").map((item) => [item.text("value"), item]));
  const evaluations = values.map((value) => {
    const item = items.get(value);
    if (item === undefined) throw node.refuse(`the issue ${name} has no <item> with the value ${value}`);
    return item.number("evaluation");
  });
  const greatest = evaluations.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  const table = Float64Array.from(evaluations, (one) => (greatest < NOTHING ? 0 : one / greatest));
  return { kind: "table", first: 0, table };
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** A range of a single value. */
function level(evaluator: XmlNode, { from }: Range): Point[] {
  const points = readFunction(evaluator, { from, to: from + 1 });
  return [[from, points[0]?.[1] ?? 0]];
}

/**
 * Straight lines that run as the evaluator does: `linear` by slope and offset from the lower bound on, or by parameters from 0 on, kept
 * within 0 and 1; `constant`; or `triangular`, rising from a foot to the top and falling to the other foot.
 */
function readFunction(evaluator: XmlNode, range: Range): Point[] {
  const shape = (evaluator.optional("ftype") ?? "linear").toLowerCase();
  if (shape === "linear" && evaluator.optional("slope") !== undefined) {
    const [slope, offset] = [evaluator.number("slope"), evaluator.number("offset")];
    return clamped(range, slope, offset - slope * range.from);
  }
  if (shape === "linear") return clamped(range, evaluator.number("parameter1"), evaluator.number("parameter0"));
  if (shape === "constant") return [[range.from, evaluator.number("parameter0")]];
  if (shape === "triangular") return triangle(evaluator);
  throw evaluator.refuse(`the evaluator's type ${shape} is not linear, constant or triangular`);
}

function clamped({ from, to }: Range, slope: number, offset: number): Point[] {
  const at = (value: number) => Math.min(1, Math.max(0, slope * value + offset));
  const bends =
    slope === 0 ? [] : [(0 - offset) / slope, (1 - offset) / slope].filter((bend) => bend > from && bend < to);
  return [from, ...bends.sort((a, b) => a - b), to].map((value) => [value, at(value)]);
}

function triangle(evaluator: XmlNode): Point[] {
  const [from, to, top] = [0, 1, 2].map((index) => evaluator.number(`parameter${index}`));
  if (from === undefined || to === undefined || top === undefined || !(from < top && top < to)) {
    throw evaluator.refuse("the top of a triangle has to lie between its feet");
  }
  return [
    [from, 0],
    [top, 1],
    [to, 0],
  ];
}
