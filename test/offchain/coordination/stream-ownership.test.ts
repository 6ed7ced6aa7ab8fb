import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import type { Cell, Cells } from "../../../offchain/adapters/leases/cells.ts";
import { CellLeases } from "../../../offchain/adapters/leases/leases.ts";
import { MemoryCells } from "../../../offchain/adapters/leases/memory.ts";
import { StreamOwnership, type StreamOwnershipOptions } from "../../../offchain/coordination/stream-ownership.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";

const LASTS_MS = 9_000;

let clock: SimulatedClock;
let cells: MemoryCells;
let journal: MemoryJournal;

beforeEach(() => {
  clock = new SimulatedClock();
  cells = new MemoryCells();
  journal = new MemoryJournal();
});

describe("nodes that share a journal", () => {
  it("have one owner for each stream", async () => {
    const [one, two] = [node("one"), node("two")];
    assert.equal(await one.ownership.claim("a"), true);
    assert.equal(await two.ownership.claim("a"), false);
    assert.equal(await two.ownership.claim("b"), true);
    assert.deepEqual([one.owns("a"), one.owns("b"), two.owns("a"), two.owns("b")], [true, false, false, true]);
    await one.journal.append("a", 0, Uint8Array.of(1), "machine");
    await rejects(two.journal.append("a", 1, Uint8Array.of(2), "machine"));
  });

  it("keep what they own for as long as they live", async () => {
    const [one, two] = [node("one"), node("two")];
    await one.ownership.claim("a");
    await one.journal.append("a", 0, Uint8Array.of(1), "machine");
    await pass(10 * LASTS_MS, () => two.ownership.takeOver());
    assert.ok(one.owns("a"));
    await one.journal.append("a", 1, Uint8Array.of(1), "machine");
    assert.deepEqual(one.lost, []);
  });

  it("take over what a dead one owned, and what that still had under way fails", async () => {
    const [one, two] = [node("one"), node("two")];
    for (const stream of ["a", "b"]) {
      await one.ownership.claim(stream);
      await one.journal.append(stream, 0, Uint8Array.of(1), "machine");
    }
    one.cells.isCutOff = true;
    const taken: string[] = [];
    await pass(3 * LASTS_MS, async () => taken.push(...(await two.ownership.takeOver())));
    assert.deepEqual(taken.sort(), ["a", "b"]);
    // The first one was only cut off from the leases, and is late.
    await rejects(one.journal.append("a", 1, Uint8Array.of(9), "machine"));
    await two.journal.append("a", 1, Uint8Array.of(2), "machine");
    assert.deepEqual(one.lost.sort(), ["a", "b"], "it has noticed by its own clock alone");
    assert.ok(!one.owns("a"));
    assert.ok(one.troubles.every((code) => code === "LeasesUnavailable") && one.troubles.length > 0);
  });

  it("notice that they were taken for dead when they are back", async () => {
    const [one, two] = [node("one"), node("two")];
    await one.ownership.claim("a");
    one.cells.isCutOff = true;
    await pass(LASTS_MS / 2, async () => undefined);
    one.cells.isCutOff = false;
    // As after a long suspension: its timers did not run, those of the other did.
    const thief = new CellLeases({ holder: "thief", cells, clock, lastsMs: 0 });
    assert.equal(await thief.acquire("a"), null, "seen for the first time");
    assert.ok((await thief.acquire("a")) !== null);
    await pass(LASTS_MS / 3, async () => undefined);
    assert.deepEqual(one.lost, ["a"]);
    assert.equal(await two.ownership.claim("a"), false);
  });

  it("go on after failures that pass in time", async () => {
    const one = node("one");
    await one.ownership.claim("a");
    one.cells.isCutOff = true;
    await pass(LASTS_MS / 2, async () => undefined);
    one.cells.isCutOff = false;
    await pass(5 * LASTS_MS, async () => undefined);
    assert.ok(one.owns("a"));
    assert.deepEqual(one.lost, []);
    assert.equal(one.troubles.length, 1);
  });

  it("hand over at once when they are stopped", async () => {
    const [one, two] = [node("one"), node("two")];
    await one.ownership.claim("a");
    await one.journal.append("a", 0, Uint8Array.of(1), "machine");
    await one.ownership.stop();
    assert.ok(!one.owns("a"));
    assert.deepEqual(await two.ownership.takeOver(), ["a"]);
    assert.deepEqual(await one.ownership.takeOver(), []);
    assert.deepEqual(one.lost, []);
  });

  it("may put many streams under one lease", async () => {
    const leaseOf = (stream: string) => stream.slice(0, 1);
    const [one, two] = [node("one", { leaseOf }), node("two", { leaseOf })];
    const claims = await Promise.all(["a1", "a2", "a3"].map((stream) => one.ownership.claim(stream)));
    assert.deepEqual(claims, [true, true, true]);
    assert.equal(await two.ownership.claim("a4"), false);
    assert.ok(!one.owns("a4"), "a stream under our lease is ours once we have claimed it");
    for (const stream of ["a1", "a2", "a3"]) await one.journal.append(stream, 0, Uint8Array.of(1), "machine");
    one.cells.isCutOff = true;
    const taken: string[] = [];
    await pass(3 * LASTS_MS, async () => taken.push(...(await two.ownership.takeOver())));
    assert.deepEqual(
      [taken.sort(), one.lost.sort()],
      [
        ["a1", "a2", "a3"],
        ["a1", "a2", "a3"],
      ],
    );
    await rejects(one.journal.append("a3", 1, Uint8Array.of(9), "machine"));
  });
});

/** Cells that can be cut off from this node. */
class CutOff implements Cells {
  isCutOff = false;

  read(name: string): Promise<Cell | null> {
    return this.isCutOff ? Promise.reject(cutOff()) : cells.read(name);
  }

  set(name: string, text: string, expected: number): Promise<number | null> {
    return this.isCutOff ? Promise.reject(cutOff()) : cells.set(name, text, expected);
  }

  close(): Promise<void> {
    return cells.close();
  }
}

function cutOff(): ParleyError {
  return new ParleyError("LeasesUnavailable", "the leases can't be asked for", { retryable: true });
}

function node(holder: string, options: Partial<StreamOwnershipOptions> = {}) {
  const ours = {
    cells: new CutOff(),
    journal: new MemoryJournal(journal),
    lost: [] as string[],
    troubles: [] as string[],
  };
  const ownership = new StreamOwnership({
    leases: new CellLeases({ holder, cells: ours.cells, clock, lastsMs: LASTS_MS }),
    journal: ours.journal,
    clock,
    onLost: (stream) => ours.lost.push(stream),
    onTrouble: ({ code }) => ours.troubles.push(code),
    ...options,
  });
  return { ...ours, ownership, owns: (stream: string) => ownership.owns(stream) };
}

/** Lets time pass in small steps, and everybody act in each. */
async function pass(milliseconds: number, act: () => Promise<unknown>): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 500) {
    clock.advance(500);
    await new Promise((resolve) => setImmediate(resolve));
    await act();
  }
}

function rejects(promise: Promise<unknown>): Promise<void> {
  return assert.rejects(promise, { name: "ParleyError", code: "LeaseLost" });
}
