import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import type { SettlementEvent } from "../../../offchain/ports/settlement-events.ts";
import { FollowedDeals } from "../../../offchain/settlement/follower/followed-deals.ts";
import { Follower } from "../../../offchain/settlement/follower/follower.ts";
import { type Deal, hashDeal } from "../../../offchain/terms/deal.ts";
import { dealOf } from "./author.ts";
import { FakeChain, FakeNode, named, SETTLEMENT } from "./fake-chain.ts";

const FROM = 2;
const [DEAL, OTHER] = [dealOf(1), dealOf(4)];
const HASH = hashDeal(DEAL);

describe("deals as a follower knows them", () => {
  let chain: FakeChain;
  let clock: SimulatedClock;
  let node: FakeNode;
  let follower: Follower;
  let deals: FollowedDeals;
  let stopping: AbortController;
  let ended: Promise<void>;

  beforeEach(async () => {
    chain = new FakeChain(FROM);
    clock = new SimulatedClock();
    node = new FakeNode(chain);
    follower = await Follower.open({ blocks: node, journal: new MemoryJournal(), clock, from: FROM });
    deals = new FollowedDeals();
    deals.follow(follower);
    stopping = new AbortController();
    ended = follower.run(stopping.signal);
  });

  afterEach(async () => {
    stopping.abort();
    await ended;
  });

  it("wakes who waits for a deal by what happens to that deal, and to no other", async () => {
    const woken = watch(DEAL, Number.POSITIVE_INFINITY);
    await block(...funded(DEAL, OTHER), committed(OTHER));
    assert.equal(woken.times, 0);
    assert.equal(deals.recorded(DEAL), null);
    await block(committed(DEAL));
    assert.equal(woken.times, 1);
    assert.deepEqual(deals.recorded(DEAL), { dealHash: HASH, transcript: named("said"), price: DEAL.price });
    woken.end();
    await block({ type: "Delivered", deal: HASH, evidence: named("evidence") });
    assert.equal(woken.times, 1);
  });

  it("wakes at each block from the second on that is waited for", async () => {
    const now = chain.head.timestamp;
    const [soon, late, always] = [watch(DEAL, now + 10), watch(DEAL, now + 1_000_000), watch(DEAL, null)];
    await block();
    await block();
    assert.deepEqual([soon.times > 0, late.times, always.times > 1], [true, 0, true]);
    assert.equal(deals.time(0), chain.head.timestamp);
    assert.equal(deals.time(1), chain.blocks.at(-2)?.block.timestamp);
    assert.equal(deals.time(60), null, "before the first block that was read");
  });

  it("tells a payout once it lies deep enough, and wakes where it is taken back", async () => {
    await block(...funded(DEAL), committed(DEAL));
    const before = chain.head.number;
    const { price, buyerBond, sellerBond } = DEAL;
    const [toBuyer, toSeller] = [buyerBond, price + sellerBond];
    await block({ type: "Settled", deal: HASH, outcome: "Accepted", toBuyer, toSeller });
    const payout = { outcome: "Accepted", toBuyer, toSeller };
    assert.deepEqual([deals.payout(HASH, 0), deals.payout(HASH, 1)], [payout, null]);
    await block();
    assert.deepEqual(deals.payout(HASH, 1), payout);
    const woken = watch(DEAL, Number.POSITIVE_INFINITY);
    chain.rollBackTo(before);
    for (let made = 0; made < 3; made++) await block();
    assert.ok(woken.times > 0);
    assert.equal(deals.payout(HASH, 0), null);
  });

  it("tells how a deal stands, now and so deep as it has stood like that", async () => {
    const position = (depth = 0) => deals.position(DEAL, named("said"), depth);
    await block(...funded(DEAL));
    assert.deepEqual([position()?.status, position()?.now], ["None", chain.head.timestamp]);
    await block(committed(DEAL));
    const since = chain.head.timestamp;
    assert.deepEqual(
      [position(), position(1), deals.position(DEAL, named("unsaid"), 0)?.ours],
      [{ ...position(), status: "Committed", now: since, since, ours: true, received: 0n }, null, false],
    );
    await block();
    assert.deepEqual(
      [position(1)?.status, position(1)?.now, position()?.now],
      ["Committed", since, chain.head.timestamp],
    );
    assert.equal(deals.position(OTHER, named("said"), 0)?.status, "None");
    await block({ type: "Delivered", deal: HASH, evidence: named("evidence") });
    const facts = { share: 100, evidence: named("why"), rulingUntil: 5, terms: null };
    await block({ type: "Disputed", deal: HASH, ...facts });
    const standing = { buyerShare: 100, sellerShare: 10_000, answered: false, rulingUntil: 5, referred: false };
    assert.deepEqual(position()?.dispute, { ...standing, ruled: false });
    const woken = watch(DEAL, Number.POSITIVE_INFINITY);
    const key = follower.deal(HASH)?.key ?? named("none");
    await block({ type: "Ruled", key, arbitrator: SETTLEMENT, disputeId: 1n, ruling: 3 });
    assert.deepEqual([position()?.dispute?.ruled, woken.times], [true, 1]);
  });

  it("knows who has let whom down", async () => {
    const { buyer, seller, negotiation, token, sellerBond: locked } = DEAL;
    const opening = { deal: HASH, buyer, seller, negotiation, transcript: named("said"), token };
    const facts = { declarer: seller, locked, cureUntil: 1, reason: "0x12345678", terms: null } as const;
    await block(...funded(DEAL), { type: "Declared", ...opening, ...facts });
    assert.deepEqual([deals.recorded(DEAL)?.price, deals.atFault(HASH)], [null, null]);
    await block({ type: "Defaulted", deal: HASH, agent: buyer, returned: locked });
    assert.equal(deals.atFault(HASH), buyer);
  });

  it("knows nothing any more once there is no follower to go by, until there is another", async () => {
    await block(...funded(DEAL), committed(DEAL));
    deals.lose();
    assert.deepEqual([deals.time(0), deals.position(DEAL, named("said"), 0), deals.recorded(DEAL)], [null, null, null]);
    deals.follow(follower);
    assert.equal(deals.position(DEAL, named("said"), 0)?.status, "Committed");
  });

  it("knows the time on a chain that makes a block in each look at it", async () => {
    const eventsIn = node.eventsIn.bind(node);
    node.eventsIn = async (refs) => {
      await new Promise(setImmediate);
      chain.extend(() => undefined);
      return await eventsIn(refs);
    };
    chain.extend(() => undefined);
    await looks(5);
    assert.ok((follower.tip?.number ?? 0) < chain.head.number, "there is always one more");
    assert.notEqual(deals.time(0), null);
    assert.equal(deals.time(0), follower.tip?.timestamp);
    node.eventsIn = eventsIn;
  });

  it("says nothing of the present while it reads what it has missed", async () => {
    await block();
    const before = chain.head.timestamp;
    assert.equal(deals.time(0), before);
    node.moods.push("refuse", "refuse", "refuse");
    const always = watch(DEAL, null);
    await looks(1);
    assert.equal(deals.time(0), null);
    for (let made = 0; made < 200; made++) chain.extend(() => undefined);
    const seen = new Set<number | null>();
    for (let count = 0; follower.tip?.hash !== chain.head.hash; count++) {
      assert.ok(count < 1_000, "the follower has stopped following");
      await looks(1);
      seen.add(deals.time(0));
    }
    await looks(2);
    assert.deepEqual(
      [[...seen].filter((time) => time !== null && time !== chain.head.timestamp), deals.time(0)],
      [[], chain.head.timestamp],
    );
    assert.ok(always.times > 0, "who waits is told once it is known again");
  });

  it("says nothing of the present while one node's newest block doesn't follow what another one still has", async () => {
    await block();
    assert.notEqual(deals.time(0), null);
    const [head, at] = [node.head.bind(node), node.at.bind(node)];
    const { number, timestamp } = chain.head;
    const strange = {
      number: number + 1,
      hash: named("another"),
      parent: named("its parent"),
      timestamp: timestamp + 1,
    };
    node.head = async () => strange;
    node.at = async (asked) => (asked === strange.number ? strange : await at(asked));
    await looks(2);
    assert.deepEqual([deals.time(0), follower.tip?.hash], [null, chain.head.hash]);
    Object.assign(node, { head, at });
    await looks(2);
    assert.equal(deals.time(0), chain.head.timestamp);
  });

  async function looks(count: number): Promise<void> {
    for (let look = 0; look < count; look++) {
      for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
      clock.advance(40_000);
    }
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  }

  function watch(deal: Deal, until: number | null) {
    const woken = { times: 0, end: deals.watch(deal, until, () => woken.times++) };
    return woken;
  }

  /** Makes a block, and waits until it was read. */
  async function block(...events: readonly SettlementEvent[]): Promise<void> {
    chain.extend((_ledger, emit) => {
      for (const event of events) emit(event);
    });
    for (let looks = 0; follower.tip?.hash !== chain.head.hash; looks++) {
      assert.ok(looks < 1_000, "the follower has stopped following");
      await new Promise(setImmediate);
      clock.advance(1_000);
    }
  }
});

function funded(...of: readonly Deal[]): SettlementEvent[] {
  return of.flatMap(({ buyer, seller, token }) =>
    [buyer, seller].map((agent) => {
      return { type: "Deposited", agent, token, from: SETTLEMENT, amount: 1_000n, toStake: false } as const;
    }),
  );
}

function committed(deal: Deal): SettlementEvent {
  const { buyer, seller, negotiation, token, price, buyerBond, sellerBond } = deal;
  const opening = { deal: hashDeal(deal), buyer, seller, negotiation, transcript: named("said"), token };
  return { type: "Committed", ...opening, price, buyerBond, sellerBond };
}
