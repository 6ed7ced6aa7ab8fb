import { join } from "node:path";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import { isXml, readScenario, type ScenarioFiles } from "./scenario-file.ts";
import { type Entry, listFolder, readText } from "./text-file.ts";

/** A scenario of a folder. */
export interface FoundScenario extends ScenarioFiles {
  /** What its file or folder is called there. */
  readonly name: string;
}

/** What a tournament does without, and why. */
export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

/** What a folder has for tournaments of two, and what is left out of it. */
export interface ScenarioFolder {
  readonly scenarios: readonly FoundScenario[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * The scenarios of a folder, in the order of their names: our own as JSON files, and those of public collections as folders with a
 * domain of Genius and its profiles, or with profiles of GeniusWeb. All are read once, so that none fails in the middle of a tournament;
 * one that can't be read doesn't keep the others from being played.
 */
export function scenariosIn(folder: string): ScenarioFolder {
  const scenarios: FoundScenario[] = [];
  const leftOut: LeftOut[] = [];
  for (const entry of listFolder(folder)) {
    const path = join(folder, entry.name);
    const found = tried(() => scenarioAt(path, entry));
    if (typeof found === "string") leftOut.push({ path, why: found });
    else if (found !== null) scenarios.push({ name: entry.name, ...found });
  }
  if (scenarios.length > 0) return { scenarios, leftOut };
  const [first] = leftOut;
  const reason = first === undefined ? "" : `: left out ${first.path}: ${first.why}`;
  throw new ParleyError("BadScenario", `${folder} has no scenario of two parties${reason}`, {
    hint: "It takes JSON files as in examples/scenarios, or a folder for each domain of Genius or GeniusWeb.",
    facts: { file: folder },
  });
}

/** The files of a scenario for two, or why it is none; null for what doesn't mean to be one. */
function scenarioAt(path: string, { name, kind }: Entry): ScenarioFiles | string | null {
  if (kind === "nowhere") return "it is a link that leads nowhere";
  if (kind === "file" && !/\.json$/i.test(name)) return null;
  const files = kind === "folder" ? competitionFolder(path) : { scenario: path, profiles: [] };
  if (files === null) return null;
  const count = kind === "folder" ? files.profiles.length : readScenario(files).parties.length;
  if (count !== 2) return `it is for ${count}, and tournaments are for two`;
  if (kind === "folder") readScenario(files);
  return files;
}

/** What is wrong with a document, instead of its being thrown. */
function tried<T>(read: () => T): T | string {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof ParleyError) return messageOf(thrown);
    throw thrown;
  }
}

/** The files of a domain, told by what is in them, as their names follow no rule; null if it has no profiles. */
function competitionFolder(folder: string): ScenarioFiles | null {
  const paths = listFolder(folder)
    .filter(({ name, kind }) => kind === "file" && /\.(xml|json)$/i.test(name))
    .map(({ name }) => join(folder, name));
  const kinds = Map.groupBy(paths, (path) => kindOf(readText(path)));
  const [domain] = kinds.get("domain") ?? [];
  if (domain !== undefined) return { scenario: domain, profiles: kinds.get("profile") ?? [] };
  const profiles = kinds.get("webProfile") ?? [];
  return profiles.length === 0 ? null : { scenario: undefined, profiles };
}

function kindOf(text: string): "domain" | "profile" | "webProfile" | "other" {
  if (!isXml(text)) return /^\s*\{\s*"LinearAdditiveUtilitySpace"/.test(text) ? "webProfile" : "other";
  const [, root] = /<([A-Za-z_][^\s/>]*)/.exec(text.replace(/<!--.*?-->/gs, "")) ?? [];
  if (root === "negotiation_template") return "domain";
  return root === "utility_space" ? "profile" : "other";
}
