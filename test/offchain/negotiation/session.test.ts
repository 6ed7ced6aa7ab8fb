import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { reaches } from "../../../offchain/negotiation/analysis/precision.ts";
import { orderBids } from "../../../offchain/negotiation/bids/order.ts";
import type { Moment, Move } from "../../../offchain/negotiation/move.ts";
import { alternatingOffers } from "../../../offchain/negotiation/protocols/alternating-offers.ts";
import { monotonicConcession } from "../../../offchain/negotiation/protocols/monotonic-concession.ts";
import { PROTOCOLS } from "../../../offchain/negotiation/protocols/registry.ts";
import { stackedOffers } from "../../../offchain/negotiation/protocols/stacked-offers.ts";
import { negotiate, negotiateLive } from "../../../offchain/negotiation/session.ts";
import type { Setting } from "../../../offchain/negotiation/setting.ts";
import { externalLive } from "../../../offchain/negotiation/strategies/external.ts";
import { STRATEGIES, strategyNamed } from "../../../offchain/negotiation/strategies/registry.ts";
import type { Seat, Strategy } from "../../../offchain/negotiation/strategy.ts";
import { accept, end, offer, oneIssue, party, saying, scenario } from "./tables.ts";

const pair = oneIssue(party("a", [1, 0.6, 0], 0.1, 0.5), party("b", [0, 0.6, 1], 0.2));

function hold(strategies: readonly Strategy[], rest: Partial<Setting> = {}) {
  return negotiate({ scenario: pair, protocol: alternatingOffers, strategies, rounds: 4, seed: 1, ...rest });
}

/** A clock on which each look takes a while. */
function clock(limit: number, step: number): NonNullable<Setting["clock"]> {
  let time = 0;
  return {
    limit,
    now() {
      time += step;
      return time;
    },
  };
}

const strange = (move: unknown) => saying(() => move as Move);

