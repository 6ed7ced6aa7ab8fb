import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryJournal } from "../../../../offchain/adapters/journal/memory/journal.ts";
import type { Bytes32 } from "../../../../offchain/kernel/ids.ts";
import { endOf, isClosed, isDue, owedFor, roomWith } from "../../../../offchain/settlement/tab/carrying.ts";
import { nextSalt } from "../../../../offchain/settlement/tab/generation.ts";
import {
  nettingObjection,
  nettingOf,
  nettingProposal,
  statementIn,
} from "../../../../offchain/settlement/tab/netting.ts";
import { Tab } from "../../../../offchain/settlement/tab/tab.ts";
import { HIGHER, LOWER, TERMS, TwoSides } from "./two-sides.ts";

const word = (byte: string): Bytes32 => `0x${byte.repeat(32)}`;

async function pair() {
  const sides = await TwoSides.make();
  const lower = await Tab.open(sides.options(LOWER, new MemoryJournal()));
  const higher = await Tab.open(sides.options(HIGHER, new MemoryJournal()));
  return { lower, higher };
}

describe("what an account can carry", () => {
  it("is what its credit leaves, what is agreed and not signed for taken off", async () => {
    const { lower, higher } = await pair();
    await higher.hear(await lower.owe(300n, word("d1")));
    await lower.hear(await higher.owe(50n));
    for (const tab of [lower, higher]) {
      const { ours, theirs } = tab.state;
      const [low, high] = ours.agent === LOWER ? [ours, theirs] : [theirs, ours];
      assert.equal(roomWith(tab.state, low, 0n), 750n);
      assert.equal(roomWith(tab.state, low, 200n), 550n);
      assert.equal(roomWith(tab.state, high, 0n), 650n);
      assert.deepEqual([isDue(tab.state, 250n), isDue(tab.state, 251n)], [true, false]);
    }
  });

  it("knows what was signed for one thing among others, in however many entries", async () => {
    const { lower } = await pair();
    for (const [amount, memo] of [
      [5n, "d1"],
      [7n, "d2"],
      [20n, "d1"],
    ] as const) {
      await lower.owe(amount, word(memo));
    }
    const { ours } = lower.state;
    assert.deepEqual(
      [word("d1"), word("d2"), word("d3")].map((memo) => owedFor(ours, memo)),
      [25n, 7n, 0n],
    );
  });

  it("ends where either side closes it", async () => {
    const { lower, higher } = await pair();
    assert.deepEqual([endOf(lower.state), isClosed(lower.state)], [null, false]);
    const answers = await higher.hear(await lower.close());
    assert.match(endOf(lower.state) ?? "", /closed/);
    assert.deepEqual([isClosed(lower.state), isClosed(higher.state)], [false, true]);
    for (const answer of answers) await lower.hear(answer);
    assert.ok(isClosed(lower.state));
  });

  it("goes on under a salt that both derive, another one each time", () => {
    const [first, second] = [nextSalt(word("01")), nextSalt(word("02"))];
    assert.notEqual(first, second);
    assert.equal(first, nextSalt(word("01")));
    assert.notEqual(nextSalt(first), first);
  });
});

describe("the deal that pays an account", () => {
  it("is known by its statement, and refused where anything of it is else", async () => {
    const { lower, higher } = await pair();
    await higher.hear(await lower.owe(300n));
    await higher.hear(await lower.close());
    const netting = nettingOf(higher.state);
    assert.ok(netting !== null);
    const times = { commitBy: 5_000, deliverWithin: 600, reviewPeriod: 600 };
    const good = nettingProposal(netting, TERMS, LOWER, times, word("5b"));
    assert.equal(statementIn(good.terms), netting.statement);
    assert.equal(statementIn({ ...good.terms, pays: "something else" }), null);
    assert.equal(nettingObjection(good, netting, TERMS), null);
    for (const bad of [
      { ...good, role: "seller" as const },
      { ...good, terms: { ...good.terms, digest: word("00") } },
      { ...good, terms: { ...good.terms, more: 1 } },
      { ...good, deal: { ...good.deal, token: `0x${"98".repeat(20)}` as const } },
      { ...good, deal: { ...good.deal, sellerBond: 1n } },
      { ...good, deal: { ...good.deal, buyerBond: 1n } },
      { ...good, deal: { ...good.deal, arbitrator: `0x${"97".repeat(20)}` as const } },
      { ...good, deal: { ...good.deal, maxFee: 1n } },
      { ...good, deal: { ...good.deal, reviewPeriod: 0 } },
      { ...good, deal: { ...good.deal, category: word("01") } },
    ]) {
      assert.equal(typeof nettingObjection(bad, netting, TERMS), "string");
    }
  });
});
