import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Again } from "../../../offchain/dealing/brief.ts";
import type { Session } from "../../../offchain/dealing/session.ts";
import type { PriceStrategy } from "../../../offchain/negotiation/price/strategy.ts";
import { decodeMessage } from "../../../offchain/terms/message.ts";
import { AGENTS, kindOf, World, type WorldOptions } from "./fixture.ts";

const HOUR_MS = 3_600_000;

/** Limits that don't meet; after four rounds it is over. */
const APART: WorldOptions = {
  rounds: 4,
  strategies: {
    buyer: { kind: "time-dependent", from: 500n, limit: 600n, pace: 1 },
    seller: { kind: "time-dependent", from: 1_000n, limit: 900n, pace: 1 },
  },
};

async function ask(world: World, again: Again): Promise<Session> {
  const strategy = APART.strategies?.buyer as PriceStrategy;
  const intent = { peer: AGENTS.seller, address: "seller", proposal: world.proposal(), strategy, again };
  const session = await world.dealers.buyer.open(intent, world.line("buyer"));
  await world.quiet();
  return session;
}

function asked(world: World): number {
  const salts = world.sent
    .filter(({ frame }) => kindOf(frame) === "OPEN")
    .map(({ frame }) => decodeMessage(frame).envelope.negotiation);
  return new Set(salts).size;
}

async function pass(world: World, milliseconds: number): Promise<void> {
  world.clock.advance(milliseconds);
  await world.quiet();
}

describe("what is posted for later", () => {
  it("is asked again after its time, as often as it was told to and with the same time to commit", async () => {
    const world = await World.create(APART);
    const first = await ask(world, { afterMs: HOUR_MS, times: 2 });
    assert.equal(first.state.phase === "ended" && first.state.ending.code, "RoundsExhausted");
    const counts: number[] = [];
    for (let hour = 0; hour < 4; hour++) {
      // As the agent does once the chain shows that nothing was committed, and nothing can be.
      for (const session of world.dealers.buyer.sessions) world.dealers.buyer.release(session, false);
      await pass(world, HOUR_MS - 1);
      counts.push(asked(world));
      await pass(world, 1);
      counts.push(asked(world));
    }
    assert.deepEqual(counts, [1, 2, 2, 3, 3, 3, 3, 3]);
    const proposals = [...world.dealers.buyer.sessions].map(({ state }) => state.proposal);
    const [begin = 0] = proposals.map(({ deal }) => deal.commitBy);
    assert.deepEqual(
      proposals.map(({ deal }) => deal.commitBy - begin),
      [0, 3_600, 7_200],
    );
    assert.equal(new Set(proposals.map(({ terms }) => terms["salt"])).size, 3);
    assert.deepEqual(world.troubles, []);
  });

  it("binds nobody as long as an offer of the time before may be accepted", async () => {
    const world = await World.create(APART);
    const first = await ask(world, { afterMs: 1_000, times: 1 });
    await pass(world, 1_000);
    assert.equal(asked(world), 2);
    const [, second] = [...world.dealers.buyer.sessions];
    assert.equal(second?.state.phase, "bargaining");
    assert.equal(second.isGranted, false);
    world.dealers.buyer.release(first, false);
    await world.quiet();
    assert.equal(second.isGranted, true);
  });

  it("is asked again after a restart, at once if that was meanwhile, and not twice", async () => {
    const world = await World.create(APART);
    await ask(world, { afterMs: HOUR_MS, times: 1 });
    await world.restart("buyer");
    await pass(world, HOUR_MS - 10_000);
    assert.equal(asked(world), 1);
    world.clock.advance(5_000);
    await world.restart("buyer");
    await pass(world, 2 * HOUR_MS);
    assert.equal(asked(world), 2);
    for (let time = 0; time < 3; time++) {
      await world.restart("buyer");
      await pass(world, 2 * HOUR_MS);
    }
    assert.equal(asked(world), 2);
    assert.deepEqual(world.troubles, []);
  });

  it("is asked for no more once there is a deal", async () => {
    const seller = { kind: "time-dependent", from: 1_000n, limit: 550n, pace: 1 } as const;
    const world = await World.create({ ...APART, strategies: { ...APART.strategies, seller } });
    const session = await ask(world, { afterMs: 1_000, times: 5 });
    assert.equal(session.state.phase, "agreed");
    await pass(world, 10 * HOUR_MS);
    assert.equal(asked(world), 1);
  });

  it("isn't asked of whom broke the protocol", async () => {
    const world = await World.create(APART);
    const session = await ask(world, { afterMs: 1_000, times: 5 });
    assert.equal(session.state.phase, "ended");
    const broken = await World.create({
      ...APART,
      tamper: (frame, from) => {
        const spoilt = frame.slice();
        if (from === "seller" && kindOf(frame) === "OFFER") spoilt[spoilt.length - 1] = (spoilt.at(-1) ?? 0) ^ 1;
        return [spoilt];
      },
    });
    const ended = await ask(broken, { afterMs: 1_000, times: 5 });
    assert.equal(ended.state.phase === "ended" && ended.state.ending.code, "BodyMismatch");
    await pass(broken, HOUR_MS);
    assert.equal(asked(broken), 1);
  });

  it("isn't asked again once the thing is had, be it of another, nor after the next one's records were forgotten", async () => {
    const world = await World.create(APART);
    const wanted = { id: `0x${"77".repeat(32)}`, most: 1 } as const;
    const strategy = APART.strategies?.buyer as PriceStrategy;
    const again = { afterMs: HOUR_MS, times: 5 };
    const common = { peer: AGENTS.seller, address: "seller", wanted };
    const line = world.line("buyer");
    const first = await world.dealers.buyer.open({ ...common, proposal: world.proposal(), strategy, again }, line);
    await world.quiet();
    world.dealers.buyer.release(first, false);
    const willing = { kind: "time-dependent", from: 950n, limit: 1_100n, pace: 1 } as const;
    const second = await world.dealers.buyer.open({ ...common, proposal: world.proposal(), strategy: willing }, line);
    await world.quiet();
    assert.equal(second.state.phase, "agreed");
    await pass(world, 10 * HOUR_MS);
    assert.equal(asked(world), 2);

    const forgetful = await World.create(APART);
    const posted = await ask(forgetful, { afterMs: HOUR_MS, times: 1 });
    forgetful.dealers.buyer.release(posted, false);
    await pass(forgetful, HOUR_MS);
    assert.equal(asked(forgetful), 2);
    const { buyer } = forgetful.journals;
    const [, next = ""] = await buyer.streams();
    await buyer.forget(next, (await buyer.read(next)).length);
    await forgetful.restart("buyer");
    await pass(forgetful, HOUR_MS);
    assert.equal(asked(forgetful), 2);
  });

  it("is refused where it asks too soon, or too often", async () => {
    const world = await World.create(APART);
    for (const again of [
      { afterMs: 999, times: 1 },
      { afterMs: 1_000, times: -1 },
      { afterMs: 1_000, times: 2 ** 31 },
      { afterMs: 1_000.5, times: 1 },
    ]) {
      await assert.rejects(ask(world, again), { code: "BadIntent" });
    }
  });
});
