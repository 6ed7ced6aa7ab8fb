/**
 * Compares what the package offers to others, offchain/index.ts, with what was agreed on: test/api/public-api.md.
 *
 *     node scripts/bootstrap.mjs scripts/checks/public-api.ts [--update]
 *
 * A change of the public API is then a change of that file, which a reviewer sees.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesBelow, writeWhole } from "../bootstrap/files.mjs";
import { type DeclarationFiles, type Exported, publicSurface } from "../lib/declarations.ts";
import { isProgram } from "../lib/main.ts";
import { runTool } from "../lib/tool.ts";

const ENTRY = "offchain/index.ts";
const SNAPSHOT = "test/api/public-api.md";

/** The snapshot's text. */
export function render(surface: readonly Exported[]): string {
  const parts = surface.map(({ name, file, text }) => `## ${name}\n\nfrom \`${file}\`\n\n\`\`\`ts\n${text}\n\`\`\`\n`);
  return ["# Public API\n", "Written by `npm run check:api -- --update`.\n", ...parts].join("\n");
}

/** The names whose sections differ between two snapshots. */
export function changedNames(before: string, after: string): string[] {
  const sections = (text: string) =>
    new Map(
      text
        .split(/^## /m)
        .slice(1)
        .map((part) => [part.split("\n", 1)[0] ?? "", part]),
    );
  const [old, now] = [sections(before), sections(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name)?.trim() !== now.get(name)?.trim());
}

/** Has tsc write the declarations, and reads them. Undefined if it found errors. */
function emitDeclarations(): DeclarationFiles | undefined {
  const folder = mkdtempSync(join(tmpdir(), "parley-api-"));
  try {
    const args = ["--project", "tsconfig.build.json", "--emitDeclarationOnly", "--noEmit", "false", "--outDir", folder];
    if (!runTool("typescript", "tsc", args)) return undefined;
    return new Map(filesBelow(folder, ".d.ts").map((path) => [path, readFileSync(join(folder, path), "utf8")]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main(update: boolean): void {
  if (!existsSync(ENTRY)) {
    console.log(`${ENTRY} doesn't exist: nothing is public`);
    return;
  }
  const files = emitDeclarations();
  if (files === undefined) {
    process.exitCode = 1;
    return;
  }
  const surface = publicSurface(files, "index.d.ts");
  const now = render(surface);
  const before = existsSync(SNAPSHOT) ? readFileSync(SNAPSHOT, "utf8") : "";
  const changed = changedNames(before, now);
  if (update) {
    writeWhole(SNAPSHOT, now);
    console.log(`${SNAPSHOT} written: ${surface.length} names`);
  } else if (changed.length > 0) {
    console.error(`the public API isn't what ${SNAPSHOT} says: ${changed.join(", ")}`);
    console.error("if that is meant: npm run check:api -- --update");
    process.exitCode = 1;
  } else {
    console.log(`${surface.length} public names, unchanged`);
  }
}

if (isProgram(import.meta.url)) main(process.argv.includes("--update"));
