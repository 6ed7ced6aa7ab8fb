// What docs/scenarios.md shows is read as it says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { analysisToJson } from "../../../../offchain/negotiation/analysis/analysis-json.ts";
import { analyze } from "../../../../offchain/negotiation/analysis/analyze.ts";
import { scenarioFromJson } from "../../../../offchain/negotiation/formats/scenario-json.ts";

const PAGE = readFileSync(join(import.meta.dirname, "..", "..", "..", "..", "docs", "scenarios.md"), "utf8");
const [example, integer, continuous, points, rule, relative, analysis] = [...PAGE.matchAll(/```json\n(.*?)```/gs)].map(
  ([, json = ""]) => JSON.parse(json),
);

/** Numbers as the page has them, without what rounding adds. */
function rounded(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, one) => (typeof one === "number" ? Number(one.toPrecision(12)) : one)));
}

describe("the page on scenarios", () => {
  it("has an example that is read, worth what it says", () => {
    const { space, parties } = scenarioFromJson(example);
    assert.equal(space.size, 6);
    assert.equal(parties[0]?.utility.of([1, 0]), 0.76);
    assert.deepEqual(
      parties.map(({ reservation, discount }) => [reservation, discount]),
      [
        [0.3, 0.9],
        [0.2, 1],
      ],
    );
  });

  it("says what the example's analysis says", () => {
    assert.deepEqual(rounded(analysisToJson(analyze(scenarioFromJson(example)))), analysis);
  });

  it("shows ranges, points, rules and references as they are read", () => {
    const shift = { name: "shift", values: ["day", "night"] };
    const party = (name: string) => ({
      name,
      weights: [0.5, 0.3, 0.2],
      values: [points, relative, [1, 0]],
      rules: [rule],
    });
    const document = {
      references: { exchange: [2.5, 3] },
      issues: [integer, continuous, shift],
      parties: [party("one"), party("two")],
    };
    const { utility } = scenarioFromJson(document).parties[0] ?? {};
    assert.equal(utility?.of([24, 3, 1]), 0.5 + 0.3 * 0.62);
    assert.equal(rounded(utility.of([25, 3, 0]) - utility.of([25, 3, 1])), 0.2 - 0.1);
  });
});
