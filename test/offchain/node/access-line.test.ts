import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CallRequest, CallResult } from "../../../offchain/adapters/connector/meter/client.ts";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import type { Bytes32 } from "../../../offchain/kernel/ids.ts";
import { AccessLine } from "../../../offchain/node/access-line.ts";
import { ServiceEnd } from "../../../offchain/node/service-end.ts";
import type { DealPosition } from "../../../offchain/ports/chain.ts";
import type { Order } from "../../../offchain/ports/connector.ts";
import { CallLog } from "../../../offchain/settlement/metering/call-log.ts";
import { readingsFrom } from "../../../offchain/settlement/metering/readings.ts";

const NAME = { dealHash: `0x${"d1".repeat(32)}` as Bytes32, transcript: `0x${"7a".repeat(32)}` as Bytes32 };
const HELLO: CallRequest = { method: "GET", path: "/hello", headers: {}, body: new Uint8Array() };
const ANSWER = { status: 200, headers: {}, body: new Uint8Array() };
const NOW_S = 1_800_000_000;

const failure = (code: string, facts = {}): CallResult => {
  const error = new ParleyError(code, "it failed", { facts });
  return { what: "cancelled", answer: { ...ANSWER, status: 502 }, error };
};

describe("calls of access that was bought", () => {
  it("count where they were answered, or the seller refused them or failed", async () => {
    const { measured, call } = await open();
    await call({ what: "answered", answer: ANSWER });
    await call({ what: "cancelled", answer: { ...ANSWER, status: 503 } });
    await call(failure("ReceiptUnheard"));
    // Its agent has no more calls under way than a gate has to serve.
    await call(failure("GateFull"));
    await call(failure("SellerUnreachable", { refused: true }));
    await call({ what: "lost", error: new ParleyError("NotServed", "it answers with 101") });
    // Longer than the terms allow, which both sides know.
    await call({ what: "lost", error: new ParleyError("AnswerTooLarge", "it is too long") });
    assert.deepEqual(await measured(), [7, 6]);
  });

  it("count where the seller gave no answer, and a new block came meanwhile", async () => {
    const { measured, call, line, clock, chain } = await open();
    await call(failure("SellerUnreachable"));
    await call({ what: "lost", error: new ParleyError("Interrupted", "it broke off") });
    assert.ok(line.isBusy, "whose network it was is still to be seen");
    clock.advance(12_000);
    chain.newest = clock.now() / 1_000;
    clock.advance(18_000);
    await isWritten();
    assert.equal(line.isBusy, false);
    assert.deepEqual(await measured(), [2, 2]);
  });

  it("are weighed by the chain's blocks, whatever our own clock says", async () => {
    // Half a minute ahead of the chain: no block looks as if it came after the call.
    const { measured, call, clock, chain } = await open();
    chain.newest = NOW_S - 40;
    await call(failure("SellerUnreachable"));
    chain.newest = NOW_S - 28;
    clock.advance(30_000);
    await isWritten();
    assert.deepEqual(await measured(), [1, 1]);
    // Behind it: a block that was known when the call failed shows nothing about it.
    chain.newest = NOW_S + 300;
    await call({ what: "lost", error: new ParleyError("Interrupted", "it broke off") });
    clock.advance(30_000);
    await isWritten();
    assert.deepEqual(await measured(), [1, 1]);
  });

  it("are kept in mind where it can't be written that they count against nobody", async () => {
    const troubles: unknown[] = [];
    const journal = new MemoryJournal();
    const { call, line, clock } = await open(100, journal, (thrown) => troubles.push(thrown));
    await call(failure("SellerUnreachable"));
    await journal.close();
    clock.advance(30_000);
    await isWritten();
    assert.deepEqual([line.isBusy, [...line.leftOut], troubles.length], [false, [1], 1]);
  });

  it("count against nobody while no block comes either: then our own network is down", async () => {
    const { measured, call, line, clock, chain } = await open();
    await call({ what: "answered", answer: ANSWER });
    await call(failure("SellerUnreachable"));
    await call({ what: "lost", error: new ParleyError("CallLost", "it was lost") });
    clock.advance(29_999);
    await isWritten();
    assert.ok(line.isBusy);
    clock.advance(1);
    assert.ok(line.isBusy, "until it is written down");
    await isWritten();
    assert.equal(line.isBusy, false);
    assert.deepEqual(await measured(), [1, 0]);
    // Back again, later: that shows nothing about those.
    chain.newest = clock.now() / 1_000;
    clock.advance(60_000);
    assert.deepEqual(await measured(), [1, 0]);
  });

  it("count against nobody where they failed of what is ours, or it can't be found out any more", async () => {
    const { measured, call, line } = await open();
    for (const code of ["AddressRefused", "BadPath"]) await call(failure(code));
    await call(failure("SellerUnreachable"));
    await line.close();
    assert.deepEqual(await measured(), []);
  });

  it("aren't made once the time or their number is over, nor on paths that lead elsewhere", async () => {
    const { line, call, clock, sent } = await open(3);
    for (const path of ["/../admin", "*", "http://api.example/hello"]) {
      await assert.rejects(line.call({ ...HELLO, path }), { code: "BadPath" }, path);
    }
    for (let calls = 0; calls < 3; calls++) await call({ what: "answered", answer: ANSWER });
    await assert.rejects(line.call(HELLO), { code: "DealUsedUp" });
    const other = await open();
    assert.equal(other.line.isOver, false);
    other.clock.advance(3_600_001);
    await assert.rejects(other.line.call(HELLO), { code: "AccessOver" });
    assert.equal(other.line.isOver, true);
    line.stop();
    clock.advance(1);
    await assert.rejects(line.call(HELLO), { code: "MeterClosed" });
    assert.deepEqual([sent.length, other.sent.length], [3, 0]);
  });

  it("end with the earliest end that was reckoned, and with none before the delivery is seen", () => {
    const clock = new SimulatedClock(NOW_S * 1_000);
    let position: DealPosition | null = null;
    const end = new ServiceEnd({} as Order, 3_600, { clock, history: { position: () => position } as never });
    assert.equal(end.at, Number.POSITIVE_INFINITY);
    // The block was ten seconds on its way.
    position = { status: "Delivered", since: NOW_S - 10, now: NOW_S - 10 } as DealPosition;
    assert.equal(end.at, (NOW_S + 3_600) * 1_000);
    position = { ...position, now: NOW_S - 1 };
    assert.equal(end.at, (NOW_S + 3_591) * 1_000);
    position = { ...position, now: NOW_S - 8 };
    assert.equal(end.at, (NOW_S + 3_591) * 1_000);
    position = { ...position, status: "Disputed" };
    assert.equal(end.at, (NOW_S + 3_591) * 1_000);
  });
});

