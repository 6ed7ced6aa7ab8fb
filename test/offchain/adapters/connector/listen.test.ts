import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { listenHttp } from "../../../../offchain/adapters/connector/http/server.ts";
import { exitCodeOf } from "../../../../offchain/cli/command.ts";

const answer = () => assert.fail();

describe("listening where HTTP is served", () => {
  it("is refused by the names, and ends with the exit codes, that transports have for it", async () => {
    const first = await listenHttp("http://127.0.0.1:0", answer);
    for (const [address, code, exit] of [
      [first.url, "AddressInUse", 74],
      // For documentation only: no machine has it.
      ["http://192.0.2.1:0", "AddressUnavailable", 78],
    ] as const) {
      const refused = await listenHttp(address, answer).catch((thrown: unknown) => thrown);
      assert.ok(refused instanceof Error && "code" in refused && "hint" in refused);
      assert.deepEqual([refused.code, exitCodeOf(refused)], [code, exit]);
      assert.match(refused.message, new RegExp(address));
      assert.match(String(refused.hint), /where the configuration names/);
    }
    await first.close();
  });

  it("takes the port that an address leaves out, and no other", async () => {
    for (const [address, port] of [
      ["http://192.0.2.1", 80],
      ["http://192.0.2.1:80", 80],
      ["https://192.0.2.1:443", 443],
    ] as const) {
      const refused = await listenHttp(address, answer).catch((thrown: unknown) => thrown);
      assert.ok(refused instanceof Error && refused.cause instanceof Error && "port" in refused.cause);
      assert.equal(refused.cause.port, port, address);
    }
  });
});
