import { spawnSync } from "node:child_process";

/** The commit that is checked out, with a `+` if files differ from it; empty outside of a repository. */
export function commitNow(): string {
  const ask = (...args: string[]) => {
    const { status, stdout } = spawnSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return status === 0 ? stdout.trim() : undefined;
  };
  const commit = ask("rev-parse", "--short=12", "HEAD");
  if (commit === undefined) return "";
  return ask("status", "--porcelain") === "" ? commit : `${commit}+`;
}
