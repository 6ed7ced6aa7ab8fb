import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { utf8 } from "../../../../offchain/kernel/bytes.ts";
import type { Bytes32 } from "../../../../offchain/kernel/ids.ts";
import { decodeFact, encodeFact } from "../../../../offchain/settlement/saga/fact-codec.ts";
import type { Fact } from "../../../../offchain/settlement/saga/memory.ts";
import { outcomeOf } from "../../../../offchain/settlement/saga/outcome.ts";
import { TASKS } from "../../../../offchain/settlement/saga/tasks.ts";

/** Plain objects, as the codec makes them. */
const record = <T>(model: { [Name in keyof T]: fc.Arbitrary<T[Name]> }) => fc.record(model, { noNullPrototype: true });

const hash = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes): Bytes32 => `0x${Buffer.from(bytes).toString("hex")}`);
const note = fc.string({ maxLength: 100 }).filter((text) => text.isWellFormed());
const seconds = fc.nat(2 ** 31);
const amount = fc.bigInt(0n, 2n ** 128n - 1n);
const rejection = record({ code: fc.constantFrom("OutOfStock", "NotApproved"), note });
const finding = fc.oneof(
  fc.constant({ good: true } as const),
  record({ good: fc.constant(false as const), share: fc.nat(10_000), evidence: hash, note }),
);
const outcome = fc.oneof(
  record({
    outcome: fc.constantFrom(
      ...(["Accepted", "Claimed", "Refunded", "Closed", "Split", "Agreed", "Ruled", "Lapsed"] as const),
    ),
    ...{ toBuyer: amount, toSeller: amount },
  }).map(outcomeOf),
  record({
    kind: fc.constant("cancelled" as const),
    how: fc.constantFrom("Lapsed" as const, "Superseded" as const),
  }),
  record({ kind: fc.constant("forfeited" as const), by: fc.option(fc.bigInt(1n, 2n ** 64n)) }),
);
const fact: fc.Arbitrary<Fact> = fc.oneof(
  record({ type: fc.constant("cleared" as const), rejection: fc.option(rejection), chainTime: seconds }),
  record({ type: fc.constant("produced" as const), evidence: hash }),
  record({ type: fc.constant("found" as const), finding }),
  fc.constantFrom({ type: "released" } as const, { type: "rated" } as const),
  record({ type: fc.constant("declared" as const), by: fc.bigInt(1n, 2n ** 64n) }),
  record({ type: fc.constant("refused" as const), task: fc.constantFrom(...TASKS), code: fc.constant("X") }),
  record({
    type: fc.constant("waits" as const),
    reason: note.filter((text) => text !== ""),
    until: fc.option(seconds),
  }),
  record({ type: fc.constant("ended" as const), outcome }),
);

describe("the journal of a settlement", () => {
  it("gives back every fact as it was", () => {
    fc.assert(fc.property(fact, (one) => assert.deepEqual(decodeFact(encodeFact(one)), one)));
  });

  it("says by name what another version wrote", () => {
    const written = utf8.decode(encodeFact({ type: "released" })).replace('"version":1', '"version":2');
    assert.throws(() => decodeFact(utf8.encode(written)), { code: "JournalVersion" });
  });
});
