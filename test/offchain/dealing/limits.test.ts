import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { COST, Patience } from "../../../offchain/dealing/patience.ts";
import type { Session } from "../../../offchain/dealing/session.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { ZERO_32 } from "../../../offchain/kernel/ids.ts";
import type { PriceStrategy } from "../../../offchain/negotiation/price/strategy.ts";
import type { Channel } from "../../../offchain/ports/transport.ts";
import { encodeResume } from "../../../offchain/terms/control.ts";
import { hashEnvelope } from "../../../offchain/terms/envelope.ts";
import { decodeMessage } from "../../../offchain/terms/message.ts";
import { flipBit, kindOf, SEPARATOR, type Side, World } from "./fixture.ts";

/** In an encoded message, after its version and envelope. */
const SIGNATURE_AT = 1 + 173;

/** A seller that never answers keeps negotiations open. */
const WAITING: Partial<Record<Side, PriceStrategy>> = { seller: { kind: "external", limit: 700n } };

describe("an agent that is asked for more negotiations than it takes on", () => {
  it("says so, goes on with those that it has, and takes on others once some are over", async () => {
    const world = await World.create({ strategies: WAITING, capacity: { openPerPeer: 3 } });
    const opened: Session[] = [];
    for (let count = 0; count < 5; count++) opened.push(await world.open());
    await world.quiet();
    const phases = opened.map(({ state }) => (state.phase === "ended" ? state.ending.code : state.phase));
    assert.deepEqual(phases, ["bargaining", "bargaining", "bargaining", "Overloaded", "Overloaded"]);
    assert.equal(world.dealers.seller.sessions.size, 3);
    await opened[0]?.speak({ kind: "END", code: "Withdrawn", subject: `0x${"00".repeat(32)}`, note: "" });
    await world.quiet();
    const next = await world.open();
    await world.quiet();
    assert.equal(next.state.phase, "bargaining");
  });

  it("keeps no more finished ones than it is told, and answers nothing about those that it let go", async () => {
    const world = await World.create({ capacity: { finished: 2 } });
    const finished: Session[] = [];
    for (let count = 0; count < 4; count++) {
      finished.push(await world.open());
      await world.quiet();
    }
    const { seller } = world.dealers;
    for (const session of seller.sessions) seller.release(session);
    assert.equal(seller.sessions.size, 2);
    const known = finished.map(({ state }) => seller.session(state.negotiation) !== undefined);
    assert.deepEqual(known, [false, false, true, true]);
    const mark = world.sent.length;
    for (const { state } of finished) {
      const resume = encodeResume({ negotiation: state.negotiation, have: 0, answer: false });
      seller.listener.onFrame(resume, world.line("seller"));
    }
    await world.quiet();
    const answered = world.sent.slice(mark).map(({ frame }) => decodeMessage(frame).envelope.negotiation);
    assert.deepEqual(
      [...new Set(answered)],
      finished.slice(2).map(({ state }) => state.negotiation),
    );
  });
});

describe("a negotiation that is over", () => {
  it("leaves no timer behind, which would keep all of it in memory until its `commitBy`", async () => {
    const world = await World.create();
    const waiting = new Set<() => void>();
    const at = world.clock.at.bind(world.clock);
    world.clock.at = (time, task) => {
      waiting.add(task);
      const callOff = at(time, task);
      return () => {
        waiting.delete(task);
        callOff();
      };
    };
    await world.open();
    assert.ok(waiting.size > 0);
    await world.quiet();
    assert.equal(world.session("seller").state.phase, "agreed");
    assert.equal(waiting.size, 0);
  });
});

