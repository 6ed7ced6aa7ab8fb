import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { refused } from "../../scripts/checks/licences.ts";
import { missingEntries } from "../../scripts/checks/lock.ts";
import { changedNames, render as renderApi } from "../../scripts/checks/public-api.ts";
import { codeLines, tooLarge } from "../../scripts/checks/size.ts";
import { diagnose, readSource } from "../../scripts/checks/warnings.ts";
import { render as renderAbis } from "../../scripts/generate-abis.ts";
import { publicSurface } from "../../scripts/lib/declarations.ts";
import { isFigures, render as renderResults } from "../../scripts/lib/figures.ts";
import { countTests } from "../../scripts/lib/hardhat-tests.ts";

describe("the check of compiler warnings", () => {
  const head = "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n";

  it("fails on a planted warning, and names its place", () => {
    const unused = `${head}contract A { function f() external pure { uint256 unused; } }`;
    const [warning = "", ...others] = diagnose({ "contracts/A.sol": unused }, readSource);
    assert.deepEqual(others, []);
    assert.match(warning, /Warning: Unused local variable/);
    assert.match(warning, /contracts\/A\.sol:3:/);
  });

  it("fails on warnings of each phase of the analysis", () => {
    const mutable = `${head}contract A { function f() external returns (uint256) { return 1; } }`;
    const unlicensed = "pragma solidity 0.8.37; contract A {}";
    assert.match(diagnose({ "A.sol": mutable }, readSource).join(), /can be restricted to pure/);
    assert.match(diagnose({ "A.sol": unlicensed }, readSource).join(), /SPDX/);
  });

  it("finds imports among the packages, and is content with clean code", () => {
    const clean = `${head}import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";\ncontract A { IERC20 public token; }`;
    assert.deepEqual(diagnose({ "A.sol": clean }, readSource), []);
    assert.match(diagnose({ "A.sol": `${head}import "./B.sol";` }, readSource).join(), /B\.sol not found/);
  });
});

describe("the check of contract sizes", () => {
  it("counts lines of code without comments, imports and blank ones", () => {
    const source =
      'pragma solidity 0.8.37;\n\nimport {A} from "./A.sol";\n/// @title B\ncontract B {\n    // why\n    uint256 c; // slot 0\n}\n';
    assert.equal(codeLines(source), 3);
  });

  it("fails from the limit on", () => {
    const size = (code: number, creation = code) => ({ name: `${code}`, code, creation });
    assert.deepEqual(tooLarge([size(24_575), size(24_576), size(100, 49_152)]), [size(24_576), size(100, 49_152)]);
  });
});

describe("the check of licences", () => {
  const judge = (licence: string) => refused([{ name: "a", licence }]).length === 0;

  it("reads expressions", () => {
    const good = [
      "MIT",
      "(MIT OR GPL-3.0)",
      "MIT AND ISC",
      "GPL-3.0 OR (MIT AND (ISC OR X))",
      "Apache-2.0 WITH LLVM-exception",
    ];
    const bad = [
      "",
      "none",
      "GPL-3.0",
      "MIT AND GPL-3.0",
      "MIT OR",
      "(MIT",
      "MIT WITH X",
      "GPL-3.0 OR MIT AND X",
      "SEE LICENSE IN MIT",
    ];
    assert.deepEqual(good.filter(judge), good);
    assert.deepEqual(bad.filter(judge), []);
  });

  it("lets documented exceptions through", () => {
    assert.deepEqual(refused([{ name: "a", licence: "none" }], new Map([["a", "for a reason"]])), []);
  });
});

describe("the check of the lock file", () => {
  it("finds builds for other platforms that a mirror left out", () => {
    const optionalDependencies = {
      "@a/b-linux-x64-musl": "1.0.0",
      "@a/b-darwin-amd64": "1.0.0",
      "@a/b-win32-x64": "1.0.0",
    };
    const packages = { "node_modules/b": { dev: true, optionalDependencies }, "node_modules/@a/b-win32-x64": {} };
    assert.deepEqual(
      [...missingEntries(packages)],
      [
        [
          "node_modules/@a/b-linux-x64-musl",
          { version: "1.0.0", cpu: ["x64"], dev: true, libc: ["musl"], optional: true, os: ["linux"] },
        ],
        [
          "node_modules/@a/b-darwin-amd64",
          { version: "1.0.0", cpu: ["x64"], dev: true, optional: true, os: ["darwin"] },
        ],
      ],
    );
  });

  it("doesn't guess", () => {
    const packages = { "node_modules/b": { optionalDependencies: { "b-native": "1.0.0" } } };
    assert.throws(() => missingEntries(packages), /lacks b-native@1\.0\.0, .*by hand/);
  });
});

