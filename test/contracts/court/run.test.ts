// Whatever is done, in whatever order: the Court's money adds up, seats on panels stay, and every dispute ends.
import { expect } from "chai";
import fc from "fast-check";
import { ethers, networkHelpers, type TestSigner } from "../fixtures/chain.ts";
import { withoutEstimates } from "../fixtures/estimates.ts";
import { refusalOf } from "../fixtures/refusals.ts";
import { fuzz, fuzzRuns, fuzzTime } from "../fuzz.ts";
import {
  CHOICES,
  COMMIT_TIME,
  type CourtWorld,
  expectBalanced,
  LONGEST,
  loadCourt,
  presentRound,
  REFUSAL,
  STAKE,
  Stage,
  saltOf,
  seedHeader,
} from "./fixtures.ts";

const RUNS = 10;

/** Steps between two looks at the books: these take most of the time. */
const INTERVAL = 5;

/** Refusals that are part of the game; anything else, a panic above all, fails the run. */
const EXPECTED = new Set([
  "SeatTakenAlready",
  "SeatNotTaken",
  "SeatOnPanel",
  "StakeBound",
  "StakeEmpty",
  "CreditEmpty",
  "SeatsTooFew",
]);

type Step =
  | { kind: "takeSeat" | "leaveSeat" | "releaseStake" | "withdraw"; actor: number }
  | { kind: "create" }
  | { kind: "go"; pick: number; actor: number; vote: number }
  | { kind: "wait"; seconds: number };

const actor = fc.nat(15);
const ballot = fc.oneof(fc.integer({ min: 6_000, max: 9_000 }), fc.constantFrom(0, 10_000, REFUSAL));
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constantFrom("takeSeat" as const, "leaveSeat" as const, "releaseStake" as const, "withdraw" as const),
      actor,
    }),
    weight: 4,
  },
  { arbitrary: fc.record({ kind: fc.constant("create" as const) }), weight: 1 },
  {
    arbitrary: fc.record({ kind: fc.constant("go" as const), pick: fc.nat(), actor: fc.nat(), vote: ballot }),
    weight: 14,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 600, max: COMMIT_TIME })),
    }),
    weight: 2,
  },
);

class Run {
  readonly #world: CourtWorld;
  readonly #accounts: TestSigner[];
  readonly #votes = new Map<string, number>();
  #steps = 0;
  ended = 0;
  appeals = 0;

  constructor(world: CourtWorld) {
    this.#world = world;
    this.#accounts = [...world.holders, ...world.outsiders];
  }

  async take(step: Step): Promise<void> {
    const { court, arbitrable } = this.#world;
    if (step.kind === "wait") await networkHelpers.time.increase(step.seconds);
    else if (step.kind === "go") await this.#go(step);
    else if (step.kind === "create") {
      const value = (await court.arbitrationCost("0x")) + 1n;
      await this.#attempt(() => arbitrable.dispute(court, CHOICES, "0x", { value }));
    } else {
      const account = this.#accounts[step.actor % this.#accounts.length];
      if (account) await this.#act(step.kind, account);
    }
    if (++this.#steps % INTERVAL === 0) await expectBalanced(this.#world);
  }

  async #act(kind: "takeSeat" | "leaveSeat" | "releaseStake" | "withdraw", account: TestSigner): Promise<void> {
    const court = this.#world.court.connect(account);
    const { stake, panels } = await court.seatOf(account);
    if (kind === "takeSeat") await this.#attempt(() => court.takeSeat({ value: STAKE - stake }));
    else if (kind === "withdraw") await this.#attempt(() => court.withdraw(account));
    else if (kind === "leaveSeat") await this.#attempt(() => court.leaveSeat());
    else if (await this.#attempt(() => court.releaseStake())) expect(panels, "released on a panel").to.equal(0n);
  }

  /** Does something that fits the stage of one dispute; it may come too late only if the stage is over by then. */
  async #go(step: Extract<Step, { kind: "go" }>): Promise<void> {
    const { court } = this.#world;
    const count = await court.disputeCount();
    if (count === 0n) return;
    const id = (BigInt(step.pick) % count) + 1n;
    const stage = await court.stageOf(id);
    try {
      await this.#goOn(step, id, stage);
    } catch (error) {
      if (refusalOf(court, error) !== "StageMismatch") throw error;
      await networkHelpers.mine();
      expect(await court.stageOf(id)).not.to.equal(stage);
    }
  }

