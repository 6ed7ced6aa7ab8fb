// A few of the runs of `npm run chaos`, of which one has each kind of trouble.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Lane } from "../chaos/lane.ts";
import { type Plan, planOf } from "../chaos/plan.ts";

const KINDS: Readonly<Record<string, (plan: Plan) => boolean>> = {
  "processes that are killed": ({ kills, disk }) => kills.length > 1 && disk === null,
  "a network that loses and breaks": ({ network }) => network.loss > 0 && network.cuts.length > 1,
  "a disk that is full": ({ disk }) => disk !== null,
  "clocks that differ": ({ skewMs }) => skewMs.buyer !== skewMs.seller,
  "keys that are revoked": ({ revocation, rounds }) => revocation !== null && revocation.at.frame < rounds,
};

/** The first plan of that kind which no other test has. */
function firstOf(kind: (plan: Plan) => boolean, taken: Set<number>): Plan {
  let seed = 1;
  while (taken.has(seed) || !kind(planOf(seed))) seed++;
  taken.add(seed);
  return planOf(seed);
}

describe("a negotiation with", () => {
  let lane: Lane;
  const taken = new Set<number>();

  before(async () => {
    lane = await Lane.open();
  });

  after(() => lane.close());

  for (const [name, kind] of Object.entries(KINDS)) {
    const plan = firstOf(kind, taken);
    it(`${name} ends with both sides holding the same deal or none (seed ${plan.seed})`, async () => {
      const { wrong, deal, ends } = await lane.run(plan);
      assert.deepEqual(wrong, []);
      if (plan.revocation === null) assert.ok(deal !== null, JSON.stringify(ends));
    });
  }
});