describe("the check of the public API", () => {
  const files = new Map([
    [
      "index.d.ts",
      'export { type Deal, hashDeal as hash } from "./terms/deal.js";\nexport * as Money from "./kernel/money.js";\n',
    ],
    [
      "terms/deal.d.ts",
      "/** A deal. */\nexport interface Deal {\n    /** In the smallest unit. */\n    readonly price: bigint;\n}\n" +
        "export declare function hashDeal(deal: Deal): string;\nexport declare function hashDeal(deal: Deal, x: {\n    y: 1;\n}): string;\n" +
        "export declare const inner: number;\n",
    ],
    ["kernel/money.d.ts", "declare const ZERO = 0n;\ntype Cents = bigint;\nexport { ZERO, type Cents as Minor };\n"],
  ]);

  it("follows exports to what they declare, without the comments", () => {
    assert.deepEqual(
      publicSurface(files, "index.d.ts").map(({ name, text }) => [name, text]),
      [
        ["Deal", "export interface Deal {\n    readonly price: bigint;\n}"],
        ["Money.Minor", "type Cents = bigint;"],
        ["Money.ZERO", "declare const ZERO = 0n;"],
        ["hash", "export declare function hashDeal(deal: Deal): string;"],
        ["hash", "export declare function hashDeal(deal: Deal, x: {\n    y: 1;\n}): string;"],
      ],
    );
  });

  it("names what was added, changed and removed", () => {
    const one = (name: string, text: string) => ({ name, file: "a.d.ts", text });
    const before = renderApi([one("same", "1"), one("changed", "1"), one("removed", "1")]);
    const after = renderApi([one("same", "1"), one("changed", "2"), one("added", "1")]);
    assert.deepEqual(changedNames(before, after), ["changed", "removed", "added"]);
    assert.deepEqual(changedNames(before, before), []);
  });
});

describe("the generated ABIs", () => {
  it("don't depend on the order in the contract", () => {
    const [f, g, e] = [
      { type: "function", name: "f" },
      { type: "function", name: "g" },
      { type: "event", name: "E" },
    ];
    assert.equal(renderAbis({ a: [f, g, e] }), renderAbis({ a: [e, g, f] }));
    assert.match(renderAbis({ a: [f] }), /^export const a = \[\n {2}\{"type":"function","name":"f"\},\n\] as const;$/m);
  });
});

describe("the counts of contract tests", () => {
  it("take pending tests off those that pass", () => {
    const output =
      "\n  6 passing (1s)\n  2 pending\n  1 failing\n\n\n9 passing (8 mocha, 1 solidity)\n1 failing (1 mocha)\n";
    assert.deepEqual(countTests(output, 1), { passed: 7, failed: 1, skipped: 2, problems: [] });
  });

  it("report a crash, also one after passing tests", () => {
    assert.deepEqual(countTests("Error: no\n", 1).problems, ["Hardhat ran no test"]);
    assert.deepEqual(countTests("3 passing (3 mocha)\n", 134).problems, ["Hardhat broke off with code 134"]);
    assert.deepEqual(countTests("3 passing (3 mocha)\n", 0).problems, []);
  });
});

describe("the page of results", () => {
  const figure = {
    figure: "rounds | p99",
    value: 1234.56,
    unit: "µs",
    goal: "< 2,000 µs",
    peer: "",
    command: "npm run x",
  };

  it("has a row for each figure", () => {
    const machine = { processor: "2 × x", memory: "4 GiB", node: "24.0.0", system: "linux x64", date: "2026-01-01" };
    const page = renderResults(machine, [{ name: "a", figures: [figure, { ...figure, value: 0.01234 }] }]);
    assert.match(page, /^\| rounds \\\| p99 \| 1,235 µs \| < 2,000 µs \| {2}\| `npm run x` \|$/m);
    assert.match(page, /\| 0\.0123 µs \|/);
  });

  it("is made only of what keeps to the contract", () => {
    assert.equal(isFigures([figure]), true);
    for (const wrong of [[], {}, [{ ...figure, value: Number.NaN }], [{ ...figure, unit: 1 }], [null]])
      assert.equal(isFigures(wrong), false);
  });
});
