import { join } from "node:path";
import { ParleyError } from "../kernel/errors.ts";
import { isXml, readScenario, type ScenarioFiles } from "./scenario-file.ts";
import { listFolder, readText } from "./text-file.ts";

/** What a folder has for tournaments of two, and what is left out of it, and why. */
export interface ScenarioFolder {
  readonly scenarios: readonly ScenarioFiles[];
  readonly leftOut: readonly string[];
}

/**
 * The scenarios of a folder, in the order of their names: our own as JSON files, and those of public collections as folders with a
 * domain of Genius and its profiles, or with profiles of GeniusWeb. All are read once, so that none fails in the middle of a tournament.
 */
export function scenariosIn(folder: string): ScenarioFolder {
  const leftOut: string[] = [];
  const scenarios = listFolder(folder).flatMap(({ name, isFolder }): ScenarioFiles[] => {
    const path = join(folder, name);
    const files = isFolder ? competitionFolder(path) : name.endsWith(".json") ? { scenario: path, profiles: [] } : null;
    if (files === null) return [];
    const count = isFolder ? files.profiles.length : readScenario(files).parties.length;
    if (count !== 2) {
      leftOut.push(`${path}: it is for ${count}, and tournaments are for two`);
      return [];
    }
    if (isFolder) readScenario(files);
    return [files];
  });
  if (scenarios.length === 0) {
    throw new ParleyError("BadScenario", `${folder} has no scenario of two parties`, {
      hint: "It takes JSON files as in examples/scenarios, or a folder for each domain of Genius or GeniusWeb.",
      facts: { file: folder },
    });
  }
  return { scenarios, leftOut };
}

/** The files of a domain, told by what is in them, as their names follow no rule; null if it has no profiles. */
function competitionFolder(folder: string): ScenarioFiles | null {
  const paths = listFolder(folder)
    .filter(({ name, isFolder }) => !isFolder && /\.(xml|json)$/i.test(name))
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
