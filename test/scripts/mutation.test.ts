import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Probe } from "../../scripts/lib/contracts/probes.ts";
import { enumMembers } from "../../scripts/lib/contracts/project.ts";
import { type Compiled, compile, type Input, type Node, parse } from "../../scripts/lib/contracts/solc.ts";
import { inBatches } from "../../scripts/lib/mutation/batches.ts";
import { same } from "../../scripts/lib/mutation/compiler.ts";
import { diffOf, isCore, type Mutant, mutantsOf, sample, spoil } from "../../scripts/lib/mutation/mutants.ts";
import { groups, testsFor } from "../../scripts/lib/mutation/order.ts";
import { Progress } from "../../scripts/lib/mutation/progress.ts";
import { report, showReport } from "../../scripts/lib/mutation/report.ts";
import { type Judged, rowsBy, scoreOf } from "../../scripts/lib/mutation/score.ts";
import {
  CHOICE_CONTRACT,
  CHOICE_SOURCE,
  choose,
  chosenAt,
  isWeavable,
  weave,
} from "../../scripts/lib/mutation/weave.ts";

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

function parsed(source: string): { ast: Node } {
  const input: Input = { language: "Solidity", sources: { [FILE]: { content: source } }, settings: {} };
  const { sources, errors } = parse(input);
  assert.deepEqual(errors, []);
  const ast = sources[FILE]?.ast;
  assert.ok(ast);
  return { ast };
}

function mutants(source: string): Mutant[] {
  const { ast } = parsed(source);
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
    ["drop-write", "for (uint256 i; i < a; ++i) {}", ["for (uint256 i; i < a; ) {}"]],
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

describe("mutants in one source", () => {
  const body = `uint256 constant LIMIT = 7;
    constructor() { state = 1; }
    function f(uint256 a, uint256) external guarded returns (uint256) { if (a > LIMIT) return a + 1; return 0; }
    function g(uint256 a) external pure returns (uint256 b) { assembly { b := add(a, 1) } }
    fallback() external { state = 2; }`;
  const source = contract(body);
  const { ast } = parsed(source);
  const able = mutants(source).filter((mutant) => isWeavable(ast, mutant));
  const woven = weave(source, ast, new Map(able.map((mutant, index) => [index + 1, mutant])));
  const sources = { [FILE]: { content: woven }, [CHOICE_SOURCE]: { content: CHOICE_CONTRACT } };

  it("are those of functions, not of constants and constructors", () => {
    assert.deepEqual([...new Set(able.map(({ code }) => code))], ["f", "g", "fallback"]);
  });

  it("compile together, and each is chosen when the code is linked", () => {
    const output = compile({ language: "Solidity", sources, settings: { viaIR: true } }, { [FILE]: ["A"] });
    assert.deepEqual(output.errors, []);
    const code = output.contracts[FILE]?.["A"];
    assert.ok(code);
    const linked = able.map((_, index) => choose(code, index).evm.deployedBytecode.object);
    assert.equal(new Set(linked).size, able.length);
    assert.ok(linked.every((one) => /^[0-9a-f]+$/.test(one)));
  });

  it("are found by the place where the compiler objects", () => {
    const found = able.map((_, index) => {
      const at = woven.search(new RegExp(`function parley_\\d+_${index + 1}\\(`));
      return chosenAt(woven, Buffer.byteLength(woven.slice(0, at)) + 30);
    });
    assert.deepEqual(
      found,
      able.map((_, index) => index + 1),
    );
    assert.equal(chosenAt(woven, 0), undefined);
  });

  it("go into batches of one file, and alone if they have to", () => {
    const many = Array.from({ length: 100 }, (_, index) => ({ ...able[0], id: String(index) }) as Mutant);
    const other = { ...many[0], file: "contracts/B.sol", id: "other" } as Mutant;
    const batches = inBatches([...many, other], ({ id }) => id !== "7");
    assert.deepEqual(
      batches.map(({ length }) => length),
      [50, 49, 1, 1],
    );
    assert.equal(batches.at(-1)?.[0]?.id, "7");
  });

  it("are equivalent only if creation and deployed code are the same", () => {
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
  const test = (seconds: number, ...hits: number[]) => ({ file: "t", title: "", seconds, hits: new Set(hits) });
  const [mutant] = mutants(contract("function f() external { state = 1; }"));
  assert.ok(mutant);
  const at = (start: number) => ({ ...mutant, edit: { start, end: start + 1, text: "" } });

  it("are those that run the narrowest statement around it, the quick ones first and the slow ones apart", () => {
    const tests = [test(9, 0, 1, 2), test(0.2, 0, 1, 2), test(0.1, 0, 1, 2), test(0.1, 0, 1)];
    assert.deepEqual(testsFor(at(25), { probes, tests }), { quick: [2, 1], slow: [0] });
  });

  it("are all that touch the file, for what stands outside of functions", () => {
    const tests = [test(0.1, 1), test(0.2), test(0.3, 0)];
    assert.deepEqual(testsFor(at(200), { probes, tests }).quick, [0, 2]);
  });

  it("are all there are for a modifier, which may keep them from reaching what it guards", () => {
    const dropped = { ...at(5), operator: "drop-modifier" };
    assert.deepEqual(testsFor(dropped, { probes, tests: [test(0.1)] }).quick, [0]);
  });

  it("are none where no test gets", () => {
    assert.deepEqual(testsFor(at(25), { probes, tests: [test(0.1, 0)] }), { quick: [], slow: [] });
  });

  it("begin with those that noticed mutants lately, the latest first, each once", () => {
    const tests = Array.from({ length: 60 }, (_, number) => number);
    const [first, ...others] = groups(tests, [99, 5, 40]);
    assert.deepEqual(first, [40, 5]);
    assert.deepEqual(
      others.flat(),
      tests.filter((test) => test !== 40 && test !== 5),
    );
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
