import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { forgetWhatIsDue, type Retention } from "../../../offchain/node/retention.ts";

const DAY_MS = 86_400_000;

describe("retention", () => {
  it("keeps everything where nothing else was said", async () => {
    const { retention, journal, clock } = await kept({ keepMs: null, overSince: () => 0 });
    clock.advance(10_000 * DAY_MS);
    assert.deepEqual(await forgetWhatIsDue(retention), []);
    assert.deepEqual(await journal.streams(), ["a", "b"]);
  });

  it("forgets what has been over for long enough, and nothing that may still be asked for", async () => {
    const clock = new SimulatedClock(0);
    const over: Record<string, number | null> = { a: 5 * DAY_MS, b: null };
    const { retention, journal } = await kept({
      keepMs: 30 * DAY_MS,
      overSince: (stream) => over[stream] ?? null,
      clock,
    });
    clock.advance(35 * DAY_MS - 1);
    assert.deepEqual(await forgetWhatIsDue(retention), []);
    clock.advance(1);
    assert.deepEqual(await forgetWhatIsDue(retention), ["a"]);
    assert.deepEqual(await journal.streams(), ["b"]);
    clock.advance(10_000 * DAY_MS);
    assert.deepEqual(await forgetWhatIsDue(retention), []);
  });

  it("archives first, and keeps what could not be archived", async () => {
    const archived = new Map<string, readonly Uint8Array[]>();
    const { retention, journal, troubles } = await kept({
      keepMs: 0,
      overSince: () => 0,
      archive: async (stream, records) => {
        if (stream === "a") throw new Error("the archive is full");
        archived.set(stream, records);
      },
    });
    assert.deepEqual(await forgetWhatIsDue(retention), ["b"]);
    assert.deepEqual([...archived], [["b", [Uint8Array.of(2)]]]);
    assert.deepEqual(await journal.streams(), ["a"]);
    assert.deepEqual(troubles, ["a: the archive is full"]);
  });

  it("loses no record that comes while it archives", async () => {
    const { retention, journal, troubles } = await kept({
      keepMs: 0,
      overSince: (stream) => (stream === "a" ? 0 : null),
      archive: async () => {
        if ((await journal.read("a")).length === 1) await journal.append("a", 1, Uint8Array.of(9), "machine");
      },
    });
    assert.deepEqual(await forgetWhatIsDue(retention), []);
    assert.equal(troubles.length, 1);
    assert.equal((await journal.read("a")).length, 2);
    assert.deepEqual(await forgetWhatIsDue(retention), ["a"]);
  });
});

async function kept(options: Partial<Retention> & Pick<Retention, "keepMs" | "overSince">) {
  const [journal, troubles] = [new MemoryJournal(), [] as string[]];
  const clock = options.clock instanceof SimulatedClock ? options.clock : new SimulatedClock();
  await journal.append("a", 0, Uint8Array.of(1), "process");
  await journal.append("b", 0, Uint8Array.of(2), "process");
  const onTrouble = (stream: string, thrown: unknown) => {
    troubles.push(`${stream}: ${thrown instanceof Error ? thrown.message : thrown}`);
  };
  return { journal, troubles, clock, retention: { journal, onTrouble, ...options, clock } };
}
