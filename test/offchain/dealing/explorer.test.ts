import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isFinal } from "../../../offchain/dealing/speaking.ts";
import { hashDeal } from "../../../offchain/terms/deal.ts";
import { type Course, Explorer, type Side } from "./explorer.ts";

describe("every course that two honest sides can take over a network that loses, repeats and reorders", () => {
  const explorer = new Explorer({ rounds: 3, prices: [100n, 200n] });
  const { courses, steps } = explorer.explore();

  it("is many courses", () => {
    assert.ok(courses.length > 1_000, `${courses.length} courses, ${steps} steps`);
    const phases = new Set(courses.map(({ opener, responder }) => `${opener.phase} ${responder?.phase}`));
    for (const both of ["agreed agreed", "agreed ended", "ended agreed", "ended ended", "bargaining bargaining"]) {
      assert.ok(phases.has(both), `none is ${both}`);
    }
  });

  it("never has one side sign two envelopes under one number", () => {
    for (const { opener, responder } of courses) {
      for (const state of [opener, responder]) {
        const numbers = explorer.saidBy(state).map(({ envelope }) => envelope.seq);
        assert.deepEqual(numbers, Array.from(numbers.keys()));
      }
    }
  });

  it("never has one side find the other at fault", () => {
    for (const { opener, responder } of courses) {
      for (const state of [opener, responder]) {
        if (state === null) continue;
        assert.equal(state.equivocated, null);
        if (state.phase === "ended") assert.match(state.ending.code, /^(Withdrawn|Expired)$/);
      }
    }
  });

  it("leaves at most one deal that can be committed, and both sides have it on their table", () => {
    let bound = 0;
    for (const course of courses) {
      const [deal, ...more] = explorer.committable(course);
      assert.deepEqual(more, []);
      if (deal === undefined) continue;
      bound++;
      for (const side of ["opener", "responder"] as const) assert.ok(tableOf(course, side).has(deal));
    }
    assert.ok(bound > 100);
  });

  it("never has a side that believes in a deal which could not be committed", () => {
    for (const course of courses) {
      const deals = explorer.committable(course);
      for (const state of [course.opener, course.responder]) {
        if (state?.phase === "agreed") assert.deepEqual(deals, [state.agreement.dealHash]);
      }
    }
  });

  it("ends, once all that was said has arrived, with both sides holding the same deal or none", () => {
    for (const course of courses) {
      const settled = explorer.settle(course);
      const [committable] = explorer.committable(settled);
      for (const state of [settled.opener, settled.responder]) {
        assert.ok(state === null || isFinal(state));
        const held = state?.phase === "agreed" ? state.agreement.dealHash : undefined;
        assert.equal(held, committable);
      }
    }
  });
});

/** The deals that a side would know again if it saw one committed. */
function tableOf(course: Course, side: Side): Set<string> {
  const state = course[side];
  const hashes = new Set<string>();
  for (const chain of [state?.ours ?? null, state?.theirs ?? null]) {
    for (let link = chain; link !== null; link = link.previous) if (link.deal !== null) hashes.add(hashDeal(link.deal));
  }
  return hashes;
}
