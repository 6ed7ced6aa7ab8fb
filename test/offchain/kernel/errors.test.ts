import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { messageOf, ParleyError } from "../../../offchain/kernel/errors.ts";

describe("ParleyError", () => {
  it("is final, without hint or facts, unless told otherwise", () => {
    const error = new ParleyError("Odd", "it is odd");
    assert.deepEqual(error.toJSON(), { code: "Odd", message: "it is odd", retryable: false, facts: {} });
    assert.equal("cause" in error, false);
    assert.ok(error instanceof Error);
  });

  it("carries what was told of it", () => {
    const cause = new Error("deeper");
    const error = new ParleyError("Odd", "it is odd", {
      hint: "make it even",
      retryable: true,
      facts: { actual: 3 },
      cause,
    });
    const expected = { code: "Odd", message: "it is odd", hint: "make it even", retryable: true, facts: { actual: 3 } };
    assert.deepEqual(JSON.parse(JSON.stringify(error)), expected);
    assert.equal(error.cause, cause);
  });

  it("tells the message of anything thrown, on one line", () => {
    assert.equal(messageOf(new Error("first\nsecond")), "first");
    assert.equal(messageOf("text"), "text");
    assert.equal(messageOf(undefined), "undefined");
  });
});
