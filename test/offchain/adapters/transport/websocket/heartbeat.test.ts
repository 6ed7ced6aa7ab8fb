import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { WebSocket } from "ws";
import { Recorder } from "../../../../conformance/recorder.ts";
import { connect, listen, reports, stranger, strangeServer } from "./fixture.ts";

describe("WebSocketTransport's heartbeat", () => {
  it("notices a client that is dead", async () => {
    const there = new Recorder();
    const { address } = await listen(there, { heartbeatMs: 10 });
    await stranger(address, { autoPong: false });
    await there.until("close", 1);
    assert.match(reports[0]?.message ?? "", /no sign of life/);
  });

  it("notices a server that is dead, and connects again", async () => {
    const here = new Recorder();
    const address = await strangeServer(() => undefined, { autoPong: false });
    connect(address, here, { heartbeatMs: 10 });
    await here.until("open", 3);
    assert.equal(here.closes, 0);
    assert.ok(reports.every(({ code, retryable }) => code === "ConnectionFailed" && retryable));
  });

  it("leaves alone who is alive, and who says something instead of answering", async () => {
    const there = new Recorder();
    const { address } = await listen(there, { heartbeatMs: 100 });
    const [answering, talking] = [await stranger(address), await stranger(address, { autoPong: false })];
    talking.on("ping", () => talking.send(Uint8Array.of(1)));
    for (let beats = 0; beats < 3; beats++) await Promise.all([once(answering, "ping"), once(talking, "ping")]);
    assert.equal(there.closes, 0);
    assert.equal(answering.readyState, WebSocket.OPEN);
  });
});
