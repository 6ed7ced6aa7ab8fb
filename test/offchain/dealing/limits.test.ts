import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { COST, Patience } from "../../../offchain/dealing/patience.ts";
import type { Session } from "../../../offchain/dealing/session.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import type { PriceStrategy } from "../../../offchain/negotiation/price/strategy.ts";
import type { Channel } from "../../../offchain/ports/transport.ts";
import { encodeResume } from "../../../offchain/terms/control.ts";
import { decodeMessage } from "../../../offchain/terms/message.ts";
import { kindOf, type Side, World } from "./fixture.ts";

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

describe("patience with a connection", () => {
  function channel(): Channel & { closed: boolean } {
    return {
      peer: "",
      closed: false,
      send: () => undefined,
      close() {
        this.closed = true;
      },
    };
  }

  it("wears out by a flood of useless things, on that connection alone", () => {
    const patience = new Patience(new SimulatedClock());
    const [flooded, other] = [channel(), channel()];
    for (let count = 0; count < 400; count++) patience.strain(flooded, COST.refused);
    assert.equal(flooded.closed, false);
    patience.strain(flooded, COST.useless);
    patience.strain(other, COST.useless);
    assert.deepEqual([flooded.closed, other.closed], [true, false]);
  });

  it("comes back with time, and not by setting the clock back", () => {
    const clock = new SimulatedClock();
    const patience = new Patience(clock);
    const line = channel();
    for (let second = 0; second < 100; second++) {
      for (let count = 0; count < 190; count++) patience.strain(line, COST.useless);
      clock.advance(1_000);
    }
    assert.equal(line.closed, false);
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
      const line: Channel = { peer: "stranger", send: () => undefined, close: () => void closed++ };
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