describe("a negotiation", () => {
  it("pays what was agreed, less what time has cost", () => {
    const first = hold([saying(offer(1)), saying(accept)]);
    assert.deepEqual([first.outcome, first.rounds, first.offers, first.reason], [[1], 1, 1, "agreed"]);
    assert.deepEqual(first.utilities, [0.6 * 0.5 ** 0.25, 0.6]);
    const later = hold([saying(offer(0), offer(0)), saying(offer(2), accept)]);
    assert.deepEqual([later.utilities, later.rounds, later.offers], [[0.5 ** 0.5, 0], 2, 3]);
  });

  it("pays no deal, less what time has cost, when somebody walks away", () => {
    const { agreement, outcome, utilities, reason, fault } = hold([saying(offer(0), end), saying(offer(2))]);
    assert.deepEqual([agreement, outcome, utilities], [false, null, [0.1 * 0.5 ** 0.5, 0.2]]);
    assert.deepEqual([reason, fault], ["walked-away: a", null]);
  });

  it("harms nobody else by a strategy that fails or cheats", () => {
    const throwing = saying(() => {
      throw new Error("out of order");
    });
    const silent: Strategy = {
      ...throwing,
      sit: (seat) => ({ ...throwing.sit(seat), speak: () => offer(0), why: fails }),
    };
    const deaf: Strategy = { name: "deaf", sit: () => ({ hear: fails, speak: () => offer(2), why: () => "" }) };
    const absent: Strategy = { name: "absent", sit: fails };
    const wrong: [Strategy, RegExp][] = [
      [throwing, /^b's strategy failed: out of order$/],
      [deaf, /^b's strategy failed: broken$/],
      [absent, /^b's strategy failed: broken$/],
      [saying(offer(3)), /^b offered what is no outcome: which can't be 3$/],
      [saying(offer(0.5)), /^b offered what is no outcome: which can't be 0.5$/],
      [saying(offer()), /^b offered what is no outcome: it is no list of 1 values/],
      [saying(offer(Number.NaN)), /^b offered what is no outcome: which can't be NaN$/],
      [strange({ say: "offer", outcome: [{}] }), /^b offered what is no outcome: which can't be of the type object$/],
      [strange({ say: "offer", outcome: { length: 1, 0: 0 } }), /^b offered what is no outcome/],
      [strange({ say: "offer" }), /^b offered what is no outcome/],
      [strange({ say: "agree" }), /^b said what is no move$/],
      [strange(undefined), /^b said what is no move$/],
      [strange(null), /^b said what is no move$/],
    ];
    for (const [strategy, reason] of wrong) {
      for (const protocol of [alternatingOffers, monotonicConcession]) {
        const result = hold([saying(offer(0), offer(0)), strategy], { protocol });
        assert.match(result.reason, reason);
        assert.deepEqual([result.agreement, result.fault], [false, 1]);
        assert.ok((result.utilities[0] ?? 0) >= 0.1 * 0.5);
      }
    }
    // Nobody asks for reasons unless somebody watches.
    assert.equal(hold([silent, saying(accept)]).agreement, true);
    assert.equal(hold([silent, saying(accept)], { watch: () => {} }).fault, 0);

    function fails(): never {
      throw new Error("broken");
    }
  });

  it("breaks off when one breaks a rule, by name", () => {
    const { reason, fault } = hold([saying(accept), saying(accept)]);
    assert.deepEqual([reason, fault], ["a broke a rule: an acceptance, and there is no offer", 0]);
    const late = hold([saying(offer(0)), saying(offer(1))], { rounds: 1 });
    assert.deepEqual([late.reason, late.fault], ["b broke a rule: an offer that nobody could answer any more", 1]);
  });

  it("harms nobody else by what a strategy hands over, or does to what it is handed", () => {
    const vandal = (act: (moment: Moment, seat: Seat) => Move): Strategy => saying(act, act, act);
    const write = (target: object, field: string, value: unknown) => Reflect.set(target, field, value);
    const shifty: number[] = [2];
    const changing = {
      reads: 0,
      get outcome() {
        return [this.reads++ === 0 ? 2 : 0];
      },
      say: "offer",
    };
    const takes: [string, Strategy][] = [
      [
        "an offer that it heard",
        vandal(({ offered }) => {
          write(offered ?? {}, "0", 2);
          return accept;
        }),
      ],
      [
        "its own reservation",
        vandal((_moment, { party: own }) => {
          write(own, "reservation", 1e6);
          return end;
        }),
      ],
      [
        "the moment",
        vandal((moment) => {
          write(moment, "round", 77);
          return accept;
        }),
      ],
      [
        "its list of outcomes",
        vandal((_moment, { bids }) => {
          write(bids.best, "0", 0);
          return accept;
        }),
      ],
    ];
    for (const [what, strategy] of takes) {
      const scenario = oneIssue(party("a", [1, 0.6, 0], 0.1), party("b", [0, 0.6, 1], 0.2));
      const orders = scenario.parties.map(({ utility }) => orderBids(scenario.space, utility));
      const { outcome, utilities } = hold([saying(offer(0)), strategy], { scenario, orders });
      assert.deepEqual(utilities, outcome === null ? [0.1, 0.2] : [1, 0], what);
      assert.deepEqual(orders[1]?.best, [2]);
    }
    // What is offered is read once, and can't be changed after it was offered.
    const fickle = vandal((moment) => {
      if (moment.round > 0) shifty[0] = 0;
      return { say: "offer", outcome: shifty };
    });
    const late = saying(offer(0), () => {
      shifty[0] = 0;
      return accept;
    });
    assert.deepEqual(hold([late, fickle]).outcome, [2]);
    assert.deepEqual(hold([saying(offer(0), accept), strange(changing)]).outcome, [2]);

    const dark = Object.create(null);
    const thrown: unknown[] = [
      dark,
      { message: 5 },
      Object.defineProperty(new Error("hidden"), "message", { get: fails }),
    ];
    const failing: Strategy[] = [
      strange(Object.defineProperty({ say: "offer" }, "outcome", { get: fails })),
      strange(Object.defineProperty({}, "say", { get: fails })),
      strange(new Proxy({}, { get: fails })),
      strange({ say: "offer", outcome: new Proxy([0], { get: fails }) }),
      ...thrown.map((what) => saying(() => throwing(what))),
    ];
    for (const { protocol } of Object.values(PROTOCOLS)) {
      for (const strategy of failing) {
        const result = hold([saying(offer(0), offer(0)), strategy], { protocol });
        assert.deepEqual([result.agreement, result.fault], [false, 1], `${protocol.name}: ${result.reason}`);
        assert.match(result.reason, /^b('s strategy failed: |\soffered what is no outcome)/);
      }
    }

    function fails(): never {
      throw new Error("broken");
    }

    function throwing(what: unknown): never {
      throw what;
    }
  });

  it("waits for those that take their time, and is the same otherwise", async () => {
    const answers: Move[] = [offer(2), accept];
    const seen: (string | null)[] = [];
    const asked = externalLive(async ({ refused, moment }) => {
      seen.push(refused);
      await new Promise((resolve) => setImmediate(resolve));
      if (refused === null && moment.round === 0) return offer(9) as Move;
      return answers.shift() ?? null;
    });
    const result = await negotiateLive({
      scenario: pair,
      protocol: alternatingOffers,
      strategies: [saying(offer(0), offer(1)), asked],
      rounds: 4,
      seed: 1,
    });
    assert.deepEqual([result.outcome, result.reason], [[1], "agreed"]);
    assert.deepEqual(seen, [null, "offered what is no outcome: which can't be 9", null]);
    const failing = externalLive(async () => {
      throw new Error("the line is dead");
    });
    const ended = await negotiateLive({
      scenario: pair,
      protocol: alternatingOffers,
      strategies: [saying(offer(0)), failing],
      rounds: 4,
      seed: 1,
    });
    assert.deepEqual([ended.reason, ended.fallbacks], ["walked-away: b", ["abort", "escalate"]]);
  });

  it("doesn't take a watcher's failure for a strategy's", () => {
    const watch = () => {
      throw new Error("the pen broke");
    };
    assert.throws(() => hold([saying(offer(0)), saying(accept)], { watch }), { message: "the pen broke" });
  });

  describe("with a deadline in time", () => {
    const forever: Strategy = { name: "", sit: () => ({ hear() {}, speak: () => offer(0), why: () => "" }) };

    it("ends by it, even if there is none in rounds", () => {
      for (const rounds of [1_000, Number.POSITIVE_INFINITY]) {
        const result = hold([forever, forever], { rounds, clock: clock(100, 1) });
        assert.deepEqual([result.agreement, result.reason, result.fault], [false, "deadline", null]);
        assert.ok(result.rounds <= 51);
        // What is left at the deadline.
        assert.deepEqual(result.utilities, [0.05, 0.2]);
      }
    });

    it("shows the time by whichever deadline is nearer", () => {
      const times: number[] = [];
      const looking: Strategy = {
        name: "",
        sit: () => ({
          hear() {},
          speak({ time }) {
            times.push(time);
            return offer(0);
          },
          why: () => "",
        }),
      };
      hold([looking, looking], { rounds: Number.POSITIVE_INFINITY, clock: clock(10, 1) });
      assert.deepEqual(times.slice(0, 3), [0.1, 0.3, 0.5]);
      times.length = 0;
      hold([looking, looking], { rounds: 4, clock: clock(1_000_000, 1) });
      assert.deepEqual(
        times.slice(2),
        [1, 1, 2, 2, 3, 3].map((round) => round / 3),
      );
    });

    it("doesn't count a word that comes later", () => {
      let now = 0;
      const slow = saying(() => {
        now = 11;
        return accept;
      });
      const { reason, agreement } = hold([saying(offer(0)), slow], { clock: { limit: 10, now: () => now } });
      assert.deepEqual([agreement, reason], [false, "deadline"]);
    });

    it("takes a deal at its time's worth", () => {
      const { utilities } = hold([saying(offer(1)), saying(accept)], {
        rounds: Number.POSITIVE_INFINITY,
        clock: clock(10, 1),
      });
      // Looked at at the beginning, before and after each of two words, and at the end.
      assert.deepEqual(utilities, [0.6 * 0.5 ** 0.5, 0.6]);
    });
  });

  it("is refused where the setting makes no sense", () => {
    const two = [saying(), saying()];
    const wrong: [string, Partial<Setting>][] = [
      ["strategies", { strategies: [saying()] }],
      ["rounds", { rounds: 0 }],
      ["rounds", { rounds: 1.5 }],
      ["rounds", { rounds: Number.NaN }],
      ["clock", { clock: { limit: 0, now: () => 0 } }],
      ["clock", { clock: { limit: Number.NaN, now: () => 0 } }],
      ["protocol", { scenario: { ...pair, parties: [...pair.parties, party("c", [1, 1, 1])] } }],
    ];
    for (const [field, rest] of wrong) {
      assert.throws(() => hold(two, rest), { code: "BadSetting", facts: { field } });
    }
  });

  it("among several goes on when one of them refuses", () => {
    const three = oneIssue(party("a", [1, 0, 0]), party("b", [0, 1, 0]), party("c", [0, 0, 1]));
    const strategies = [saying(offer(0), accept), saying(accept, accept), saying(offer(2))];
    const { outcome, rounds, offers } = hold(strategies, { scenario: three, protocol: stackedOffers });
    assert.deepEqual([outcome, rounds, offers], [[2], 2, 2]);
  });

  it("ends within its rounds under every protocol, with every strategy, and leaves nobody less than no deal", () => {
    const names = fc.constantFrom(...Object.keys(STRATEGIES));
    const protocols = fc.constantFrom(...Object.values(PROTOCOLS).map(({ protocol }) => protocol));
    const rounds = fc.integer({ min: 1, max: 30 });
    const property = fc.property(scenario(), names, names, protocols, rounds, (drawn, a, b, protocol, rounds) => {
      const strategies = [strategyNamed(a), strategyNamed(b)];
      const undiscounted = { ...drawn, parties: drawn.parties.map((one) => ({ ...one, discount: 1 })) };
      const result = negotiate({ scenario: undiscounted, protocol, strategies, rounds, seed: 1 });
      assert.ok(result.rounds <= rounds);
      // Some refuse to sit where not all is known; none breaks a rule.
      if (result.fault !== null) assert.match(result.reason, /for two who know/);
      for (const [me, { reservation }] of drawn.parties.entries()) {
        assert.ok(reaches(result.utilities[me] ?? 0, reservation));
      }
    });
    fc.assert(property, { numRuns: 500 });
  });

  it("is the same of the same seed", () => {
    const names = fc.constantFrom(...Object.keys(STRATEGIES));
    const property = fc.property(scenario(), names, names, fc.nat(), (drawn, a, b, seed) => {
      const once = () => {
        const strategies = [strategyNamed(a), strategyNamed(b)];
        return negotiate({ scenario: drawn, protocol: monotonicConcession, strategies, rounds: 20, seed });
      };
      assert.deepEqual(once(), once());
    });
    fc.assert(property, { numRuns: 100 });
  });

  it("needs a deadline, in rounds or in time", () => {
    const scenario = oneIssue(party("a", [1, 0]), party("b", [0, 1]));
    const strategies = [strategyNamed("hardliner"), strategyNamed("hardliner")];
    const setting = { scenario, protocol: alternatingOffers, strategies, rounds: Number.POSITIVE_INFINITY, seed: 1 };
    assert.throws(() => negotiate(setting), { code: "BadSetting", facts: { field: "rounds" } });
    let now = 0;
    const { agreement, reason } = negotiate({ ...setting, clock: { limit: 50, now: () => now++ } });
    assert.deepEqual([agreement, reason], [false, "deadline"]);
  });
});
