import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromHub, linkedParts, type Pair } from "../../../../offchain/negotiation/protocols/settle.ts";
import { IssueSpace } from "../../../../offchain/terms/issue-space.ts";

const agreed = {
  negotiation: "n1",
  parties: ["shop", "mill", "carrier"],
  space: new IssueSpace([
    { kind: "discrete", name: "quality", values: ["plain", "fine"] },
    { kind: "integer", name: "flour price", from: 10, to: 20 },
    { kind: "continuous", name: "freight", from: 0, to: 1 },
  ]),
  outcome: [1, 12, 0.25],
  pairs: [
    { buyer: 0, seller: 1, issues: ["flour price"] },
    { buyer: 0, seller: 2, issues: ["freight"] },
  ] satisfies Pair[],
};

describe("the parts of an agreement among several", () => {
  it("say what is about all, and what is about their pair", () => {
    const parts = linkedParts(agreed).map(({ link: _, ...part }) => part);
    assert.deepEqual(parts, [
      { place: 0, parts: 2, buyer: "shop", seller: "mill", terms: { quality: "fine", "flour price": 12 } },
      { place: 1, parts: 2, buyer: "shop", seller: "carrier", terms: { quality: "fine", freight: 0.25 } },
    ]);
  });

  it("come from a hub that buys from each of the others", () => {
    assert.deepEqual(fromHub(1, 4), [
      { buyer: 1, seller: 0 },
      { buyer: 1, seller: 2 },
      { buyer: 1, seller: 3 },
    ]);
    const parts = linkedParts({ ...agreed, pairs: fromHub(0, 3) });
    assert.deepEqual(
      parts.map(({ seller }) => seller),
      ["mill", "carrier"],
    );
    assert.deepEqual(parts[1]?.terms, { quality: "fine", "flour price": 12, freight: 0.25 });
  });

  it("have one link, which changes with anything that was agreed", () => {
    const linkOf = (changed: Partial<typeof agreed>) => {
      const links = new Set(linkedParts({ ...agreed, ...changed }).map(({ link }) => link));
      assert.equal(links.size, 1);
      return [...links][0];
    };
    const links = [
      linkOf({}),
      linkOf({ negotiation: "n2" }),
      linkOf({ parties: ["shop", "mill", "other"] }),
      linkOf({ outcome: [1, 12, 0.5] }),
      linkOf({ pairs: [...agreed.pairs].reverse() }),
    ];
    assert.equal(new Set(links).size, links.length);
    assert.equal(linkOf({}), links[0]);
  });

  it("are refused by name where the pairs make no sense", () => {
    const refused: [string, Partial<typeof agreed>][] = [
      ["pairs[0].buyer", { pairs: [{ buyer: 3, seller: 1, issues: [] }] }],
      ["pairs[0].seller", { pairs: [{ buyer: 0, seller: -1, issues: [] }] }],
      ["pairs[0]", { pairs: [{ buyer: 0, seller: 0, issues: [] }] }],
      ["pairs[2]", { pairs: [...agreed.pairs, { buyer: 0, seller: 1, issues: [] }] }],
      ["pairs[0].issues", { pairs: [{ buyer: 0, seller: 1, issues: ["weather"] }] }],
      ["pairs", { pairs: agreed.pairs.slice(1) }],
      ["outcome", { outcome: [2, 12, 0.25] }],
    ];
    for (const [field, changed] of refused) {
      assert.throws(() => linkedParts({ ...agreed, ...changed }), { code: "BadParts", facts: { field } });
    }
  });
});
