/** Mends what can be mended without thinking: lint and format, Solidity's format, the lock file, the ABIs, the public API's snapshot. */
import { spawnSync } from "node:child_process";
import { runTools } from "./lib/tool.ts";

runTools([
  ["@biomejs/biome", "biome", ["check", "--write"]],
  ["prettier", "prettier", ["--write", "--log-level", "warn", "contracts/**/*.sol"]],
]);

const SCRIPTS = [
  ["scripts/checks/lock.ts", "--fix"],
  ["scripts/generate-abis.ts"],
  ["scripts/checks/public-api.ts", "--update"],
];
for (const script of SCRIPTS) {
  const { status } = spawnSync(process.execPath, script, { stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
