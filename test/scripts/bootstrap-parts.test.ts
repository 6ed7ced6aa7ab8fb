import assert from "node:assert/strict";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ExitCode, explain, explainError, SetupError } from "../../scripts/bootstrap/errors.mjs";
import { filesBelow, hashOf } from "../../scripts/bootstrap/files.mjs";
import { isStale } from "../../scripts/bootstrap/lock.mjs";
import { findNpm } from "../../scripts/bootstrap/npm.mjs";
import { edrFoldersFor, isNodeRight, nodePackageFor } from "../../scripts/bootstrap/platform.mjs";

describe("the explanation of a failure", () => {
  const cases = [
    ["NO_REGISTRY", "npm error code ENOTFOUND\nnpm error errno ENOTFOUND"],
    ["NO_REGISTRY", "npm error code EAI_AGAIN"],
    ["NO_REGISTRY", "npm error code ECONNREFUSED"],
    ["NO_REGISTRY", "npm error code ETIMEDOUT"],
    ["NO_REGISTRY", "npm error code E503"],
    ["NO_REGISTRY", "npm error code UNABLE_TO_GET_ISSUER_CERT_LOCALLY"],
    ["NO_ACCESS", "npm error code E401"],
    ["NO_ACCESS", "npm error code E403"],
    ["NO_ACCESS", "npm error code EACCES"],
    ["DISK_FULL", "npm error code ENOSPC"],
    ["DISK_FULL", "npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write\nnpm error code EACCES"],
    ["BAD_LOCK", "npm error code EUSAGE"],
    ["BAD_LOCK", "npm error code EINTEGRITY"],
    ["BAD_LOCK", "npm error code ETARGET"],
    ["UNSUPPORTED_PLATFORM", "npm error code EBADPLATFORM"],
    ["STEP_FAILED", "npm error something new"],
  ] as const;

  for (const [kind, output] of cases) {
    it(`of "${output.split("\n", 1)}" is ${kind}`, () => {
      const failure = explain("installing packages", output);
      assert.equal(failure.kind, kind);
      assert.equal(failure.exitCode, ExitCode[kind]);
      assert.match(failure.message, /^installing packages failed: .+$/);
    });
  }

  it("names npm's log", () => {
    const output =
      "npm error code ENOTFOUND\nnpm error A complete log of this run can be found in: /home/a/.npm/_logs/b.log\n";
    assert.match(explain("x", output).message, / \(log: \/home\/a\/\.npm\/_logs\/b\.log\)$/);
  });

  it("quotes the last telling line of what isn't known", () => {
    assert.equal(explain("x", "first\nnpm error last\n\n").message, "x failed: last");
    assert.equal(explain("x", "").message, "x failed: it printed nothing");
  });

  it("understands errors of the file system, and leaves its own alone", () => {
    const full = Object.assign(new Error("no space left on device, mkdir 'a'"), { code: "ENOSPC" });
    assert.equal(explainError("x", full).kind, "DISK_FULL");
    const own = new SetupError("BUSY", "a");
    assert.equal(explainError("x", own), own);
  });

  it("gives each kind of failure a code of its own", () => {
    const codes = Object.values(ExitCode);
    assert.equal(new Set(codes).size, codes.length);
  });
});

describe("the platform", () => {
  it("needs Node 22.18 or newer", () => {
    const right = ["22.18.0", "22.20.1", "23.0.0", "24.21.0"].map(isNodeRight);
    const wrong = ["18.20.0", "20.20.2", "22.17.9"].map(isNodeRight);
    assert.deepEqual([right, wrong], [Array(4).fill(true), Array(3).fill(false)]);
  });

  it("has a Node package with a pinned hash, and Hardhat's native part, for every common machine", () => {
    for (const machine of ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win32-x64"]) {
      const [platform = "", arch = ""] = machine.split("-");
      const { version, integrity, binary } = nodePackageFor(platform, arch);
      assert.ok(isNodeRight(version));
      assert.match(integrity, /^sha512-[\w+/]{86}==$/);
      assert.match(binary, /^bin\/node(\.exe)?$/);
      assert.ok(edrFoldersFor(platform, arch).length > 0);
    }
  });

  it("refuses others, saying what to do", () => {
    assert.throws(() => nodePackageFor("sunos", "x64"), {
      kind: "UNSUPPORTED_PLATFORM",
      message: /sunos-x64; install Node/,
    });
  });
});

describe("the parts", () => {
  it("find npm by the name of its program, not another manager's", () => {
    assert.match(findNpm(), /npm-cli\.js$/);
    assert.match(findNpm({ ...process.env, npm_execpath: "/opt/pnpm.cjs" }), /npm-cli\.js$/);
  });

  it("hash texts with their borders", () => {
    assert.notEqual(hashOf(["ab", "c"]), hashOf(["a", "bc"]));
    assert.equal(hashOf(["ab", "c"]), hashOf(["ab", "c"]));
  });

  it("list no files of a folder that isn't there", () => {
    assert.deepEqual(filesBelow(join(tmpdir(), "parley-nothing-here"), ".sol"), []);
  });

  it("take a lock for stale if its owner is gone, or doesn't touch it", (t) => {
    const lock = mkdtempSync(join(tmpdir(), "parley-lock-"));
    t.after(() => rmSync(lock, { recursive: true }));
    assert.equal(isStale(lock), false);
    writeFileSync(join(lock, "pid"), String(process.pid));
    assert.equal(isStale(lock), false);
    utimesSync(lock, 0, 0);
    assert.equal(isStale(lock), true);
    utimesSync(lock, new Date(), new Date());
    writeFileSync(join(lock, "pid"), "2147483646");
    assert.equal(isStale(lock), true);
  });
});
