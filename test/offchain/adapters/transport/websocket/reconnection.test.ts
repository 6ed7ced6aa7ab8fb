import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Recorder } from "../../../../conformance/recorder.ts";
import { connect, strangeServer } from "./fixture.ts";

describe("WebSocketTransport's reconnection", () => {
  it("goes on through refusals, slammed doors and wrong answers", async () => {
    let connections = 0;
    const here = new Recorder();
    const address = await strangeServer((socket) => {
      connections++;
      if (connections === 1) socket.terminate();
      else if (connections === 2) socket.close(1013);
      else if (connections === 3) socket.send("text");
      else socket.send(Uint8Array.of(connections));
    });
    const channel = connect(address, here);
    await here.until("frame", 1);
    assert.deepEqual([here.numbers, here.closes], [[4], 0]);
    channel.close();
    await here.until("close", 1);
    assert.equal(connections, 4);
  });
});
