import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { format, inspect } from "node:util";
import { Secret } from "../../../offchain/kernel/secret.ts";

describe("a secret", () => {
  it("is told to who asks for it by name, and shown to nobody else", () => {
    const secret = new Secret("hunter2 and more");
    assert.equal(secret.reveal(), "hunter2 and more");
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect(secret, { showHidden: true, depth: 9 }),
      format("%o %O %j %s", secret, secret, secret, secret),
      Object.keys(secret).join(),
      JSON.stringify(structuredClone({ ...secret })),
      new Error("failed", { cause: secret }).stack ?? "",
    ];
    for (const text of shown) assert.ok(!text.includes("hunter2"), text);
  });
});
