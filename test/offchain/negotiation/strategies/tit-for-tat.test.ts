import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { generateScenarios } from "../../../../offchain/negotiation/generate.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { inAmount, inProportion, Reciprocity } from "../../../../offchain/negotiation/strategies/tit-for-tat.ts";
import { pie, play, scripted, told } from "../fixture.ts";

const NAMES = ["tft-relative", "tft-absolute", "tft-averaged"];

/** An aim at a seat of the pie, and what it aims at after each offer worth so much to it has been heard. */
function aims(
  make: (seat: ConstructorParameters<typeof Reciprocity>[0]) => Reciprocity,
  heard: readonly number[],
): number[] {
  const worths = [0, 0.1, 0.2, 0.25, 0.4, 0.5, 1];
  const found: number[] = [];
  const listening = told("listening", (seat) => {
    const aim = make(seat);
    for (const worth of heard) {
      aim.hear([worths.indexOf(worth)], 1);
      const moment = { round: 0, rounds: 100, time: 0, offered: null, mayOffer: true };
      found.push(Number(aim.at(moment).toFixed(9)));
    }
    return () => ({ say: "end" });
  });
  play(pie(...worths), [listening, scripted()], 1);
  return found;
}

describe("the replies of tit-for-tat", () => {
  it("give in proportion, or in amount", () => {
    assert.equal(inProportion(0.9, 0.4, 0.5), 0.9 * 0.8);
    assert.equal(inAmount(0.9, 0.4, 0.5), 0.9 + (0.4 - 0.5));
    // Who takes back gets it back.
    assert.equal(inProportion(0.6, 0.5, 0.4), 0.6 * 1.25);
  });

  it("don't divide by zero: nothing after nothing is no concession, and nothing after something takes all back", () => {
    assert.equal(inProportion(0.9, 0, 0), 0.9);
    assert.equal(inProportion(0.9, 0.4, 0), Number.POSITIVE_INFINITY);
    assert.equal(inProportion(0.9, 0, 0.4), 0);
  });

  it("follow the other's offers turn by turn, between the limit and the best", () => {
    const relative = aims(
      (seat) => new Reciprocity(seat, {}, inProportion, { earlier: 1, later: 0 }),
      [0.2, 0.25, 0.5, 0.4, 0.1],
    );
    // 1, x 0.2 / 0.25, x 0.25 / 0.5, x 0.5 / 0.4, and x 0.4 / 0.1 would be 2.
    assert.deepEqual(relative, [1, 0.8, 0.4, 0.5, 1]);
    // Nothing, and then a little, is no reason to give all.
    assert.deepEqual(
      aims((seat) => new Reciprocity(seat, {}, inProportion, { earlier: 1, later: 0 }), [0, 0.1]),
      [1, 0.5],
    );
    const absolute = aims(
      (seat) => new Reciprocity(seat, {}, inAmount, { earlier: 1, later: 0 }),
      [0.2, 0.25, 0.5, 0.4, 0.1],
    );
    assert.deepEqual(absolute, [1, 0.95, 0.7, 0.8, 1]);
    const delayed = aims(
      (seat) => new Reciprocity(seat, {}, inAmount, { earlier: 2, later: 1 }),
      [0.2, 0.25, 0.5, 0.4],
    );
    assert.deepEqual(delayed, [1, 1, 0.95, 0.7]);
    const averaged = aims(
      (seat) => new Reciprocity(seat, {}, inProportion, { earlier: 2, later: 0 }),
      [0.2, 0.25, 0.5, 0.5],
    );
    // The first two are all there is; then 0.2 / 0.5 would give more than half of the rest, and 0.25 / 0.5 gives just that.
    assert.deepEqual(averaged, [1, 0.8, 0.4, 0.2]);
  });
});

describe("tit-for-tat", () => {
  it("doesn't wait for itself until the end: it agrees with itself wherever linear does, and mostly long before", () => {
    const cases = generateScenarios(200, 1);
    const agreed = (name: string): boolean[] =>
      cases.map((scenario, seed) => play(scenario, [strategyNamed(name), strategyNamed(name)], 100, seed).agreement);
    const linear = agreed("linear").filter(Boolean).length;
    for (const name of NAMES) {
      const count = agreed(name).filter(Boolean).length;
      assert.ok(count >= linear && count >= 190, `${name} agrees in ${count} of 200, linear in ${linear}`);
    }
    const rounds = cases.map((scenario) => play(scenario, NAMES.slice(0, 2).map(strategyNamed), 100).rounds);
    assert.ok(rounds.filter((count) => count < 95).length >= 190);
  });

  it("never asks for more than one who concedes by the clock", () => {
    for (const name of NAMES) {
      const scenario = pie(0, 0.25, 0.5, 0.75, 1);
      const stubborn = strategyNamed("hardliner");
      const ours = play(scenario, [strategyNamed(`${name}:pace=1`), stubborn], 5).offersOf(0);
      assert.deepEqual(ours, play(scenario, [strategyNamed("linear"), stubborn], 5).offersOf(0));
    }
  });

  it("keeps no more of the other's offers than it compares", () => {
    setFlagsFromString("--expose-gc");
    const collectGarbage: () => void = runInNewContext("gc");
    const heap = () => {
      collectGarbage();
      return process.memoryUsage().heapUsed;
    };
    const moment = { round: 0, rounds: Number.POSITIVE_INFINITY, time: 0, offered: null, mayOffer: true };
    const listening = told("listening", (seat) => {
      const aim = new Reciprocity(seat, {}, inProportion, { earlier: 3, later: 0 });
      const before = heap();
      for (let turn = 0; turn < 1_000_000; turn++) aim.hear([turn % 5], 1);
      // A million figures would be eight megabytes.
      assert.ok(heap() - before < 4_000_000);
      assert.ok(aim.at(moment) <= 1);
      return () => ({ say: "end" });
    });
    assert.equal(play(pie(0, 0.25, 0.5, 0.75, 1), [listening, scripted()], 1).fault, null);
  });
});