describe("patience", () => {
  interface Watched extends Channel {
    dropped: boolean;
  }

  function channel(from: Partial<Channel> = {}): Watched {
    return {
      ...{ peer: "", dropped: false, send: () => undefined, close: () => undefined },
      ...from,
      drop() {
        this.dropped = true;
      },
    };
  }

  function wear(patience: Patience, line: Watched): void {
    for (let count = 0; count < 200; count++) patience.strain(line, COST.refused);
    assert.equal(line.dropped, false);
    patience.strain(line, COST.useless);
    assert.equal(line.dropped, true);
  }

  it("wears out by a flood of useless things, for that connection alone where no origin is known", () => {
    const patience = new Patience(new SimulatedClock());
    const [flooded, other] = [channel(), channel()];
    wear(patience, flooded);
    patience.strain(other, COST.useless);
    assert.equal(other.dropped, false);
    assert.deepEqual([patience.isWornOut(flooded), patience.isWornOut(other)], [true, false]);
  });

  it("is the same for who connects again from where it was", () => {
    const patience = new Patience(new SimulatedClock());
    wear(patience, channel({ origin: "192.0.2.1" }));
    const [again, elsewhere] = [channel({ origin: "192.0.2.1" }), channel({ origin: "192.0.2.2" })];
    assert.deepEqual([patience.isWornOut(again), patience.isWornOut(elsewhere)], [true, false]);
  });

  it("is another for an agent that has shown who it is than for its neighbours", () => {
    const patience = new Patience(new SimulatedClock());
    const [honest, hostile] = [channel({ origin: "192.0.2.1" }), channel({ origin: "192.0.2.1" })];
    patience.vouch(honest, 7n);
    wear(patience, hostile);
    patience.strain(honest, COST.refused);
    assert.deepEqual([patience.isWornOut(honest), honest.dropped], [false, false]);
  });

  it("is worn out for its origin too by an agent that goes on, over whatever connection", () => {
    const patience = new Patience(new SimulatedClock());
    for (let round = 0; round < 5; round++) {
      const line = channel({ origin: "192.0.2.1" });
      patience.vouch(line, 8n);
      for (let count = 0; count <= 100; count++) patience.strain(line, COST.refused);
    }
    assert.equal(patience.isWornOut(channel({ origin: "192.0.2.1" })), true);
  });

  it("is that of the agent, wherever it connects from, where the door asked who it is", () => {
    const patience = new Patience(new SimulatedClock());
    wear(patience, channel({ origin: "192.0.2.1", agent: 9n }));
    assert.equal(patience.isWornOut(channel({ origin: "192.0.2.2", agent: 9n })), true);
    assert.equal(patience.isWornOut(channel({ origin: "192.0.2.1", agent: 10n })), false);
  });

  it("wears out sooner by large frames", () => {
    const patience = new Patience(new SimulatedClock());
    const line = channel();
    for (let count = 0; count < 150; count++) patience.strain(line, COST.useless, new Uint8Array(65_536));
    assert.equal(line.dropped, true);
  });

  it("comes back with time, and not by setting the clock back", () => {
    const clock = new SimulatedClock();
    const patience = new Patience(clock);
    const line = channel();
    for (let second = 0; second < 100; second++) {
      for (let count = 0; count < 190; count++) patience.strain(line, COST.useless);
      clock.advance(1_000);
    }
    assert.equal(line.dropped, false);
  });

  it("keeps no more accounts than it has room for", () => {
    const patience = new Patience(new SimulatedClock());
    wear(patience, channel({ origin: "192.0.2.1" }));
    for (let count = 0; count < 20_000; count++) patience.strain(channel({ origin: `host ${count}` }), COST.useless);
    assert.equal(patience.isWornOut(channel({ origin: "192.0.2.1" })), false);
  });
});

describe("a connection that brings rubbish", () => {
  for (const [what, rubbish] of [
    ["what is no message", () => Uint8Array.of(9, 9, 9)],
    ["a resume of nothing", () => encodeResume({ negotiation: `0x${"ab".repeat(32)}`, have: 0, answer: true })],
    ["half of a message", (frame: Uint8Array) => frame.slice(0, frame.length >> 1)],
  ] as const) {
    it(`is closed after some thousands of ${what}, and a negotiation that it carries can go on over another`, async () => {
      const world = await World.create({ strategies: WAITING });
      const session = await world.open();
      await world.quiet();
      const open = world.sent.find(({ frame }) => kindOf(frame) === "OPEN")?.frame ?? new Uint8Array();
      let closed = 0;
      const [send, close, drop] = [() => undefined, () => undefined, () => void closed++];
      const line: Channel = { peer: "stranger", send, close, drop };
      for (let count = 0; count < 3_000 && closed === 0; count++) {
        world.dealers.seller.listener.onFrame(rubbish(open), line);
      }
      await world.quiet();
      assert.equal(closed, 1);
      assert.equal(session.state.phase, "bargaining");
      await world.session("seller").move({ say: "offer", price: 900n });
      await world.quiet();
      assert.equal(session.state.phase === "bargaining" && session.state.offers > 1, true);
    });
  }
});

