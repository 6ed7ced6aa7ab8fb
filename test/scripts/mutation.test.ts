import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Probe } from "../../scripts/lib/contracts/probes.ts";
import { enumMembers } from "../../scripts/lib/contracts/project.ts";
import { type Compiled, type Input, parse } from "../../scripts/lib/contracts/solc.ts";
import { firstFailure, judge as judgeOutput } from "../../scripts/lib/contracts/workspace.ts";
import { classify, same } from "../../scripts/lib/mutation/judge.ts";
import { diffOf, isCore, type Mutant, mutantsOf, sample, spoil } from "../../scripts/lib/mutation/mutants.ts";
import { Progress } from "../../scripts/lib/mutation/progress.ts";
import { report, showReport } from "../../scripts/lib/mutation/report.ts";
import { type Judged, rowsBy, scoreOf } from "../../scripts/lib/mutation/score.ts";
import { stagesFor } from "../../scripts/lib/mutation/stages.ts";

const FILE = "contracts/A.sol";

function contract(body: string): string {
  return `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
/// @notice Ünicode, of more bytes than letters: a > b && true
interface I { function f(uint256 a) external; }
enum Kind { Offer, Accept, End }
contract A {
  event Done(uint256 a, uint256 b);
  error Bad(uint256 a);
  uint256 state;
  uint256 buyer;
  uint256 seller;
  modifier guarded() { _; }
  ${body}
}
`;
}

function mutants(source: string): Mutant[] {
  const input: Input = { language: "Solidity", sources: { [FILE]: { content: source } }, settings: {} };
  const { sources, errors } = parse(input);
  assert.deepEqual(errors, []);
  const ast = sources[FILE]?.ast;
  assert.ok(ast);
  return mutantsOf(FILE, source, ast, enumMembers([ast]));
}

/** What an operator makes of the body of a function. */
function made(operator: string, body: string): string[] {
  const head = "function f(uint256 a, uint256 b) external {\n";
  const source = contract(`${head}${body}\n}`);
  return mutants(source)
    .filter((mutant) => mutant.operator === operator && mutant.code === "f")
    .map((mutant) => spoil(source, mutant).split(head)[1]?.split("\n}")[0] ?? "");
}

