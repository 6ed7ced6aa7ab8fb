import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rubinstein } from "../../../../offchain/negotiation/protocols/rubinstein.ts";
import { negotiate } from "../../../../offchain/negotiation/session.ts";
import { STRATEGIES, strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { pie, play } from "../fixture.ts";

const refused = (text: string, field: string, message: RegExp): void =>
  assert.throws(() => strategyNamed(text), { name: "ParleyError", code: "BadStrategy", facts: { field }, message });

/** Two of the same who know all, in rounds without end. */
function opened(text: string) {
  const scenario = pie(0, 0.5, 1);
  const parties = scenario.parties.map((party) => ({ ...party, discount: 0.9 }));
  const strategies = [strategyNamed(text), strategyNamed(text)];
  const endless = { rounds: Number.POSITIVE_INFINITY, clock: { limit: 100, now: () => 0 } };
  return negotiate({ scenario: { ...scenario, parties }, protocol: rubinstein, strategies, seed: 1, ...endless });
}

describe("strategies by name", () => {
  it("say what they are, in one line, and so do their parameters", () => {
    for (const [name, { about, open, parameters, make }] of Object.entries(STRATEGIES)) {
      assert.match(about, /^[^\n]{10,120}$/);
      assert.ok(open || Object.hasOwn(parameters, "reservation"));
      for (const { least, most, usual, about: line } of Object.values(parameters)) {
        assert.match(line, /^[^\n]{10,120}$/);
        assert.ok(least <= usual && usual <= most);
      }
      const usual = Object.fromEntries(Object.entries(parameters).map(([field, { usual: value }]) => [field, value]));
      assert.equal(make(usual).name, name);
    }
  });

  it("take parameters, at both ends of their ranges too", () => {
    const opening = (text: string) =>
      play(pie(0, 0.25, 0.5, 0.75, 1), ["hardliner", text].map(strategyNamed), 9).offersOf(1)[0];
    assert.deepEqual(opening("boulware:pace=0.1"), [0]);
    assert.deepEqual(opening("boulware:pace=0.1:anchor=0.5"), [2]);
    for (const [name, { open, parameters }] of Object.entries(STRATEGIES)) {
      for (const [field, { least, most }] of Object.entries(parameters)) {
        for (const value of [least, most]) {
          const set = `${name}:${field}=${value}`;
          // Those that have to know all sit at a table of their own kind.
          const { fault, reason } = open ? opened(set) : play(pie(0, 0.5, 1), [set, "linear"].map(strategyNamed), 9);
          assert.equal(fault, null, `${name}:${field}=${value}: ${reason}`);
        }
      }
    }
  });

  it("name what is unknown or makes no sense, and what is known", () => {
    refused("bulware", "strategy", /no strategy bulware, only boulware, linear, .*nash-bayesian/);
    refused("", "strategy", /no strategy/);
    refused("toString", "strategy", /no strategy toString/);
    refused("boulware:speed=1", "speed", /no parameter speed, only: pace, anchor, reservation/);
    refused("boulware:__proto__=1", "__proto__", /no parameter __proto__/);
    refused("boulware:pace=0", "pace", /pace from 0.001 to 1000, not 0/);
    for (const value of ["", "=", "fast", "Infinity", "NaN", "1=2"]) {
      refused(`boulware:pace=${value}`, "pace", /not a parameter and a number/);
    }
    refused("boulware:pace", "pace", /not a parameter and a number/);
    refused("boulware:pace=0.1:anchor=1:pace=5", "pace", /says what pace is twice/);
  });

  it("take whole numbers alone where they count something", () => {
    for (const name of ["tft-relative", "tft-absolute"])
      refused(`${name}:delay=1.5`, "delay", /delay from 1 to 100 without a fraction/);
    refused("tft-averaged:window=3.25", "window", /without a fraction, not 3\.25/);
    refused("fixed-rule:counters=2.5", "counters", /without a fraction, not 2\.5/);
    assert.equal(strategyNamed("tft-absolute:delay=2").name, "tft-absolute");
  });

  it("say what is to follow without a deal", () => {
    assert.equal(strategyNamed("boulware").fallback, "abort");
    assert.equal(strategyNamed("boulware:fallback=post:pace=0.3").fallback, "post");
    refused("boulware:fallback=panic", "fallback", /only abort, escalate, post/);
    refused("boulware:fallback=post=junk", "fallback", /post=junk is no fallback/);
    refused("boulware:fallback=post:fallback=post", "fallback", /says what fallback is twice/);
    const sides = ["boulware:reservation=0.9:fallback=escalate", "boulware:reservation=0.9"].map(strategyNamed);
    assert.deepEqual(play(pie(0, 0.5, 1), sides, 5).fallbacks, ["escalate", "abort"]);
    assert.equal(play(pie(0, 0.5, 1), ["linear", "linear"].map(strategyNamed), 5).fallbacks, null);
  });
});
