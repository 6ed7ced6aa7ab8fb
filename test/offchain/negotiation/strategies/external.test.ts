import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { external, ProposalQueue, type Question } from "../../../../offchain/negotiation/strategies/external.ts";
import { strategyNamed } from "../../../../offchain/negotiation/strategies/registry.ts";
import { pie, play, scripted, withReservations } from "../fixture.ts";

const SCENARIO = withReservations(pie(0, 0.25, 0.5, 0.75, 1), 0.5, 0);

describe("what somebody else proposes", () => {
  it("is said as proposed, with the reason that came with it", () => {
    const queue = new ProposalQueue();
    queue.push({ say: "offer", outcome: [4], why: "to begin with\nand more" }, { say: "offer", outcome: [2] });
    const { steps, agreement } = play(SCENARIO, [external(queue.ask), strategyNamed("boulware")], 2);
    assert.deepEqual(
      steps.filter(({ by }) => by === 0).map(({ why }) => why),
      ["to begin with", "as proposed"],
    );
    assert.ok(agreement);
  });

  it("is refused below the reservation or outside the space, with what is wrong, and asked for again", () => {
    const told: (string | null)[] = [];
    const answers = [
      { say: "offer", outcome: [1] },
      { say: "offer", outcome: [9] },
      { say: "offer", outcome: [2] },
    ] as const;
    const ask = ({ refused }: Question) => {
      told.push(refused);
      return answers[told.length - 1] ?? null;
    };
    const { offersOf } = play(SCENARIO, [external(ask), scripted()], 3);
    assert.deepEqual(told, [
      null,
      "0.250 is below the 0.500 of no deal",
      "offered what is no outcome: share can't be 9",
    ]);
    assert.deepEqual(offersOf(0), [[2]]);
  });

  it("may not accept what is worse than no deal, or what isn't there", () => {
    const accept = external(() => ({ say: "accept" }), { attempts: 1 });
    const worse = play(SCENARIO, [scripted({ say: "offer", outcome: [4] }), accept], 3);
    assert.ok(worse.agreement, "worth 0 to the second, which has nothing without a deal");
    const alone = play(SCENARIO, [accept, scripted()], 3);
    assert.deepEqual([alone.agreement, alone.fault], [false, null]);
    assert.equal(alone.steps[0]?.why, "the proposer was refused 1 times: there is no offer to accept");
    const held = external(() => ({ say: "accept" }), { attempts: 1, reservation: 0.1 });
    assert.ok(!play(SCENARIO, [scripted({ say: "offer", outcome: [4] }), held], 3).agreement);
  });

  it("leaves when the proposer fails, has nothing to say, or talks nonsense; a person is to decide then", () => {
    const failing = external(() => {
      throw new Error("the model is overloaded");
    });
    const nonsense = external(() => ({ say: "please" }) as never);
    for (const [strategy, why] of [
      [failing, "the proposer failed: the model is overloaded"],
      [external(new ProposalQueue().ask), "the proposer has nothing to say"],
      [nonsense, "the proposer was refused 3 times: said what is no move"],
    ] as const) {
      const { fault, steps, fallbacks } = play(SCENARIO, [strategy, strategyNamed("linear:fallback=post")], 5);
      assert.deepEqual([fault, steps[0]?.why, fallbacks], [null, why, ["escalate", "post"]]);
    }
  });

  it("can't be changed after it was looked at", () => {
    const outcome = [4];
    let asked = 0;
    const ask = () => {
      if (asked++ > 0) outcome[0] = 0;
      return asked === 1 ? { say: "offer" as const, outcome } : null;
    };
    const { steps } = play(SCENARIO, [external(ask), scripted({ say: "offer", outcome: [0] })], 5);
    assert.deepEqual(steps[0]?.move, { say: "offer", outcome: [4] });
  });
});
