import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const RUN = new URL("../../scripts/bootstrap/run.mjs", import.meta.url).href;

/** A program that says who it is, and then stays. */
const STAYING = "console.log(process.pid); setInterval(() => {}, 1_000)";

describe("a program that runs in our place", () => {
  it("ends when whoever started us is gone, as npm and its shell are after a SIGTERM", async () => {
    const ours = `import(${JSON.stringify(RUN)}).then((run) => run.runInOurPlace(process.execPath, ["-e", ${JSON.stringify(STAYING)}], process.env))`;
    // The last command keeps the shell from handing its place over.
    const shell = spawn("/bin/sh", ["-c", '"$0" -e "$1"; true', process.execPath, ours], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = (await once(shell.stdout, "data")) as [Buffer];
    const pid = Number(said.toString());
    assert.ok(isThere(pid));
    shell.kill("SIGKILL");
    for (let waited = 0; waited < 100 && isThere(pid); waited++) await sleep(100);
    assert.equal(isThere(pid), false);
  });
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
