import { posix } from "node:path";

/** The declaration files that `tsc` wrote: text by path from their root, e.g. `terms/deal.d.ts`. */
export type DeclarationFiles = ReadonlyMap<string, string>;

/** One name that the package exports, and how it is declared. */
export interface Exported {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

/** All that a module exports, followed to where it is declared, sorted by name. */
export function publicSurface(files: DeclarationFiles, entry: string): Exported[] {
  return exportsOf(files, entry).sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
}

function exportsOf(files: DeclarationFiles, file: string): Exported[] {
  const text = files.get(file);
  if (text === undefined) throw new Error(`${file} isn't among the declarations`);
  const statements = statementsOf(text);
  return statements.flatMap((statement) => {
    const again = /^export (?:type )?(\*|\* as \w+|\{[\s\S]*\}) from "(.+)";$/.exec(statement);
    if (again?.[1] !== undefined && again[2] !== undefined) return followed(files, file, again[1], again[2]);
    const name = declaredName(statement);
    if (name !== undefined && statement.startsWith("export")) return [{ name, file, text: statement }];
    const local = /^export (?:type )?\{([\s\S]*)\};$/.exec(statement)?.[1];
    return local === undefined ? [] : namesIn(local).flatMap((pair) => localExport(files, file, statements, pair));
  });
}

/** `export ... from "..."` */
function followed(files: DeclarationFiles, file: string, what: string, from: string): Exported[] {
  if (!from.startsWith(".")) return [{ name: `${what} of ${from}`, file, text: `export ${what} from "${from}";` }];
  const target = posix.join(posix.dirname(file), from.replace(/\.(js|ts)$/, ".d.ts"));
  const all = exportsOf(files, target);
  if (what === "*") return all;
  const namespace = /^\* as (\w+)$/.exec(what)?.[1];
  if (namespace !== undefined) return all.map((one) => ({ ...one, name: `${namespace}.${one.name}` }));
  return namesIn(what.slice(1, -1)).flatMap(({ inside, outside }) => {
    const found = all.filter(({ name }) => name === inside);
    if (found.length === 0) throw new Error(`${target} doesn't declare ${inside}, which ${file} exports`);
    return found.map((one) => ({ ...one, name: outside }));
  });
}

/** `export { a, b as c };` of things that the file declares, or imports from another. */
function localExport(
  files: DeclarationFiles,
  file: string,
  statements: readonly string[],
  { inside, outside }: { inside: string; outside: string },
): Exported[] {
  const declared = statements.filter((statement) => declaredName(statement) === inside);
  if (declared.length > 0) return declared.map((text) => ({ name: outside, file, text }));
  for (const statement of statements) {
    const imported = /^import (?:type )?\{([\s\S]*)\} from "(.+)";$/.exec(statement);
    const pair = namesIn(imported?.[1] ?? "").find((candidate) => candidate.outside === inside);
    if (imported?.[2] !== undefined && pair !== undefined) {
      return followed(files, file, `{ ${pair.inside} as ${outside} }`, imported[2]);
    }
  }
  throw new Error(`${file} exports ${inside}, but neither declares nor imports it by name`);
}

function namesIn(list: string): { inside: string; outside: string }[] {
  return list
    .split(",")
    .map((part) => part.trim().replace(/^type /, ""))
    .filter((part) => part !== "")
    .map((part) => {
      const [inside = part, outside = inside] = part.split(" as ");
      return { inside, outside };
    });
}

function declaredName(statement: string): string | undefined {
  const words =
    /^(?:export )?(?:default )?(?:declare )?(?:abstract )?(?:function|class|interface|type|const|let|var|namespace) (\w+)/;
  return words.exec(statement)?.[1];
}

/**
 * Cuts a declaration file into its statements, comments left out: what a comment says is not part of the interface.
 * The text is as `tsc` writes it, so a statement begins in the first column and goes on in lines that are indented or close a bracket.
 */
function statementsOf(text: string): string[] {
  const code = text.replace(/^\s*\/\*\*?[\s\S]*?\*\/\s*?\n/gm, "").replace(/^\s*\/\/.*\n/gm, "");
  return code
    .split(/\n(?=[^\s})\]|&>])/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "" && statement !== "export {};");
}
