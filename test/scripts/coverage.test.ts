import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { addProbes, PROBE_CONTRACT, PROBE_SOURCE, type Probe } from "../../scripts/lib/contracts/probes.ts";
import { type Input, parse } from "../../scripts/lib/contracts/solc.ts";
import { closedGaps, type Known, summarize } from "../../scripts/lib/contracts/summary.ts";

const FILE = "contracts/A.sol";

/** The source with probes, which has to compile, and where they are. */
function probed(body: string): { source: string; probes: string[] } {
  const text = `// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;
// ünï
contract A {
  uint256 state;
  ${body}
}
`;
  const compile = (sources: Input["sources"]) => {
    const { sources: trees, errors } = parse({ language: "Solidity", sources, settings: {} });
    assert.deepEqual(errors, []);
    return trees[FILE]?.ast;
  };
  const ast = compile({ [FILE]: { content: text } });
  assert.ok(ast);
  const { source, probes } = addProbes(FILE, text, ast, 0);
  compile({ [FILE]: { content: source }, [PROBE_SOURCE]: { content: PROBE_CONTRACT } });
  return { source, probes: probes.map(({ kind, text: what }) => `${kind}: ${what}`) };
}

describe("probes", () => {
  it("stand before each statement, also one without a block of its own", () => {
    const { source, probes } = probed("function f() external {\n    for (uint256 i; i < 2; i++) state = i;\n}");
    assert.match(source, /\{ ParleyProbe\.hit\(\d\); state = i; \}/);
    assert.deepEqual(probes, [
      "function: function f() external {",
      "statement: for (uint256 i; i < 2; i++) state = i",
      "true: i < 2",
      "false: i < 2",
      "statement: state = i",
    ]);
  });

  it("watch both outcomes of each part of a condition", () => {
    const { probes } = probed(
      "function f(uint256 a, bool b) external { if (!(a > 1 && b)) state = 1; else if (b) state = a > 3 ? 1 : 2; }",
    );
    const watched = probes.filter((probe) => /^true/.test(probe));
    assert.deepEqual(watched, ["true: a > 1", "true: b", "true: b", "true: a > 3"]);
    assert.equal(probes.filter((probe) => /^false/.test(probe)).length, 4);
  });

  it("leave else to the if it belongs to", () => {
    const { source } = probed("function f(bool a, bool b) external { if (a) if (b) state = 1; else state = 2; }");
    const code = source
      .replaceAll(/ ?ParleyProbe\.hit\(\d+\);/g, "")
      .replaceAll(/ParleyProbe\.test\((\w), \d+\)/g, "$1");
    assert.match(code, /if \(a\) \{ if \(b\) \{ state = 1; \} else \{ state = 2; \} \}/);
  });

  it("also work in pure functions, modifiers, unchecked blocks, and around assembly", () => {
    probed(
      `modifier m(uint256 a) { require(a > 1, "no"); _; }
      function f(uint256 a) external pure m(a > 2 ? a : 1) returns (uint256 b) {
        unchecked { b = a + 1; }
        assembly { b := add(b, 1) }
        do { b--; } while (b > 3);
        try A(address(0)).g() returns (uint256 c) { b = c; } catch { return 1; }
      }
      function g() external pure returns (uint256) { return 1; }`.replace("external pure m", "external view m"),
    );
  });
});

describe("the summary of coverage", () => {
  const probe = (line: number, kind: Probe["kind"], text: string): Probe => ({
    file: FILE,
    code: "f",
    line,
    kind,
    text,
    start: line,
    end: line,
  });
  const probes = [
    probe(1, "function", "function f()"),
    probe(2, "statement", "if (a) b();"),
    probe(2, "true", "a"),
    probe(2, "false", "a"),
    probe(2, "statement", "b()"),
    probe(3, "statement", "c()"),
  ];
  const reached = (...hits: number[]) => ({
    probes,
    tests: [{ file: "t", title: "", seconds: 1, hits: new Set(hits) }],
  });

  it("counts a line only if all that begins on it runs", () => {
    const [file] = summarize(reached(0, 1, 3, 5), []);
    assert.deepEqual(file?.lines, { reached: 2, total: 3 });
    assert.deepEqual(file?.branches, { reached: 1, total: 2 });
    assert.deepEqual(
      file?.gaps.map(({ line, kind, text, why }) => [line, kind, text, why]),
      [
        [2, "line", "b()", null],
        [2, "true", "a", null],
      ],
    );
  });

  it("knows the gaps that may stay, and tells when they are closed", () => {
    const known: Known[] = [{ file: FILE, kind: "line", text: "c()", why: "never mind" }];
    const open = summarize(reached(0, 1, 2, 3, 4), known);
    assert.deepEqual(
      open[0]?.gaps.map(({ why }) => why),
      ["never mind"],
    );
    assert.deepEqual(closedGaps(open, known), []);
    assert.deepEqual(closedGaps(summarize(reached(0, 1, 2, 3, 4, 5), known), known), known);
  });
});