describe("OPENs that don't come from who they name", () => {
  /** A seller, and an OPEN for it that is lost on its way. */
  async function unheard(): Promise<{ world: World; open: Uint8Array }> {
    const world = await World.create({ strategies: WAITING, tamper: () => [] });
    await world.open();
    await world.quiet();
    const open = world.sent[0]?.frame;
    assert.ok(open !== undefined);
    return { world, open };
  }

  function stranger(origin: string, answers: Uint8Array[]): Channel & { dropped: number } {
    return {
      ...{ peer: "stranger", origin, dropped: 0 },
      send: (frame) => void answers.push(frame),
      close: () => undefined,
      drop() {
        this.dropped++;
      },
    };
  }

  it("get no answer, and don't keep the real one out", async () => {
    const answers: Uint8Array[] = [];
    const { world, open } = await unheard();
    const [line, { listener }] = [stranger("192.0.2.1", answers), world.dealers.seller];
    listener.onFrame(flipBit(open, SIGNATURE_AT), line);
    await world.quiet();
    assert.equal(answers.length, 0);
    listener.onFrame(open, line);
    await world.quiet();
    assert.equal(kindOf(answers[0] ?? new Uint8Array()), "JOIN");
  });

  it("aren't even verified once there were too many, and no other is from there, until time has passed", async () => {
    const answers: Uint8Array[] = [];
    const { world, open } = await unheard();
    const { listener } = world.dealers.seller;
    const flood = stranger("192.0.2.1", answers);
    for (let count = 0; count < 300 && flood.dropped === 0; count++) {
      const forged = flipBit(open, SIGNATURE_AT);
      // Another each time: copies of one are found out without being verified.
      forged.set([count & 255, count >> 8], SIGNATURE_AT + 1);
      listener.onFrame(forged, flood);
      if (count % 20 === 0) await world.quiet();
    }
    await world.quiet();
    assert.ok(flood.dropped > 0);
    const [again, elsewhere] = [stranger("192.0.2.1", answers), stranger("192.0.2.2", answers)];
    listener.onFrame(open, again);
    await world.quiet();
    assert.deepEqual([again.dropped, answers.length], [1, 0]);
    listener.onFrame(open, elsewhere);
    await world.quiet();
    assert.deepEqual([elsewhere.dropped, answers.length > 0], [0, true]);
  });
});

describe("who pays for what is useless in a negotiation", () => {
  function watched(answers: Uint8Array[] = []): Channel & { dropped: number } {
    return {
      ...{ peer: "somebody", origin: "192.0.2.9", dropped: 0 },
      send: (frame) => void answers.push(frame),
      close: () => undefined,
      drop() {
        this.dropped++;
      },
    };
  }

  async function ended(): Promise<World> {
    const world = await World.create({ strategies: WAITING });
    const session = await world.open();
    await world.quiet();
    await session.speak({ kind: "END", code: "Withdrawn", subject: ZERO_32, note: "" });
    await world.quiet();
    return world;
  }

  it("is the peer, whoever an envelope in its name says it is from", async () => {
    const world = await ended();
    const end = world.sent.filter(({ from }) => from === "buyer").at(-1)?.frame ?? new Uint8Array();
    const line = watched();
    const { listener } = world.dealers.seller;
    for (let agent = 1_000n; agent < 1_400n && line.dropped === 0; agent++) {
      const lie = await world.forge(end, "buyer", (message) => ({
        ...message,
        envelope: { ...message.envelope, agent, seq: message.envelope.seq + 1 },
      }));
      for (let time = 0; time < 6; time++) listener.onFrame(lie, line);
      await world.quiet();
    }
    assert.ok(line.dropped > 0);
  });

  it("can't fill the journal with what it says after the end", async () => {
    const world = await ended();
    let last = world.sent.filter(({ from }) => from === "buyer").at(-1)?.frame ?? new Uint8Array();
    const { half, proposal } = world.session("seller").state;
    for (let more = 0; more < 150; more++) {
      const prev = hashEnvelope(SEPARATOR, decodeMessage(last).envelope);
      last = await world.forge(last, "buyer", (message) => ({
        ...message,
        envelope: { ...message.envelope, prev, seq: message.envelope.seq + 1 },
      }));
      world.dealers.seller.listener.onFrame(last, world.line("seller"));
      await world.quiet();
    }
    const kept = (await world.journals.seller.read(half)).length;
    assert.ok(kept > 64 && kept <= proposal.protocol.rounds + 66, `${kept} records`);
    await world.restart("seller");
    assert.equal(world.session("seller").state.phase, "ended");
  });

  it("is asked for what was said as often as it likes to connect, and not much more often", async () => {
    const world = await ended();
    const { negotiation } = world.session("seller").state;
    const ask = encodeResume({ negotiation, have: 0, answer: false });
    const [one, other]: Uint8Array[][] = [[], []];
    const lines = [watched(one), watched(other)];
    for (let time = 0; time < 50; time++) world.dealers.seller.listener.onFrame(ask, lines[time % 2] as Channel);
    await world.quiet();
    const said = world.session("seller").said;
    assert.deepEqual([one?.length, other?.length], [said, said]);
    world.clock.advance(1_000);
    world.dealers.seller.listener.onFrame(ask, lines[0] as Channel);
    await world.quiet();
    assert.equal(one?.length, 2 * said);
  });

  it("is nobody for a connection of ours that is made anew, however often", async () => {
    const world = await ended();
    const line = world.line("buyer") as Channel & { cut: boolean };
    const { negotiation } = world.session("buyer").state;
    world.session("buyer").attach(line);
    for (let time = 0; time < 1_000; time++) {
      world.dealers.buyer.listener.onFrame(encodeResume({ negotiation, have: 99, answer: false }), line);
    }
    await world.quiet();
    assert.equal(line.cut, false);
  });
});