  async #goOn({ actor, vote }: Extract<Step, { kind: "go" }>, id: bigint, stage: bigint): Promise<void> {
    const { court, relayer } = this.#world;
    if (stage === Stage.Drawing) {
      const header = await seedHeader(court, id);
      if ((await court.stageOf(id)) === Stage.Drawing) await court.connect(relayer).draw(id, header);
    } else if (stage === Stage.Committing || stage === Stage.Revealing) {
      await this.#vote(id, actor, vote, stage);
    } else if (stage === Stage.Appealable) {
      if (actor % 2 === 0) await court.appeal(id, "0x", { value: await court.appealCost(id, "0x") });
      else if (!(await court.roundOf(id, await presentRound(court, id))).counted) await court.pass(id);
      this.appeals += 1 - (actor % 2);
    } else if (stage === Stage.Ruled) {
      await court.executeRuling(id);
      ++this.ended;
    }
  }

  /** The next member that has still to do so commits or reveals; some never do. */
  async #vote(id: bigint, actor: number, vote: number, stage: bigint): Promise<void> {
    const court = this.#world.court;
    const round = await presentRound(court, id);
    const ballots = await court.panelOf(id, round);
    const wanted = stage === Stage.Committing ? 0n : 1n;
    const next = ballots.find(({ ballot }, place) => ballot === wanted && (place + actor) % 7 !== 0);
    const member = this.#accounts.find(({ address }) => address === next?.holder);
    if (!member) return;
    const key = `${id}/${round}/${member.address}`;
    if (stage === Stage.Committing) {
      this.#votes.set(key, vote);
      const commitment = await court.commitmentOf(id, round, member, vote, saltOf(member));
      await court.connect(member).commit(id, commitment);
    } else await court.connect(member).reveal(id, this.#votes.get(key) ?? 0, saltOf(member));
  }

  /** Everybody stops; all that is owed can be had. */
  async finish(): Promise<void> {
    const { court, arbitrable } = this.#world;
    await networkHelpers.time.increase(LONGEST + 1);
    for (let id = 1n; id <= (await court.disputeCount()); ++id) {
      if ((await court.stageOf(id)) === Stage.Executed) continue;
      expect(await court.stageOf(id), "ended by the clock").to.equal(Stage.Ruled);
      await expect(court.executeRuling(id)).to.emit(court, "RulingExecuted");
    }
    for (const account of this.#accounts) await this.#act("leaveSeat", account);
    await networkHelpers.time.increase(LONGEST + 1);
    for (const account of this.#accounts) await this.#act("releaseStake", account);
    for (const account of await ethers.getSigners()) await this.#act("withdraw", account);
    await expectBalanced(this.#world);
    const left = (await court.burnt()) + (await court.creditOf(arbitrable));
    expect(await ethers.provider.getBalance(court)).to.equal(left);
    expect(await court.seatCount()).to.equal(0n);
  }

  async #attempt(send: () => Promise<unknown>): Promise<boolean> {
    try {
      await send();
      return true;
    } catch (error) {
      const name = refusalOf(this.#world.court, error);
      if (name === undefined || !EXPECTED.has(name)) throw error;
      return false;
    }
  }
}

describe("over any sequence of operations", () => {
  withoutEstimates();

  it("the Court's money adds up, and every dispute ends", async () => {
    let [ended, appeals] = [0, 0];
    const property = fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 120 }), async (steps) => {
      const run = new Run(await loadCourt());
      for (const each of steps) await run.take(each);
      await run.finish();
      ended += run.ended;
      appeals += run.appeals;
    });
    await fc.assert(property, { ...fuzz(RUNS, 20_260_102), endOnFailure: true });
    // fewer runs than normal may miss something
    if (fuzzRuns(RUNS) < RUNS) return;
    expect(Math.min(ended, appeals), "disputes that ended, and appeals, on the way").to.be.above(5);
  }).timeout(fuzzTime(RUNS, 120_000));
});
