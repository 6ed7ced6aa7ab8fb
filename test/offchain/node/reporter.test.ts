import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { DealerOptions } from "../../../offchain/dealing/dealer.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import type { AgentEvent } from "../../../offchain/node/agent-event.ts";
import { ANSWER_MS, AnswerWatch } from "../../../offchain/node/answer-watch.ts";
import { Reporter } from "../../../offchain/node/reporter.ts";
import type { Inclusion } from "../../../offchain/ports/chain.ts";
import { type Side, World, type WorldOptions } from "../dealing/fixture.ts";

/** A world in which one side is reported of as `startAgent` has it. */
async function reported(side: Side, options: WorldOptions = {}) {
  const told: AgentEvent[] = [];
  let reporter: Reporter | null = null;
  const world = await World.create({
    ...options,
    more: {
      [side]: {
        onRefused: (peer, reason) => reporter?.refused(peer, reason),
        observe: (session, event, effects) => {
          if (event.type === "opened" || event.type === "invited") reporter?.takenUp(session);
          reporter?.said(session, event, effects);
        },
      } satisfies Partial<DealerOptions>,
    },
  });
  reporter = new Reporter((event) => told.push(event), world.clock);
  const names = () => told.map(({ event }) => event);
  return { world, told, names, reporter };
}

/** What a buyer's agent leaves, and its peer with it: an offer was made. */
const PATIENCE_OF_NONE: WorldOptions = {
  rounds: 1,
  strategies: {
    buyer: { kind: "time-dependent", from: 100n, limit: 200n, pace: 1 },
    seller: { kind: "time-dependent", from: 1_500n, limit: 1_000n, pace: 1 },
  },
};

const SETTLED = { kind: "settled", how: "Accepted", toBuyer: 1n, toSeller: 2n } as const;

