import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { WebSocket } from "ws";
import { Recorder } from "../../../../conformance/recorder.ts";
import { ANY_PORT, checkServed, listen, tcp, transport } from "./fixture.ts";

describe("WebSocketTransport's addresses", () => {
  it("tell the port that was taken", async () => {
    const { address } = await listen(new Recorder());
    assert.match(address, /^ws:\/\/127\.0\.0\.1:[1-9][0-9]*$/);
  });

  it("may be of IPv6, and may have a path, which peers must name", async () => {
    const there = new Recorder();
    const { address } = await listen(there, {}, "ws://[::1]:0/parley");
    assert.match(address, /^ws:\/\/\[::1\]:[1-9][0-9]*\/parley$/);
    await checkServed(address, there);
    const [, response] = await once(new WebSocket(address.replace("parley", "other")), "unexpected-response");
    assert.equal(response.statusCode, 400);
    response.destroy();
  });

  it("are listened on, and no others of the machine", { skip: process.platform !== "linux" }, async () => {
    const { address } = await listen(new Recorder());
    await assert.rejects(tcp(address.replace("127.0.0.1", "127.0.0.2")), { code: "ECONNREFUSED" });
  });

  it("are refused where they are none", async () => {
    const bad = { name: "ParleyError", code: "BadEndpoint" };
    for (const address of [
      "",
      "x",
      "127.0.0.1:80",
      "http://127.0.0.1:80",
      "ws://",
      "ws://me:pw@host:1",
      "ws://host:1/#x",
    ]) {
      assert.throws(() => transport().connect(address, new Recorder()), bad, address);
      await assert.rejects(async () => transport().listen(address, new Recorder()), bad, address);
    }
    assert.throws(() => transport().connect(ANY_PORT, new Recorder()), bad);
    await assert.rejects(async () => transport().listen("wss://127.0.0.1:0", new Recorder()), bad);
  });

  it("are refused where they are somebody else's", async () => {
    const unavailable = { name: "ParleyError", code: "AddressUnavailable" };
    await assert.rejects(transport().listen("ws://192.0.2.1:0", new Recorder()), unavailable);
  });
});
