import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type References, scenarioFromJson } from "../../../../offchain/negotiation/formats/scenario-json.ts";
import { scenarioToJson } from "../../../../offchain/negotiation/formats/scenario-to-json.ts";
import { scenarios } from "../scenarios.ts";

const issues = [
  { name: "colour", values: ["red", "blue"] },
  { name: "count", kind: "integer", from: 1, to: 3 },
  { name: "price", kind: "continuous", from: 10, to: 20 },
];
const points = [
  [10, 1],
  [20, 0],
];
const buyer = { name: "buyer", weights: [0.2, 0.3, 0.5], values: [[1, 0], [0, 0.5, 1], { points }] };
const seller = {
  name: "seller",
  weights: [0.5, 0.25, 0.25],
  values: [
    [0, 1],
    {
      points: [
        [1, 1],
        [3, 0],
      ],
    },
    { points },
  ],
};
const good = { name: "shop", references: { index: [4, 6, 5] }, issues, parties: [buyer, seller] };

/** The document with the buyer changed. */
function withBuyer(change: object): object {
  return { ...good, parties: [{ ...buyer, ...change }, seller] };
}

function withIssue(issue: object): object {
  return { ...good, issues: [issue, ...issues.slice(1)] };
}

describe("a scenario's document", () => {
  it("becomes issues and parties, with nothing for no deal and no discount unless it says so", () => {
    const { name, space, parties } = scenarioFromJson(good);
    assert.equal(name, "shop");
    assert.equal(space.size, Number.POSITIVE_INFINITY);
    const [one, two] = parties;
    assert.deepEqual([one?.reservation, one?.discount, two?.name], [0, 1, "seller"]);
    assert.equal(one?.utility.of([0, 2, 15]), 0.2 * 1 + 0.3 * 0.5 + 0.5 * 0.5);
    assert.equal(two?.utility.of([1, 2, 12]), 0.5 * 1 + 0.25 * 0.5 + 0.25 * 0.8);
    const [third] = scenarioFromJson(withBuyer({ reservation: 0.4, discount: 0.9 })).parties;
    assert.deepEqual([third?.reservation, third?.discount], [0.4, 0.9]);
  });

  it("adds what a rule says where all its conditions hold", () => {
    const when = {
      colour: ["red"],
      count: [
        { from: 1, to: 1 },
        { from: 3, to: 9 },
      ],
      price: { from: 10, to: 12 },
    };
    const { utility } = scenarioFromJson(withBuyer({ rules: [{ when, adds: -0.25 }] })).parties[0] ?? {};
    const plain = scenarioFromJson(good).parties[0]?.utility;
    for (const [outcome, adds] of [
      [[0, 1, 10], -0.25],
      [[0, 3, 12], -0.25],
      [[0, 2, 10], 0],
      [[1, 1, 10], 0],
      [[0, 1, 12.1], 0],
    ] as const) {
      assert.equal(utility?.of(outcome), (plain?.of(outcome) ?? 0) + adds);
    }
  });

  it("puts points at multiples of a reference's last, mean, least or greatest figure, or of one that is handed in", () => {
    const relative = {
      relativeTo: "index",
      points: [
        [2, 1],
        [4, 0],
      ],
    };
    const worth = (extra: object, references = {}) => {
      const document = withBuyer({ values: [[1, 0], [0, 0.5, 1], { ...relative, ...extra }] });
      return scenarioFromJson(document, references).parties[0]?.utility.worths[2];
    };
    const at = (from: number, to: number) => ({
      kind: "lines",
      points: [
        [from, 1],
        [to, 0],
      ],
    });
    assert.deepEqual(worth({}), at(10, 20));
    assert.deepEqual(worth({ statistic: "mean" }), at(10, 20));
    assert.deepEqual(worth({ statistic: "least" }), at(8, 16));
    assert.deepEqual(worth({ statistic: "greatest" }), at(12, 24));
    assert.deepEqual(worth({}, { index: 7 }), at(14, 28));
    const long = { ...good, references: { index: new Array(300_000).fill(3) } };
    assert.doesNotThrow(() => scenarioFromJson(long));
    assert.deepEqual(worth({ statistic: "greatest" }, { index: new Array(300_000).fill(5) }), at(10, 20));
  });

  it("is the same after writing and reading it", () => {
    const rules = [{ when: { colour: ["red"], count: { from: 2, to: 3 }, price: { from: 12, to: 13 } }, adds: 0.1 }];
    const relative = {
      relativeTo: "index",
      points: [
        [2, 1],
        [4, 0],
      ],
    };
    const whole = scenarioFromJson(
      withBuyer({ rules, values: [[1, 0], [0, 0.5, 1], relative], discount: 0.5, reservation: 0.1 }),
    );
    assert.deepEqual(scenarioFromJson(JSON.parse(JSON.stringify(scenarioToJson(whole)))), whole);
    fc.assert(
      fc.property(scenarios(2), (scenario) => {
        assert.deepEqual(scenarioFromJson(JSON.parse(JSON.stringify(scenarioToJson(scenario)))), scenario);
      }),
    );
  });

  it("may have 10^9 outcomes and more", () => {
    const each = Array.from({ length: 9 }, (_, index) => index);
    const party = { weights: each.map(() => 1 / 9), values: each.map(() => new Array(10).fill(1)) };
    const document = {
      issues: each.map((index) => ({ name: `${index}`, values: [..."0123456789"] })),
      parties: ["one", "two"].map((name) => ({ name, ...party })),
    };
    assert.equal(scenarioFromJson(document).space.size, 1e9);
  });

  it("takes references as they are handed in only where they are figures", () => {
    const refused = (references: object, field: string) =>
      assert.throws(() => scenarioFromJson(good, references as References), {
        code: "BadScenario",
        facts: { field },
      });
    for (const figure of [Number.POSITIVE_INFINITY, Number.NaN, 1e10, "5", null]) {
      refused({ index: figure }, "references.index");
      refused({ index: [1, figure] }, "references.index[1]");
    }
    refused({ index: [] }, "references.index");
    refused([1], "references");
  });

  it("may have an issue of many values", () => {
    const values = Array.from({ length: 200_000 }, (_, value) => `${value}`);
    assert.throws(() => scenarioFromJson({ ...good, issues: [{ name: "a", values: [...values, "7"] }] }), {
      facts: { field: "issues[0].values" },
    });
  });
});

