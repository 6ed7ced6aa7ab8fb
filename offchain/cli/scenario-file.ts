import { basename } from "node:path";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import { visible } from "../kernel/visible.ts";
import { scenarioFromGenius } from "../negotiation/formats/genius-xml.ts";
import { scenarioFromGeniusWeb } from "../negotiation/formats/geniusweb-json.ts";
import { type References, scenarioFromJson } from "../negotiation/formats/scenario-json.ts";
import type { Scenario } from "../negotiation/scenario.ts";
import { usageError } from "./command.ts";
import { readText } from "./text-file.ts";

/** Where a scenario is: one file of our own form, a domain of Genius with its profiles, or profiles of GeniusWeb alone. */
export interface ScenarioFiles {
  readonly scenario: string | undefined;
  readonly profiles: readonly string[];
}

/** What a command's flags name; whatever goes together otherwise is a usage error. */
export function scenarioFlags(
  command: string,
  { scenario, profile }: { readonly scenario?: string; readonly profile: readonly string[] },
): ScenarioFiles {
  if (scenario === undefined && profile.length === 0) throw usageError("--scenario is missing", command);
  if (profile.length === 1) throw usageError("--profile is given once: each party has one", command);
  return { scenario, profiles: profile };
}

/** Reads a scenario from its files; what is wrong is told with the file's name. */
export function readScenario({ scenario, profiles }: ScenarioFiles, references: References = {}): Scenario {
  const paths = scenario === undefined ? profiles : [scenario, ...profiles];
  const texts = paths.map(readText);
  const [first = ""] = texts;
  const ours = scenario !== undefined && profiles.length === 0 && !isXml(first);
  const [name] = Object.keys(references);
  if (!ours && name !== undefined) throw refused(paths, `no figure depends on a reference, such as ${name}`);
  if (ours) return naming(paths, () => fromOurs(first, references));
  if (scenario === undefined && texts.some(isXml)) {
    throw refused(paths, "these are profiles of Genius, and --scenario has to name their domain");
  }
  if (scenario === undefined) return naming(paths, () => fromGeniusWeb(paths, texts));
  if (!isXml(first)) throw refused([scenario], "profiles go with a domain in the XML of Genius, and this is none");
  if (profiles.length === 0) throw refused([scenario], "a domain of Genius needs a --profile for each party");
  return fromGenius(paths, texts);
}

/** Whether a text is XML, or means to be. */
export function isXml(text: string): boolean {
  return /^\s*</.test(text);
}

/** Errors name file and line; parties are called after their files, whose names may have what a terminal would obey. */
function fromGenius(paths: readonly string[], texts: readonly string[]): Scenario {
  const [domain = { name: "", text: "" }, ...profiles] = paths.map((name, index) => ({
    name: visible(name),
    text: texts[index] ?? "",
  }));
  const { space, parties } = naming([], () => scenarioFromGenius(domain, profiles));
  const titles = profiles.map(({ name }) => titleOf(name));
  const isClear = new Set(titles).size === titles.length;
  return {
    name: titleOf(domain.name),
    space,
    parties: isClear ? parties.map((party, index) => ({ ...party, name: titles[index] ?? party.name })) : parties,
  };
}

function fromGeniusWeb(paths: readonly string[], texts: readonly string[]): Scenario {
  return scenarioFromGeniusWeb(paths.map((path, index) => naming([path], () => parse(texts[index] ?? ""))));
}

function titleOf(path: string): string {
  return basename(path).replace(/\.[^.]*$/, "");
}

/** Says which files it was, and where to read what is right. */
function naming<T>(paths: readonly string[], act: () => T): T {
  try {
    return act();
  } catch (thrown) {
    if (!(thrown instanceof ParleyError) || thrown.hint !== undefined) throw thrown;
    throw refused(paths, thrown.message, thrown.facts);
  }
}

function refused(paths: readonly string[], message: string, facts: ParleyError["facts"] = {}) {
  const where = paths.length === 0 ? "" : `${paths.join(", ")}: `;
  return new ParleyError("BadScenario", `${where}${message}`, {
    hint: "Mend it and try again; docs/scenarios.md has the forms that are read.",
    facts,
  });
}

/** Figures that nothing in the document asks for are refused: a slip of the pen would go unnoticed. */
function fromOurs(text: string, references: References): Scenario {
  const document = parse(text);
  const scenario = scenarioFromJson(document, references);
  const asked = referencesIn(document);
  const unasked = Object.keys(references).find((name) => !asked.has(name));
  if (unasked === undefined) return scenario;
  throw new ParleyError("BadScenario", `no figure depends on a reference named ${unasked}`, {
    facts: { field: "references" },
  });
}

/** What worths in a document are relative to. It may be of any depth. */
function referencesIn(document: unknown): Set<unknown> {
  const asked = new Set<unknown>();
  const left = [document];
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    if (typeof one !== "object" || one === null) continue;
    if ("relativeTo" in one) asked.add(one.relativeTo);
    for (const member of Object.values(one)) left.push(member);
  }
  return asked;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    throw new ParleyError("BadScenario", `this is no JSON: ${messageOf(thrown)}`, { facts: { field: "the document" } });
  }
}

/** Reads flags such as `--reference spot=104.5`. */
export function readReferences(command: string, flags: readonly string[]): References {
  return Object.fromEntries(
    flags.map((flag) => {
      const [name = "", value = ""] = flag.split("=", 2);
      const number = Number(value);
      if (name === "" || value.trim() === "" || !Number.isFinite(number)) {
        throw usageError(`--reference takes a name and a number, such as spot=104.5, not '${flag}'`, command);
      }
      return [name, number];
    }),
  );
}
