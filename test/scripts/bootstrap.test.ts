import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ExitCode } from "../../scripts/bootstrap/errors.mjs";
import { bareTree, bootstrap, readyTree } from "./machine.ts";

const OLD_NODE = { PARLEY_FAKE_NODE_VERSION: "20.20.2" };

/** The one line that tells what went wrong: the last. */
function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}

describe("bootstrap on a machine that can't be made ready", () => {
  it("says that the registry can't be reached when packages are missing", async (t) => {
    const ended = await bootstrap(bareTree(t), ["program.ts"]);
    assert.equal(ended.code, ExitCode.NO_REGISTRY, ended.stderr);
    assert.equal(ended.stdout, "");
    assert.match(
      lastLine(ended.stderr),
      /^parley: installing packages failed: the npm registry can't be reached; .*\(log: .+\)$/,
    );
  });

  it("says that the registry can't be reached when Node is too old, and leaves nothing half done", async (t) => {
    const tree = bareTree(t);
    const ended = await bootstrap(tree, ["program.ts"], { env: OLD_NODE });
    if (process.platform === "linux" || process.platform === "win32") {
      assert.equal(ended.code, ExitCode.NO_REGISTRY, ended.stderr);
      assert.match(lastLine(ended.stderr), /^parley: fetching Node \S+ failed: the npm registry can't be reached; /);
    }
    assert.equal(existsSync(join(tree, ".toolchain", "lock")), false);
    assert.deepEqual(existsSync(join(tree, "node_modules")), false);
  });

  it("says that there is no Node for the platform", async (t) => {
    const ended = await bootstrap(bareTree(t), ["program.ts"], { env: { ...OLD_NODE, PARLEY_FAKE_PLATFORM: "aix" } });
    assert.equal(ended.code, ExitCode.UNSUPPORTED_PLATFORM);
    assert.equal(ended.stderr.trimEnd().split("\n").length, 1);
    assert.match(
      ended.stderr,
      /^parley: no Node binary can be fetched for aix-\w+; install Node 22\.18 or newer yourself/,
    );
  });

  it("says that Hardhat has no native part where npm leaves it out", async (t) => {
    const tree = readyTree(t, "");
    rmSync(join(tree, "node_modules"), { recursive: true });
    const ended = await bootstrap(tree, ["--no-contracts", "program.ts"]);
    assert.equal(ended.code, ExitCode.UNSUPPORTED_PLATFORM, ended.stderr);
    assert.match(lastLine(ended.stderr), /^parley: Hardhat has no native part for /);
  });

  it("says how it is used", async (t) => {
    for (const args of [[], ["--no-contracts"], ["--help"]]) {
      const ended = await bootstrap(bareTree(t), args);
      assert.equal(ended.code, ExitCode.USAGE);
      assert.match(ended.stderr, /^parley: usage: /);
    }
  });
});

describe("bootstrap on a machine that is ready", () => {
  it("passes arguments, output and exit code, and says nothing itself", async (t) => {
    const program = "const [, , ...args]: string[] = process.argv; console.log(JSON.stringify(args)); process.exit(7);";
    const ended = await bootstrap(readyTree(t, program), ["--no-contracts", "program.ts", "a", "--json", "b c"]);
    assert.deepEqual(ended, { code: 7, signal: null, stdout: '["a","--json","b c"]\n', stderr: "" });
  });

  it("lets node:sqlite be used without a warning", async (t) => {
    const ended = await bootstrap(readyTree(t, 'import "node:sqlite"; console.log("ok");'), [
      "--no-contracts",
      "program.ts",
    ]);
    assert.deepEqual(ended, { code: 0, signal: null, stdout: "ok\n", stderr: "" });
  });

  it("passes signals on, and the way in which the program ended", async (t) => {
    const patient = 'process.on("SIGTERM", () => process.exit(5)); setInterval(() => {}, 1000); console.log("up");';
    const stopped = await bootstrap(readyTree(t, patient), ["--no-contracts", "program.ts"], {
      whenOut: (kill) => kill("SIGTERM"),
    });
    assert.equal(stopped.code, 5);
    const helpless = 'setInterval(() => {}, 1000); console.log("up");';
    const killed = await bootstrap(readyTree(t, helpless), ["--no-contracts", "program.ts"], {
      whenOut: (kill) => kill("SIGTERM"),
    });
    assert.deepEqual([killed.code, killed.signal], [null, "SIGTERM"]);
  });

  it("takes over the lock of a process that is gone", async (t) => {
    const tree = readyTree(t, 'console.log("ok");');
    const lock = join(tree, ".toolchain", "lock");
    mkdirSync(lock, { recursive: true });
    writeFileSync(join(lock, "pid"), "2147483646");
    const ended = await bootstrap(tree, ["--no-contracts", "program.ts"]);
    assert.deepEqual([ended.code, ended.stdout], [0, "ok\n"], ended.stderr);
    assert.equal(existsSync(lock), false);
  });

  it("lets several start at once", async (t) => {
    const tree = readyTree(t, 'console.log("ok");');
    const ended = await Promise.all(Array.from({ length: 4 }, () => bootstrap(tree, ["--no-contracts", "program.ts"])));
    assert.deepEqual(
      ended.map(({ code, stdout }) => [code, stdout]),
      ended.map(() => [0, "ok\n"]),
    );
  });
});
