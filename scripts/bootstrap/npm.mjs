import { existsSync, realpathSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { explain, SetupError } from "./errors.mjs";
import { runQuietly } from "./run.mjs";

/**
 * Finds npm's own program file, to run it under a Node of our choice.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {string} [execPath]
 * @returns {string}
 */
export function findNpm(env = process.env, execPath = process.execPath) {
  const found = [...candidates(env, execPath)].find((path) => basename(path) === "npm-cli.js" && existsSync(path));
  if (found !== undefined) return found;
  throw new SetupError("STEP_FAILED", "npm wasn't found beside Node or on the PATH; install it and run this again");
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} execPath
 */
function* candidates(env, execPath) {
  // Set when npm itself started us. (pnpm and yarn set it too, hence the check of the name.)
  if (env["npm_execpath"] !== undefined) yield env["npm_execpath"];
  const folder = dirname(execPath);
  yield join(folder, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js");
  yield join(folder, "node_modules", "npm", "bin", "npm-cli.js");
  for (const onPath of (env["PATH"] ?? "").split(delimiter)) {
    const command = join(onPath, "npm");
    if (onPath === "" || !existsSync(command)) continue;
    yield realpathSync(command);
    yield join(onPath, "node_modules", "npm", "bin", "npm-cli.js");
  }
  yield "/usr/share/nodejs/npm/bin/npm-cli.js";
}

/**
 * Runs `npm ci` in a folder under a given Node, or fails with an explanation.
 * No install script of any package runs: none is needed (see `allowScripts` in package.json).
 * @param {{ node: string, cwd: string, doing: string, npm?: string }} options `doing` is for the message, e.g. "installing packages"
 */
export async function npmCi({ node, cwd, doing, npm = findNpm() }) {
  const flags = [
    "--ignore-scripts",
    "--include=dev",
    "--include=optional",
    "--no-audit",
    "--no-fund",
    "--no-update-notifier",
    "--loglevel=warn",
  ];
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env["PATH"] ?? ""}` };
  const { ok, output } = await runQuietly(node, [npm, "ci", ...flags], { cwd, env });
  // On a full disk npm only warns of files that it couldn't unpack, and ends as if all were well.
  if (!ok || output.includes("TAR_ENTRY_ERROR")) throw explain(doing, output);
}
