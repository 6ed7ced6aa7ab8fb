// Whatever is done, in whatever order: Settlement does what the model says, and Lens tells beforehand.
import { expect } from "chai";
import fc from "fast-check";
import { fuzz, fuzzRuns, fuzzSeed } from "./fuzz.ts";
import { finish } from "./model/finale.ts";
import { NATIVE_DONATION } from "./model/plans/treasury.ts";
import { Run } from "./model/run.ts";
import { plan, type Step, step } from "./model/steps.ts";
import { Tally } from "./model/tally.ts";
import { loadRefusals } from "./model/views.ts";

const NORMAL_RUNS = 32;
const RUNS = fuzzRuns(NORMAL_RUNS);
const STEPS = 140;
const SHRINKS = 100;
const SEED = fuzzSeed(20_261_121);

async function play(tally: Tally, steps: readonly Step[]): Promise<void> {
  tally.runs += 1;
  const run = await Run.start(tally);
  try {
    for (const each of steps) await run.take(await plan(run, each));
    await finish(run);
  } catch (error) {
    throw new Error(run.story(), { cause: error });
  }
}

describe("Settlement, over any sequence of operations of three agents in five tokens", () => {
  it(`does what the model does, in ${RUNS} runs from seed ${SEED}`, async () => {
    await loadRefusals();
    const tally = new Tally();
    const sequence = fc.array(step, { minLength: 1, maxLength: STEPS, size: "max" });
    let triesLeft: number | undefined;
    const property = fc.asyncProperty(sequence, async (steps) => {
      // once one has failed, fast-check looks for a shorter one; not forever
      if (triesLeft !== undefined) triesLeft -= 1;
      fc.pre(triesLeft === undefined || triesLeft > 0);
      await play(tally, steps).catch((error: unknown) => {
        triesLeft ??= SHRINKS;
        throw error;
      });
    });
    await fc.assert(property, fuzz(NORMAL_RUNS, SEED));
    console.log(tally.report());
    // fewer runs than normal may miss something
    if (RUNS < NORMAL_RUNS) return;
    const never = [...tally.tried.keys()].filter((name) => !tally.succeeded.has(name) && name !== NATIVE_DONATION);
    expect(never, "never succeeded").to.deep.equal([]);
  }).timeout(RUNS * 20_000);
});
