import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { objectionToArbitrator } from "../../../offchain/dealing/arbitrator.ts";
import { CachedArbitrators } from "../../../offchain/dealing/cached-arbitrators.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import type { Address } from "../../../offchain/kernel/ids.ts";
import type { ArbitratorFacts } from "../../../offchain/ports/arbitrators.ts";
import type { DealTemplate } from "../../../offchain/terms/proposal.ts";
import { AGENTS, World } from "./fixture.ts";

const COURT: Address = `0x${"c0".repeat(20)}`;

const FACTS = { isThere: true, cost: 100n, court: { needsS: 1_000, seats: 3, panel: 3 } } as const;

const FITTING = { arbitrator: COURT, maxFee: 100n, rulingWithin: 1_001, reviewPeriod: 3_600 };

type Changes = Partial<Pick<DealTemplate, "arbitrator" | "maxFee" | "rulingWithin" | "reviewPeriod">>;

describe("whether a deal's arbitrator could rule", () => {
  const why = (deal: Changes, facts: Partial<ArbitratorFacts> = {}) =>
    objectionToArbitrator({ ...FITTING, ...deal }, { ...FACTS, ...facts })?.because ?? null;

  it("goes by whether it is there, what it costs, and what time a Court needs", () => {
    assert.equal(why({}), null);
    assert.match(why({}, { isThere: false, cost: null, court: null }) ?? "", /there is no contract at .*0xc0c0/);
    assert.match(why({}, { cost: null }) ?? "", /doesn't say what a dispute costs/);
    assert.match(why({ maxFee: 99n }) ?? "", /costs 100 at .* `maxFee` is 99/);
    assert.match(why({ rulingWithin: 1_000 }) ?? "", /needs more than 1000 s to rule, and `rulingWithin` is 1000/);
  });

  it("takes the word of one of another make for the time", () => {
    assert.equal(why({ rulingWithin: 1 }, { court: null }), null);
  });
});

describe("a deal whose arbitrator can't rule", () => {
  const facts = (of: Partial<ArbitratorFacts> = {}) => ({ facts: async () => ({ ...FACTS, ...of }) });

  const dealOf = (world: World, changes: Changes = {}) => {
    const { deal } = world.proposal();
    return world.proposal({ deal: { ...deal, ...FITTING, ...changes } });
  };

  it("isn't opened", async () => {
    const world = await World.create({ more: { buyer: { arbitrators: facts() } } });
    await assert.rejects(world.open(dealOf(world, { rulingWithin: 600 })), (thrown: ParleyError) => {
      assert.equal(thrown.code, "ArbitratorUnfit");
      assert.match(thrown.hint ?? "", /`rulingWithin` of some hours more than 1000 s/);
      return true;
    });
    assert.equal(world.sent.length, 0);
    await world.open(dealOf(world));
    await world.quiet();
    assert.equal(world.session("buyer").state.phase, "agreed");
  });

  it("is refused to whoever proposes it, with the reason", async () => {
    const world = await World.create({ more: { seller: { arbitrators: facts({ cost: 101n }) } } });
    await world.open(dealOf(world));
    await world.quiet();
    assert.equal(world.dealers.seller.sessions.size, 0);
    const { state } = world.session("buyer");
    assert.ok(state.phase === "ended");
    assert.equal(state.ending.code, "ProposalRefused");
    assert.match(state.ending.note, /a dispute costs 101/);
  });

  it("isn't answered before the chain can be asked", async () => {
    let outages = 1;
    const arbitrators = {
      facts: async () => {
        if (outages-- > 0) throw new ParleyError("ChainUnreachable", "no answer", { retryable: true });
        return FACTS;
      },
    };
    const world = await World.create({ more: { seller: { arbitrators } } });
    await world.open(dealOf(world));
    await world.quiet();
    assert.equal(world.dealers.seller.sessions.size, 0);
    assert.equal((world.troubles[0] as ParleyError).code, "ChainUnreachable");
    for (let side = 0; side < 2; side++) {
      world.clock.advance(1_000);
      await world.quiet();
    }
    assert.equal(world.session("seller").state.phase, "agreed");
  });

  it("isn't asked for again where it was posted for later, and is let go of", async () => {
    let cost = 100n;
    let outage = false;
    const arbitrators = {
      facts: async () => {
        if (outage) throw new ParleyError("ChainUnreachable", "no answer", { retryable: true });
        return { ...FACTS, cost };
      },
    };
    const strategies = {
      buyer: { kind: "time-dependent", from: 500n, limit: 600n, pace: 1 },
      seller: { kind: "time-dependent", from: 1_000n, limit: 900n, pace: 1 },
    } as const;
    const world = await World.create({ rounds: 4, strategies, more: { buyer: { arbitrators } } });
    const again = { afterMs: 3_600_000, times: 3 };
    const intent = { peer: AGENTS.seller, address: "seller", proposal: dealOf(world), again };
    await world.dealers.buyer.open({ ...intent, strategy: strategies.buyer }, world.line("buyer"));
    const later = async () => {
      await world.quiet();
      for (const session of world.dealers.buyer.sessions) world.dealers.buyer.release(session, false);
      world.clock.advance(again.afterMs);
      await world.quiet();
      return world.dealers.buyer.sessions.size;
    };
    // What could rule the first time is asked for where the chain can't be asked.
    outage = true;
    assert.equal(await later(), 2);
    [outage, cost] = [false, 101n];
    assert.equal(await later(), 2);
    assert.equal(await later(), 2);
    assert.deepEqual(
      world.troubles.map((thrown) => (thrown as ParleyError).code),
      ["ChainUnreachable", "ArbitratorUnfit"],
    );
  });

  it("is none where the deal names none, or can't be disputed: nobody is asked", async () => {
    const arbitrators = { facts: async () => assert.fail("asked") };
    const world = await World.create({ more: { buyer: { arbitrators }, seller: { arbitrators } } });
    await world.open(world.proposal());
    await world.open(dealOf(world, { reviewPeriod: 0 }));
    await world.quiet();
    assert.deepEqual(
      [...world.dealers.buyer.sessions].map(({ state }) => state.phase),
      ["agreed", "agreed"],
    );
  });
});

describe("what is asked of arbitrators", () => {
  it("is asked once for a while, bad news too", async () => {
    let asked = 0;
    const clock = new SimulatedClock(0);
    const absent: ArbitratorFacts = { isThere: false, cost: null, court: null };
    const facts = async () => {
      asked++;
      return absent;
    };
    const arbitrators = new CachedArbitrators({ facts }, { clock });
    for (let turn = 0; turn < 3; turn++) assert.deepEqual(await arbitrators.facts(COURT, 600), absent);
    assert.equal(asked, 1);
    await arbitrators.facts(COURT, 601);
    assert.equal(asked, 2);
    clock.advance(10_000);
    await arbitrators.facts(COURT, 600);
    assert.equal(asked, 3);
  });
});
