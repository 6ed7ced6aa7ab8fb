/** Biome: lint rules, format and import order of TypeScript and JSON. */
import { runTools } from "../lib/tool.ts";

const colours = process.stdout.isTTY ? [] : ["--colors=off"];
runTools([["@biomejs/biome", "biome", ["ci", ...colours, "--error-on-warnings", "--max-diagnostics=200"]]]);