describe("the mutation operators", () => {
  const cases: [operator: string, body: string, mutants: string[]][] = [
    ["boundary", "if (a < b) state = 1;", ["if (a <= b) state = 1;"]],
    ["boundary", "if (a >= b) state = 1;", ["if (a > b) state = 1;"]],
    ["comparison", "if (a < b) state = 1;", ["if (a > b) state = 1;"]],
    ["comparison", "if (a == b) state = 1;", ["if (a != b) state = 1;"]],
    ["arithmetic", "state = a + b;", ["state = a - b;"]],
    ["arithmetic", "state += a;", ["state -= a;"]],
    ["arithmetic", "++state;", ["--state;"]],
    ["arithmetic", "state--;", ["state++;"]],
    ["logical", "if (a < b && b < 3) state = 1;", ["if (a < b || b < 3) state = 1;"]],
    ["drop-operand", "if (a < b && b < 3) state = 1;", ["if (a < b) state = 1;", "if (b < 3) state = 1;"]],
    ["negate-condition", "if (a < b) state = 1;", ["if (!(a < b)) state = 1;"]],
    ["negate-condition", "if (a == b) state = 1;", []],
    ["negate-condition", "state = a < b ? a : b;", ["state = !(a < b) ? a : b;"]],
    ["drop-check", "if (a > b) revert Bad(a);", ["{}"]],
    ["drop-check", "if (a > b) { revert Bad(a); }", ["{}"]],
    ["drop-check", 'require(a > b, "no");', ["{}"]],
    ["drop-check", "if (a > b) state = 1;", []],
    ["drop-branch", "if (a > b) state = 1;", ["{}"]],
    ["drop-branch", "if (a > b) state = 1; else state = 2;", ["if (a > b) state = 1; else {}"]],
    ["drop-branch", "if (a > b) revert Bad(a);", []],
    ["drop-return", "if (a > b) return;", ["if (a > b) {}"]],
    ["drop-write", "state = a;\ndelete state;", ["{}\ndelete state;", "state = a;\n{}"]],
    ["drop-write", "uint256 c = a; c;", []],
    ["drop-call", "this.f(a, b);", ["{}"]],
    ["drop-emit", "emit Done(a, b);", ["{}"]],
    ["constant", "state = 5 minutes;", ["state = (5 minutes + 1);"]],
    ["constant", "bool c = true; c;", ["bool c = false; c;"]],
    ["constant", "Kind c = Kind.End; c;", ["Kind c = Kind.Offer; c;"]],
    ["swap-sides", "buyer = a;", ["seller = a;"]],
    ["swap-arguments", "emit Done(a, b);", ["emit Done(b, a);"]],
    ["swap-arguments", "emit Done(a, a);", []],
    [
      "assembly",
      "assembly { sstore(0, gt(a, b)) }",
      ["assembly { sstore(1, gt(a, b)) }", "assembly { sstore(0, lt(a, b)) }"],
    ],
    ["drop-call", "assembly { sstore(0, 1) }", ["assembly { {} }"]],
  ];
  for (const [operator, body, expected] of cases) {
    it(`${operator}: ${body.replace("\n", " ")}`, () => assert.deepEqual(made(operator, body), expected));
  }

  it("drop-modifier", () => {
    const source = contract("function f() external guarded {\nstate = 1;\n}");
    const [dropped] = mutants(source).filter(({ operator }) => operator === "drop-modifier");
    assert.ok(dropped);
    assert.match(spoil(source, dropped), /function f\(\) external {2}\{/);
  });

  it("min-max", () => {
    const source = contract(`function max(uint256 a) private {} function min(uint256 a) private {}
      function f() external { min(1); }`);
    const [swapped] = mutants(source).filter(({ operator }) => operator === "min-max");
    assert.ok(swapped);
    assert.match(spoil(source, swapped), /f\(\) external \{ max\(1\); \}/);
  });

  it("leave comments, interfaces, types and plain declarations alone", () => {
    assert.deepEqual(mutants(contract("")), []);
  });

  it("reach constants and modifiers", () => {
    const source = contract("uint256 constant LIMIT = 7;\nmodifier other() { require(state > 1); _; }");
    assert.deepEqual([...new Set(mutants(source).map(({ code }) => code))], ["LIMIT", "other"]);
  });
});

describe("mutants", () => {
  const body = "function f(uint256 a, uint256 b) external { if (a < b) state = a + 1; state = a + 1; }";
  const found = mutants(contract(body));

  it("have ids of their own", () => {
    assert.equal(new Set(found.map(({ id }) => id)).size, found.length);
  });

  it("keep their ids when lines are added elsewhere", () => {
    const moved = mutants(contract(`\n\nfunction g() external { state = 8; }\n${body}`));
    const ids = new Set(moved.map(({ id }) => id));
    assert.deepEqual(
      found.filter(({ id }) => !ids.has(id)),
      [],
    );
  });

  it("are drawn the same for the same seed, and a larger draw holds the smaller", () => {
    const ids = (count: number, seed: string) => sample(found, count, seed).map(({ id }) => id);
    assert.deepEqual(ids(4, "1"), ids(4, "1"));
    assert.notDeepEqual(ids(4, "1"), ids(4, "2"));
    assert.ok(ids(2, "1").every((id) => ids(4, "1").includes(id)));
  });

  it("are shown as a diff, whatever letters stand before them", () => {
    const source = contract("function f(uint256 a) external {\n// ä\nstate = a; // ö\n}");
    const [dropped] = mutants(source).filter(({ operator }) => operator === "drop-write");
    assert.ok(dropped);
    assert.equal(diffOf(source, dropped), "- state = a; // ö\n+ {} // ö");
  });

  it("are made of the core alone", () => {
    const core = ["contracts/Settlement.sol", "contracts/settlement/Deals.sol", "contracts/libraries/Errors.sol"];
    assert.ok(core.every(isCore));
    assert.ok(!["contracts/mocks/TestToken.sol", "contracts/interfaces/ISettlement.sol"].some(isCore));
  });
});

describe("the verdict on a mutant", () => {
  const failed = `  A\n    1) b\n\n\n  3 passing (1s)\n  1 failing\n\n  1) A\n       given b\n         does c:\n\n      Error: d:\n`;

  it("is by the tests that failed, not by those that broke off", () => {
    assert.equal(judgeOutput("  3 passing (1s)\n", 0), "passed");
    assert.equal(judgeOutput(failed, 1), "failed");
    assert.equal(judgeOutput("  3 passing (1s)\n", 1), "broken");
    assert.equal(judgeOutput("  0 passing (1s)\n", 0), "broken");
    assert.equal(judgeOutput("Error: cannot find module\n", 1), "broken");
  });

  it("names the first test that failed", () => {
    assert.equal(firstFailure(failed), "A, given b, does c");
    assert.equal(firstFailure("  3 passing (1s)\n"), undefined);
  });

  it("is no verdict if the tests broke off", () => {
    const run = { failure: undefined, seconds: 1, output: "why" };
    assert.equal(classify({ ...run, result: "failed" }), "killed");
    assert.equal(classify({ ...run, result: "passed" }), "survived");
    assert.equal(classify({ ...run, result: "timeout" }), "timeout");
    assert.throws(() => classify({ ...run, result: "broken" }), /broke off/);
  });

  it("is equivalent only if creation and deployed code are the same", () => {
    const code = (creation: string, deployed: string): Compiled => ({
      evm: {
        bytecode: { object: creation, linkReferences: {} },
        deployedBytecode: { object: deployed, linkReferences: {} },
      },
    });
    assert.ok(same(code("a", "b"), code("a", "b")));
    assert.ok(!same(code("a", "b"), code("c", "b")));
    assert.ok(!same(code("a", "b"), code("a", "c")));
  });
});

describe("the tests that judge a mutant", () => {
  const probe = (start: number, end: number, kind: Probe["kind"] = "statement"): Probe => ({
    file: FILE,
    start,
    end,
    kind,
    line: 1,
    code: "f",
    text: "",
  });
  const probes = [probe(0, 100, "function"), probe(10, 50), probe(20, 30)];
  const test = (file: string, seconds: number, ...hits: number[]) => ({ file, seconds, hits: new Set(hits) });
  const [mutant] = mutants(contract("function f() external { state = 1; }"));
  assert.ok(mutant);
  const at = (start: number) => ({ ...mutant, edit: { start, end: start + 1, text: "" } });

  it("are those that run the narrowest statement around it, the quick ones first and the slow ones apart", () => {
    const tests = [test("slow", 9, 0, 1, 2), test("b", 2, 0, 1, 2), test("a", 1, 0, 1, 2), test("c", 1, 0, 1)];
    const stages = stagesFor(at(25), { probes, tests });
    assert.deepEqual(
      stages.map(({ files }) => files),
      [["a", "b"], ["slow"]],
    );
  });

  it("are all that touch the file, for what stands outside of functions", () => {
    const tests = [test("a", 1, 1), test("b", 1), test("c", 1, 0)];
    assert.deepEqual(stagesFor(at(200), { probes, tests })[0]?.files, ["a", "c"]);
  });

  it("are none where no test gets", () => {
    assert.deepEqual(stagesFor(at(25), { probes, tests: [test("a", 1, 0)] }), []);
  });
});

describe("the mutation report", () => {
  const all = mutants(contract("function f(uint256 a, uint256 b) external { if (a < b) state = a; }"));
  const results = ["killed", "survived", "timeout", "equivalent", "stillborn"] as const;
  const judged = all.slice(0, 5).map((one, index): Judged => ({ ...one, result: results[index] ?? "killed", by: "" }));
  const source = () => contract("function f(uint256 a, uint256 b) external { if (a < b) state = a; }");
  const [killed, survivor] = judged;
  assert.ok(killed && survivor);
  const told = (reasons: Record<string, string>) =>
    report(all, judged, { date: "2026-01-01", commit: "abc", reasons, source });

  it("counts what could be noticed, and of that what was", () => {
    assert.equal(told({}).score, 2 / 3);
    assert.equal(scoreOf({ killed: 0, timeout: 0, survived: 0, equivalent: 3, stillborn: 1 }), undefined);
    assert.equal(rowsBy(judged, ({ file }) => file)[0]?.counts.equivalent, 1);
  });

  it("asks for an explanation of each survivor", () => {
    assert.match(showReport(told({})), /unexplained\n[\s\S]*1 survivors unexplained/);
    assert.match(
      showReport(told({ [survivor.id]: "it is so" })),
      /explained: it is so\n[\s\S]*0 survivors unexplained/,
    );
  });

  it("tells of explanations that are out of date", () => {
    const reasons = { [survivor.id]: "true", [killed.id]: "not true", "drop-call-00000000": "of old" };
    assert.deepEqual(told(reasons).stale, [killed.id, "drop-call-00000000"]);
  });
});

describe("the progress of a run", () => {
  it("is there again after it was interrupted", () => {
    const folder = mkdtempSync(join(tmpdir(), "parley-progress-"));
    try {
      const verdict = { id: "a", result: "killed", by: "b", seconds: 1 } as const;
      new Progress(folder).add(verdict);
      assert.deepEqual([...new Progress(folder).verdicts().values()], [verdict]);
      const later = { ...verdict, result: "survived" } as const;
      new Progress(folder).add(later);
      assert.deepEqual([...new Progress(folder).verdicts().values()], [later]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
