/**
 * The rules of what may import what in offchain/. They are a pure function over source texts, so that they can be tested;
 * test/architecture.test.ts applies them to the tree.
 */
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { findCycles } from "../lib/cycles.ts";
import { type Import, importsIn, isSign, usesGlobal, usesMember } from "../lib/imports.ts";
import { type Token, tokenize } from "../lib/tokens.ts";

/** Every folder of offchain/, lowest first: one imports only itself and what stands before it. */
export const RANKS = [
  "kernel",
  "terms",
  "ports",
  "identity",
  "transcript",
  "negotiation",
  "mechanism",
  "trust",
  "discovery",
  "guardrails",
  "dealing",
  "settlement",
  "market",
  "coordination",
  "adapters",
  "gateway",
  "node",
  "cli",
  "console",
  "index.ts",
] as const;

type Folder = (typeof RANKS)[number];

/** The folders before the adapters: time, chance and I/O reach them through ports only. */
const PURE: ReadonlySet<string> = new Set(RANKS.slice(0, RANKS.indexOf("adapters")));
/** What an adapter may import besides itself. */
const BELOW_ADAPTERS: ReadonlySet<string> = new Set(["kernel", "terms", "ports"]);
/** What several adapters of one port stand on: these may import it, and it imports none of them. */
const SHARED: ReadonlySet<string> = new Set([
  "adapters/transport/common",
  "adapters/transport/broker",
  "adapters/connector/http",
]);
/** What every adapter may import that has to do with addresses from outside: which may be followed, and what host one is of, is decided once. */
const OUTWARD = "adapters/outward";
/** What joins ports and adapters; index.ts hands them out. */
const COMPOSITION: ReadonlySet<string> = new Set(["node", "cli", "index.ts"]);

const IMPURE_GLOBALS = [
  ..."process console fetch performance navigator WebSocket XMLHttpRequest Buffer require".split(" "),
  ..."setTimeout setInterval setImmediate clearTimeout clearInterval".split(" "),
];
const IMPURE_MEMBERS = [
  ["Date", "now"],
  ["Math", "random"],
] as const;

/** A rule that a file breaks, as one line. */
export interface Violation {
  readonly file: string;
  readonly says: string;
}

interface Source {
  readonly file: string;
  readonly folder: Folder;
  readonly tokens: readonly Token[];
  readonly imports: readonly Import[];
}

/** Applies all rules to the files below offchain/: text by path from there, e.g. `kernel/bytes.ts`. */
export function violations(files: ReadonlyMap<string, string>): Violation[] {
  const unknown = [...files.keys()].filter((file) => folderOf(file) === undefined);
  const sources = [...files].flatMap(([file, text]) => parse(file, text));
  return [
    ...unknown.map((file) => ({
      file,
      says: "lies in a folder that has no rank (see RANKS in scripts/checks/architecture.ts)",
    })),
    ...sources.flatMap((source) => checkImports(source, files)),
    ...sources.flatMap(checkPurity),
    ...checkCycles(sources),
  ];
}

function folderOf(file: string): Folder | undefined {
  const first = file.split("/", 1)[0];
  const isFolder = file.includes("/");
  return RANKS.find((rank) => rank === first && (rank === "index.ts") !== isFolder);
}

function parse(file: string, text: string): Source[] {
  const folder = folderOf(file);
  if (folder === undefined) return [];
  const tokens = tokenize(text);
  return [{ file, folder, tokens, imports: importsIn(tokens) }];
}

function checkImports(source: Source, files: ReadonlyMap<string, string>): Violation[] {
  const { file, folder, imports } = source;
  return imports.flatMap(({ specifier, exported }) => {
    const problems = [
      exported && folder !== "index.ts" ? "re-exports another module: index.ts is the only barrel" : undefined,
      specifier === undefined ? "imports what it computes at run time" : importProblem(source, specifier, files),
    ];
    return problems.filter((says) => says !== undefined).map((says) => ({ file, says }));
  });
}

function importProblem(source: Source, specifier: string, files: ReadonlyMap<string, string>): string | undefined {
  if (!specifier.startsWith(".")) {
    const impure = PURE.has(source.folder) && isBuiltin(specifier);
    return impure ? `imports ${specifier}: ${source.folder}/ is pure, so that it runs anywhere` : undefined;
  }
  const target = resolve(source.file, specifier);
  if (!files.has(target)) return `imports ${specifier}, which is no file of offchain/`;
  const folder = folderOf(target);
  return folder === undefined ? undefined : rankProblem(source, target, folder);
}

function rankProblem({ file, folder }: Source, target: string, targetFolder: Folder): string | undefined {
  if (RANKS.indexOf(targetFolder) > RANKS.indexOf(folder)) {
    return `imports ${target}: ${targetFolder} stands above ${folder}`;
  }
  if (folder === "adapters") {
    const isOwn = targetFolder === "adapters" && (adapterOf(file) === adapterOf(target) || isShared(file, target));
    if (!isOwn && !BELOW_ADAPTERS.has(targetFolder)) {
      return `imports ${target}: an adapter imports only itself, what its port's adapters share, kernel, terms and ports`;
    }
  } else if (targetFolder === "adapters" && !COMPOSITION.has(folder)) {
    return `imports ${target}: only node/, cli/ and index.ts may know adapters`;
  }
  return undefined;
}

/** `adapters/<port>/<implementation>`, or `adapters/<port>` for what lies directly in it, such as adapters/chain. */
function adapterOf(file: string): string {
  return file.split("/").slice(0, -1).slice(0, 3).join("/");
}

/** Whether the target is what adapters of the file's port share, or all of them. */
function isShared(file: string, target: string): boolean {
  if (adapterOf(target) === OUTWARD) return adapterOf(file) !== OUTWARD;
  return SHARED.has(adapterOf(target)) && portOf(file) === portOf(target);
}

function portOf(file: string): string {
  return file.split("/").slice(0, 2).join("/");
}

function checkPurity({ file, folder, tokens }: Source): Violation[] {
  if (!PURE.has(folder)) return [];
  const used = [
    ...IMPURE_GLOBALS.filter((name) => usesGlobal(tokens, name)),
    ...IMPURE_MEMBERS.filter(([object, member]) => usesMember(tokens, object, member)).map((pair) => pair.join(".")),
    ...(readsClock(tokens) ? ["new Date()"] : []),
  ];
  return used.map((name) => ({ file, says: `uses ${name}: ${folder}/ is pure; take it through a port` }));
}

function readsClock(tokens: readonly Token[]): boolean {
  return tokens.some(
    ({ text }, at) =>
      text === "new" &&
      tokens[at + 1]?.text === "Date" &&
      (!isSign(tokens[at + 2], "(") || isSign(tokens[at + 3], ")")),
  );
}

function checkCycles(sources: readonly Source[]): Violation[] {
  const graph = new Map(
    sources.map(({ file, imports }) => [
      file,
      imports.flatMap(({ specifier }) => (specifier?.startsWith(".") ? [resolve(file, specifier)] : [])),
    ]),
  );
  return findCycles(graph).map((cycle) => ({
    file: cycle[0] ?? "",
    says: `is in a cycle: ${[...cycle, cycle[0]].join(" -> ")}`,
  }));
}

function resolve(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier);
}
