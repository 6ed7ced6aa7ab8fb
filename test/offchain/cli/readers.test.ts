import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { CLOUD, PROGRAM, ROOT } from "./parley.ts";

/** A line of the shell, in which `parley` is the program. Resolves with the exit code of each part of a pipe. */
async function shell(line: string): Promise<{ codes: string; stderr: string }> {
  const script = `parley() { "$NODE" --disable-warning=ExperimentalWarning "$PROGRAM" "$@"; }; ${line}; echo "${"$"}{PIPESTATUS[*]}"`;
  const env = { ...process.env, NODE: process.execPath, PROGRAM, NODE_OPTIONS: "" };
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", script], { cwd: ROOT, env, timeout: 60_000 });
  return { codes: stdout.trim().split("\n").at(-1) ?? "", stderr };
}

describe("the command line's output", { skip: !existsSync("/bin/bash") && "there is no bash" }, () => {
  it("may be left unread: the program ends, and that is no failure", async () => {
    for (const flags of ["", " --json"]) {
      const { codes, stderr } = await shell(`parley analyze --scenario ${CLOUD}${flags} | true`);
      assert.deepEqual([codes, stderr], ["0 0", ""]);
    }
  });

  it("is told to be cut off where it can't be written", {
    skip: !existsSync("/dev/full") && "no /dev/full",
  }, async () => {
    const { codes, stderr } = await shell(`parley analyze --scenario ${CLOUD} > /dev/full`);
    assert.equal(codes, "1");
    assert.match(stderr, /^parley: the output can't be written: .*space[^\n]*\n$/);
  });
});
