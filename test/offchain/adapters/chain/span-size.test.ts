import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SpanSize } from "../../../../offchain/adapters/chain/span-size.ts";

describe("the size of a span", () => {
  it("halves down to one block where it is refused, and grows by a quarter where it is granted", () => {
    const size = new SpanSize(1_000, 100_000);
    size.refuse(1_000);
    assert.equal(size.now, 500);
    size.refuse(500);
    size.grant(250);
    assert.equal(size.now, 312);
    for (let refusals = 0; refusals < 20; refusals++) size.refuse(size.now);
    assert.equal(size.now, 1);
    size.grant(1);
    assert.equal(size.now, 1, "two were refused");
  });

  it("stays just below a node's limit, and tries it again only now and then", () => {
    const limit = 700;
    const size = new SpanSize(1_000, 100_000);
    let refusals = 0;
    let blocks = 0;
    for (let asked = 0; asked < 300; asked++) {
      if (size.now > limit) {
        refusals++;
        size.refuse(size.now);
      } else {
        blocks += size.now;
        size.grant(size.now);
      }
    }
    assert.ok(refusals < 20, `${refusals} refusals`);
    assert.ok(blocks > 0.75 * 300 * limit, `${blocks} blocks`);
  });

  it("never grows beyond what it may, nor by the last short range", () => {
    const size = new SpanSize(90, 100);
    size.grant(3);
    assert.equal(size.now, 90);
    for (let grants = 0; grants < 50; grants++) size.grant(size.now);
    assert.equal(size.now, 100);
  });
});
