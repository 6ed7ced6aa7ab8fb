import { ParleyError } from "../../kernel/errors.ts";
import { type Issue, IssueSpace } from "../../terms/issue-space.ts";
import type { Party, Scenario } from "../scenario.ts";
import { Utility } from "../utility.ts";
import { withDistinctNames } from "./distinct-names.ts";
import { readWorth } from "./genius-evaluator.ts";
import { XmlNode } from "./xml-node.ts";

/** A file of a Genius scenario. */
export interface GeniusFile {
  /** What it is called in errors; of a profile also the party's name. */
  readonly name: string;
  readonly text: string;
}

interface NumberedIssue {
  readonly node: XmlNode;
  /** By which profiles refer to it. */
  readonly index: number;
  readonly issue: Issue;
}

/**
 * Reads a scenario of Genius: a domain and a profile for each party, all linear-additive. As in Genius, issues are told by their index,
 * evaluations of discrete values are divided by the greatest, weights of objectives over objectives don't count, and without a
 * reservation no deal is worth 0. A value that an issue lists twice counts once. Weights are scaled to sum to 1. Throws `BadScenario` naming file and line.
 */
export function scenarioFromGenius(domain: GeniusFile, profiles: readonly GeniusFile[]): Scenario {
  const root = XmlNode.parse(domain);
  const space = root.element.name === "utility_space" ? root : root.single("utility_space");
  const issues = space.all("issue").map(readIssue);
  const double = issues.find(({ index }, place) => issues.findIndex((other) => other.index === index) !== place);
  if (double !== undefined) throw space.refuse(`there are two issues of index ${double.index}`);
  if (profiles.length < 2) throw root.refuse(`${profiles.length} profiles are no negotiation: it takes two`);
  return {
    name: domain.name,
    space: spaceOf(issues, space),
    parties: withDistinctNames(profiles.map((profile) => readProfile(profile, issues))),
  };
}

/** What is wrong with an issue is told with the line where it stands. */
function spaceOf(issues: readonly NumberedIssue[], root: XmlNode): IssueSpace {
  try {
    return new IssueSpace(issues.map(({ issue }) => issue));
  } catch (thrown) {
    if (!(thrown instanceof ParleyError)) throw thrown;
    const field = String(thrown.facts["field"]);
    const place = /^issues\[(\d+)\]/.exec(field)?.[1];
    const node = place === undefined ? undefined : issues[Number(place)]?.node;
    throw (node ?? root).refuse(thrown.message.replace(`${field}: `, ""));
  }
}

function readIssue(node: XmlNode): NumberedIssue {
  const index = node.whole("index");
  const name = node.text("name");
  const kind = node.optional("type") ?? node.optional("vtype") ?? "discrete";
  if (kind === "discrete") {
    const values = new Set(node.children("item").map((item) => item.text("value")));
    return { node, index, issue: { kind, name, values: [...values] } };
  }
  if (kind !== "integer" && kind !== "real") throw node.refuse(`the issue ${name} is of the unknown type ${kind}`);
  const range = node.children("range")[0] ?? node;
  if (kind === "integer") {
    return { node, index, issue: { kind, name, from: range.whole("lowerbound"), to: range.whole("upperbound") } };
  }
  const [from, to] = [range.number("lowerbound"), range.number("upperbound")];
  return { node, index, issue: { kind: "continuous", name, from, to } };
}

function readProfile(file: GeniusFile, issues: readonly NumberedIssue[]): Party {
  const root = XmlNode.parse(file);
  const space = root.element.name === "utility_space" ? root : root.single("utility_space");
  if (
    /^(nonlinear|constraint)$/i.test(space.optional("type") ?? "") ||
    space.has("utility", "ufun", "hyperRectangle")
  ) {
    throw space.refuse("the profile is not linear-additive, and no other is read");
  }
  const weights = readWeights(space, issues);
  const found = new Map(space.all("issue").map((node) => [node.whole("index"), node]));
  const worths = issues.map(({ index, issue }) => {
    const node = found.get(index);
    if (node === undefined)
      throw space.refuse(`there is no issue of index ${index}, which the domain calls ${issue.name}`);
    return readWorth(node, issue);
  });
  const discount = space.all("discount_factor")[0]?.number("value") ?? 1;
  return {
    name: file.name,
    utility: new Utility(weights, worths),
    reservation: space.all("reservation")[0]?.number("value") ?? 0,
    // Genius ignores a factor that makes no sense.
    discount: discount > 0 && discount <= 1 ? discount : 1,
  };
}

/** Without any weight all count the same, as in domains of one issue. */
function readWeights(space: XmlNode, issues: readonly NumberedIssue[]): number[] {
  const nodes = new Map(space.all("weight").map((node) => [node.whole("index"), node]));
  if (nodes.size === 0) return issues.map(() => 1 / issues.length);
  const weights = issues.map(({ index, issue }) => {
    const node = nodes.get(index);
    if (node === undefined)
      throw space.refuse(`there is no weight of index ${index}, which the domain calls ${issue.name}`);
    const weight = node.number("value");
    if (weight < 0) throw node.refuse(`the weight ${weight} is below 0`);
    return weight;
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (!(sum > 0)) throw space.refuse("all weights are 0");
  return weights.map((weight) => weight / sum);
}
