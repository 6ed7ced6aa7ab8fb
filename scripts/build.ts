/** Builds the package: JavaScript and declarations in dist/, from nothing each time. */
import { rmSync } from "node:fs";
import { runTools } from "./lib/tool.ts";

rmSync("dist", { recursive: true, force: true });
runTools([["typescript", "tsc", ["--project", "tsconfig.build.json"]]]);
