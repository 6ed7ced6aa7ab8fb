import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Issue, IssueSpace } from "../../../offchain/terms/issue-space.ts";

const colour: Issue = { kind: "discrete", name: "colour", values: ["red", "blue"] };
const count: Issue = { kind: "integer", name: "count", from: -2, to: 3 };
const price: Issue = { kind: "continuous", name: "price", from: 10, to: 20 };

describe("IssueSpace", () => {
  it("numbers its outcomes, the last issue changing fastest", () => {
    const space = new IssueSpace([colour, count]);
    assert.equal(space.size, 12);
    assert.deepEqual(
      [0, 1, 5, 6, 11].map((id) => space.at(id)),
      [
        [0, -2],
        [0, -1],
        [0, 3],
        [1, -2],
        [1, 3],
      ],
    );
  });

  it("finds each outcome's number again", () => {
    const issue = (index: number) =>
      fc.oneof(
        fc.integer({ min: 1, max: 6 }).map((values): Issue => {
          return {
            kind: "discrete",
            name: `${index}`,
            values: Array.from({ length: values }, (_, value) => `${value}`),
          };
        }),
        fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat({ max: 5 })).map(([from, more]): Issue => {
          return { kind: "integer", name: `${index}`, from, to: from + more };
        }),
      );
    fc.assert(
      fc.property(fc.tuple(issue(0), issue(1), issue(2)), fc.nat(), (issues, any) => {
        const space = new IssueSpace(issues);
        const id = any % space.size;
        assert.ok(space.contains(space.at(id)));
        assert.equal(space.idOf(space.at(id)), id);
      }),
    );
  });

  it("has no end with a continuous issue", () => {
    const space = new IssueSpace([colour, price]);
    assert.equal(space.size, Number.POSITIVE_INFINITY);
    assert.deepEqual([space.countOf(0), space.countOf(1), space.firstOf(1)], [2, Number.POSITIVE_INFINITY, 10]);
  });

  it("contains its outcomes, and nothing else", () => {
    const space = new IssueSpace([colour, count, price]);
    for (const outcome of [
      [0, -2, 10],
      [1, 3, 20],
      [0, 0, 12.34],
    ])
      assert.ok(space.contains(outcome), `${outcome}`);
    const others: unknown[] = [
      ...[
        [0, -2],
        [0, -2, 10, 0],
        [2, 0, 10],
        [-1, 0, 10],
        [0.5, 0, 10],
        [0, 4, 10],
        [0, 0.5, 10],
        [0, 0, 9.9],
        [0, 0, 21],
      ],
      ...[[0, 0, Number.NaN], [0, 0, "10"], [0, 0, null], null, undefined, "0,0,10", { length: 3 }],
    ];
    for (const other of others) assert.ok(!space.contains(other), JSON.stringify(other));
  });

  it("describes an outcome by names", () => {
    const space = new IssueSpace([colour, count, price]);
    assert.deepEqual(space.describe([1, 0, 12.5]), { colour: "blue", count: 0, price: 12.5 });
  });
});