describe("what no JSON could be", () => {
  const nested = (depth: number) => JSON.parse("[".repeat(depth) + "]".repeat(depth));
  const circle: Record<string, unknown> = {};
  circle["circle"] = circle;
  const gap = [1, 0];
  delete gap[1];
  const bad: Record<string, [document: unknown, message: RegExp]> = {
    "a list of great depth": [
      withIssue({ name: "a", values: nested(5_000) }),
      /^issues\[0\]\.values\[0\] is a list of 1, /,
    ],
    "a list of any depth": [{ ...good, issues: nested(200_000) }, /^issues\[0\] is a list of 1, and has to be an obj/],
    "a whole number beyond all": [withIssue({ name: "a", values: [10n] }), /^issues\[0\]\.values\[0\] is 10, and/],
    "a symbol": [withBuyer({ reservation: Symbol("low") }), /reservation is Symbol\(low\), and/],
    "a function": [withBuyer({ discount: () => 1 }), /discount is a function, and/],
    "a circle": [{ ...good, issues: circle }, /^issues is an object, and has to be a list/],
    "a list with a gap": [withBuyer({ values: [gap, [0, 0.5, 1], { points }] }), /values\[0\]\[1\] is missing, and/],
    "a list without end": [{ ...good, issues: Object.assign([], { length: 2 ** 32 - 1 }) }, /list of at most 10000000/],
    "a name that a terminal would obey": [{ ...good, "\u001b[31mred\u0007": 1 }, /^\\u001b\[31mred\\u0007 is 1, and/],
    "a name that turns the text around": [{ ...good, "\u202egood": 1 }, /^\\u202egood is 1, and/],
    "a name without end": [{ ...good, ["x".repeat(1e6)]: 1 }, /^x{37}\.\.\. is 1, and has to be absent/],
    "a text without end": [withBuyer({ name: "x".repeat(1e6) }), /name is "x{37}\.\.\.", and has to be a text of at/],
  };
  for (const [what, [document, message]] of Object.entries(bad)) {
    it(`is refused as any other document: ${what}`, () => {
      assert.throws(() => scenarioFromJson(document), { name: "ParleyError", code: "BadScenario", message });
    });
  }
});

describe("a bad document", () => {
  const bad: Record<string, [document: unknown, field: string]> = {
    "that is none": [null, "the document"],
    "that is a list": [[], "the document"],
    "with an unknown member": [{ ...good, protocol: "auction" }, "protocol"],
    "without issues": [{ ...good, issues: undefined }, "issues"],
    "with no issue": [{ ...good, issues: [], parties: [{ name: "a", weights: [], values: [] }] }, "issues"],
    "with too many issues": [
      { ...good, issues: Array.from({ length: 65 }, (_, i) => ({ name: `${i}`, values: ["a"] })) },
      "issues",
    ],
    "with an issue without a name": [withIssue({ values: ["a"] }), "issues[0].name"],
    "with an issue of an empty name": [withIssue({ name: "", values: ["a"] }), "issues[0].name"],
    "with a name that a terminal would obey": [withIssue({ name: "\u001b[2J", values: ["a"] }), "issues[0].name"],
    "with a name without end": [withIssue({ name: "a".repeat(1_001), values: ["a"] }), "issues[0].name"],
    "with two issues of one name": [withIssue({ name: "count", values: ["a", "b"] }), "issues[1].name"],
    "with an issue without values": [withIssue({ name: "a" }), "issues[0].kind"],
    "with an issue of no value": [withIssue({ name: "a", values: [] }), "issues[0].values"],
    "with a value twice": [withIssue({ name: "a", values: ["1", 1] }), "issues[0].values"],
    "with a value that is no text": [withIssue({ name: "a", values: [null] }), "issues[0].values[0]"],
    "with an issue of an unknown kind": [withIssue({ name: "a", kind: "fuzzy", from: 0, to: 1 }), "issues[0].kind"],
    "with values and a range": [withIssue({ name: "a", values: ["a"], from: 1 }), "issues[0].from"],
    "with a range without an end": [withIssue({ name: "a", kind: "integer", from: 0 }), "issues[0].to"],
    "with a range of NaN": [withIssue({ name: "a", kind: "continuous", from: Number.NaN, to: 1 }), "issues[0].from"],
    "with a range without limit": [withIssue({ name: "a", kind: "continuous", from: 0, to: 1e300 }), "issues[0].to"],
    "with a range of broken whole numbers": [
      withIssue({ name: "a", kind: "integer", from: 0.5, to: 1 }),
      "issues[0].from",
    ],
    "with a range the wrong way round": [withIssue({ name: "a", kind: "integer", from: 2, to: 1 }), "issues[0].to"],
    "without parties": [{ ...good, parties: undefined }, "parties"],
    "with one party": [{ ...good, parties: [buyer] }, "parties"],
    "with too many parties": [
      { ...good, parties: Array.from({ length: 17 }, (_, i) => ({ ...buyer, name: `${i}` })) },
      "parties",
    ],
    "with two parties of one name": [withBuyer({ name: "seller" }), "parties[1].name"],
    "with a party without a name": [withBuyer({ name: undefined }), "parties[0].name"],
    "with an unknown member of a party": [withBuyer({ mood: "bad" }), "parties[0].mood"],
    "without weights": [withBuyer({ weights: undefined }), "parties[0].weights"],
    "with a weight too few": [withBuyer({ weights: [0.5, 0.5] }), "parties[0].weights"],
    "with weights that don't sum": [withBuyer({ weights: [0.2, 0.3, 0.4] }), "parties[0].weights"],
    "with a weight below 0": [withBuyer({ weights: [-0.5, 0.5, 1] }), "parties[0].weights[0]"],
    "with a weight of NaN": [withBuyer({ weights: [Number.NaN, 0.5, 0.5] }), "parties[0].weights[0]"],
    "with a weight that is a text": [withBuyer({ weights: ["0.2", 0.3, 0.5] }), "parties[0].weights[0]"],
    "without values": [withBuyer({ values: undefined }), "parties[0].values"],
    "with values for an issue too few": [
      withBuyer({
        values: [
          [1, 0],
          [0, 0.5, 1],
        ],
      }),
      "parties[0].values",
    ],
    "with a value too few": [withBuyer({ values: [[1], [0, 0.5, 1], { points }] }), "parties[0].values[0]"],
    "with a missing value": [withBuyer({ values: [[1, null], [0, 0.5, 1], { points }] }), "parties[0].values[0][1]"],
    "with a value of NaN": [
      withBuyer({ values: [[1, Number.NaN], [0, 0.5, 1], { points }] }),
      "parties[0].values[0][1]",
    ],
    "with a value without limit": [
      withBuyer({ values: [[1, Number.POSITIVE_INFINITY], [0, 0.5, 1], { points }] }),
      "parties[0].values[0][1]",
    ],
    "with a value too large": [withBuyer({ values: [[1, 1e10], [0, 0.5, 1], { points }] }), "parties[0].values[0][1]"],
    "with a list for a continuous issue": [
      withBuyer({
        values: [
          [1, 0],
          [0, 0.5, 1],
          [1, 0],
        ],
      }),
      "parties[0].values[2]",
    ],
    "with points for a discrete issue": [
      withBuyer({ values: [{ points }, [0, 0.5, 1], { points }] }),
      "parties[0].values[0]",
    ],
    "with no point": [withBuyer({ values: [[1, 0], [0, 0.5, 1], { points: [] }] }), "parties[0].values[2].points"],
    "with points that don't rise": [
      withBuyer({
        values: [
          [1, 0],
          [0, 0.5, 1],
          {
            points: [
              [2, 1],
              [2, 0],
            ],
          },
        ],
      }),
      "parties[0].values[2].points",
    ],
    "with a point of one number": [
      withBuyer({ values: [[1, 0], [0, 0.5, 1], { points: [[2]] }] }),
      "parties[0].values[2].points[0]",
    ],
    "with points relative to nothing": [
      withBuyer({ values: [[1, 0], [0, 0.5, 1], { points, relativeTo: "toString" }] }),
      "parties[0].values[2].relativeTo",
    ],
    "with an unknown statistic": [
      withBuyer({ values: [[1, 0], [0, 0.5, 1], { points, relativeTo: "index", statistic: "median" }] }),
      "parties[0].values[2].statistic",
    ],
    "with a reference of nothing": [{ ...good, references: { index: [] } }, "references.index"],
    "with a reference of 0 that is used": [
      { ...withBuyer({ values: [[1, 0], [0, 0.5, 1], { points, relativeTo: "index" }] }), references: { index: 0 } },
      "parties[0].values[2].relativeTo",
    ],
    "with a reservation that is none": [withBuyer({ reservation: "low" }), "parties[0].reservation"],
    "with a reservation of NaN": [withBuyer({ reservation: Number.NaN }), "parties[0].reservation"],
    "with a discount of 0": [withBuyer({ discount: 0 }), "parties[0].discount"],
    "with a discount above 1": [withBuyer({ discount: 1.1 }), "parties[0].discount"],
    "with a rule without conditions": [withBuyer({ rules: [{ when: {}, adds: 1 }] }), "parties[0].rules[0].when"],
    "with a rule about no issue": [
      withBuyer({ rules: [{ when: { size: ["L"] }, adds: 1 }] }),
      "parties[0].rules[0].when.size",
    ],
    "with a rule about no value": [
      withBuyer({ rules: [{ when: { colour: ["green"] }, adds: 1 }] }),
      "parties[0].rules[0].when.colour[0]",
    ],
    "with a rule about an empty list": [
      withBuyer({ rules: [{ when: { colour: [] }, adds: 1 }] }),
      "parties[0].rules[0].when.colour",
    ],
    "with a rule about an empty range": [
      withBuyer({ rules: [{ when: { count: { from: 2, to: 1 } }, adds: 1 }] }),
      "parties[0].rules[0].when.count.to",
    ],
    "with a rule that adds nothing": [
      withBuyer({ rules: [{ when: { colour: ["red"] } }] }),
      "parties[0].rules[0].adds",
    ],
  };
  for (const [what, [document, field]] of Object.entries(bad)) {
    it(`${what} is refused, naming the field`, () => {
      assert.throws(
        () => scenarioFromJson(document),
        (thrown: { code?: string; message: string; facts?: object }) => {
          assert.equal(thrown.code, "BadScenario");
          assert.deepEqual(thrown.facts, { field });
          assert.ok(thrown.message.startsWith(field), thrown.message);
          return true;
        },
      );
    });
  }
});