/** Until all has been done that needs no more time. */
async function isWritten(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A line whose calls come to what they are told to; everything else is real. */
async function open(
  calls = 100,
  journal = new MemoryJournal(),
  onTrouble: (thrown: unknown) => void = (thrown) => assert.fail(String(thrown)),
) {
  const clock = new SimulatedClock(NOW_S * 1_000);
  const chain = { newest: NOW_S - 5 };
  const sent: number[] = [];
  let next: CallResult = { what: "answered", answer: ANSWER };
  const position = { status: "Delivered", since: NOW_S, now: NOW_S };
  const line = new AccessLine({
    ...(await CallLog.open(journal, NAME)),
    ...{ calls, clock, newestBlock: () => chain.newest, keep: async () => undefined },
    end: new ServiceEnd({} as Order, 3_600, { clock, history: { position: () => position } as never }),
    client: {
      send: async (number) => {
        sent.push(number);
        return next;
      },
    },
    onTrouble,
  });
  return {
    ...{ line, clock, chain, sent },
    call: async (result: CallResult) => {
      next = result;
      await line.call(HELLO).catch((thrown: unknown) => assert.ok(result.what === "lost", String(thrown)));
    },
    /** Calls and failures, of the only period. */
    measured: async () => {
      const { entries } = await CallLog.open(journal, NAME);
      const [period] = readingsFrom(entries, { deal: NAME.dealHash, transcript: NAME.transcript, reader: 1n }, 3_600);
      return period === undefined ? [] : [period.calls, period.failures];
    },
  };
}