describe("what an agent reports", () => {
  for (const side of ["buyer", "seller"] as const) {
    it(`joins both ids of a negotiation, once: the ${side}`, async () => {
      const { world, told } = await reported(side);
      await world.open();
      await world.quiet();
      const joined = told.filter((event) => event.event === "joined");
      const { negotiation, half, brief } = world.session(side).state;
      assert.notEqual(negotiation, half);
      assert.deepEqual(joined, [{ event: "joined", negotiation, half, peer: brief.peer.toString() }]);
    });
  }

  it("tells of an OPEN that was refused, and by which reason; of many no more than somebody can read", async () => {
    const { world, told } = await reported("seller", { stakes: { buyer: 0n } });
    await world.open();
    await world.quiet();
    const [refused] = told;
    if (refused?.event !== "refused") return assert.fail();
    assert.deepEqual([refused.peer, refused.code, refused.untold], ["1", "StakeTooSmall", 0]);
    assert.match(refused.note, /at stake/);
    const many: AgentEvent[] = [];
    const reporter = new Reporter((event) => many.push(event), world.clock);
    for (let open = 0; open < 1_000; open++) reporter.refused(9n, { code: "Malformed", note: "" });
    assert.ok(many.length <= 20);
    world.clock.advance(60_000);
    reporter.refused(9n, { code: "Malformed", note: "" });
    const last = many.at(-1);
    assert.equal(last?.event === "refused" && last.untold, 1_000 - (many.length - 1));
  });

  it("says that an ended negotiation is waited for as long as an offer of it may be committed", async () => {
    const { world, told, reporter } = await reported("buyer", PATIENCE_OF_NONE);
    const session = await world.open();
    await world.quiet();
    const state = await session.settled;
    reporter.concluded(session, state, true);
    const [ended, waiting] = told.slice(-2);
    assert.equal(ended?.event, "ended");
    if (waiting?.event !== "waiting") return assert.fail();
    assert.equal(waiting.until, (state.proposal.deal.commitBy + 1) * 1_000);
    assert.match(waiting.because, /offer/);
    reporter.concluded(session, state, false);
    assert.equal(told.at(-1)?.event, "ended", "nobody waits where nothing is carried to the chain");
  });

  it("says nothing of waiting where nothing was offered", async () => {
    const { world, told, reporter } = await reported("buyer", { tamper: () => [] });
    const session = await world.open();
    world.clock.advance(3_600_000);
    reporter.concluded(session, await session.settled, true);
    assert.deepEqual([told.at(-1)?.event], ["ended"]);
  });

  it("marks what stood like that when the process started, and not what comes of it later", async () => {
    const { world, told, reporter } = await reported("buyer");
    const session = await world.open();
    await world.quiet();
    const state = await session.settled;
    reporter.concluded(session, state, true);
    reporter.outcome(session, SETTLED);
    const marks = () => told.slice(-2).map((event) => "again" in event && event.again);
    assert.deepEqual(marks(), [false, false]);
    // The next process.
    reporter.takenUp(session);
    reporter.concluded(session, state, true);
    reporter.outcome(session, SETTLED);
    assert.deepEqual(marks(), [true, true]);
    reporter.takenUp(session);
    reporter.concluded(session, state, true);
    reporter.acted(session, "commit", { gasUsed: 1n } as Inclusion);
    reporter.outcome(session, SETTLED);
    assert.deepEqual(marks(), [false, false], "an act, and the outcome that it led to");
    reporter.takenUp(session);
    reporter.concluded(session, state, true);
    reporter.outcome(session, { kind: "cancelled", how: "Lapsed" });
    assert.deepEqual(marks(), [true, false], "it has lapsed only now");
  });

  it("names the negotiation that a trouble is about, and what to do", async () => {
    const { world, told, reporter } = await reported("buyer");
    const session = await world.open();
    await world.quiet();
    reporter.trouble(new ParleyError("Some", "what", { hint: "do" }), true, session);
    const { negotiation } = session.state;
    assert.deepEqual(told.at(-1), {
      event: "trouble",
      code: "Some",
      message: "what",
      hint: "do",
      retried: true,
      negotiation,
    });
  });

  it("tells the same trouble once a minute while it is tried again, and each that is final", async () => {
    const { world, told, reporter } = await reported("buyer");
    const session = await world.open();
    await world.quiet();
    const before = told.length;
    const tell = (message: string, retried = true) =>
      reporter.trouble(new ParleyError("Some", message), retried, session);
    for (let time = 0; time < 3; time++) tell("what");
    tell("other");
    for (let time = 0; time < 2; time++) tell("what", false);
    assert.equal(told.length - before, 4);
    world.clock.advance(60_000);
    tell("what");
    assert.equal(told.length - before, 5);
    // What the contract counts in seconds is another number each time.
    for (const left of [30, 29]) tell(`referring the dispute: refused with RulingTooSlow(90, ${left})`);
    assert.equal(told.length - before, 6);
  });
});

describe("waiting for an answer to an OPEN", () => {
  it("is told of once, after a while, with who was asked and where", async () => {
    const world = await World.create({ tamper: (frame, from) => (from === "seller" ? [] : [frame]) });
    const told: string[] = [];
    const watch = new AnswerWatch(world.clock, ({ code, message }) => told.push(`${code}: ${message}`));
    watch.watch(await world.open());
    await world.quiet();
    world.clock.advance(ANSWER_MS - 1);
    assert.equal(told.length, 0);
    world.clock.advance(10 * ANSWER_MS);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /^NoAnswer: agent 2 has not answered at seller for 10 s/);
  });

  it("isn't told of where the peer has joined, or the agent has stopped", async () => {
    const world = await World.create();
    const told: ParleyError[] = [];
    const watch = new AnswerWatch(world.clock, (error) => told.push(error));
    watch.watch(await world.open());
    await world.quiet();
    world.clock.advance(ANSWER_MS);
    const silent = await World.create({ tamper: () => [] });
    const other = new AnswerWatch(silent.clock, (error) => told.push(error));
    other.watch(await silent.open());
    other.stop();
    silent.clock.advance(ANSWER_MS);
    assert.deepEqual(told, []);
  });
});
