/** What every implementation of the Journal port must do, as tests. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Durability, Journal } from "../../offchain/ports/journal.ts";

/** A journal under test, and the place that it keeps its records in. */
export interface JournalFixture {
  open(): Journal | Promise<Journal>;
  /** Called once every journal is closed. */
  dispose(): void | Promise<void>;
}

const DURABILITIES: readonly Durability[] = ["process", "machine"];

export function journalConformance(
  name: string,
  make: () => JournalFixture,
  { skip = false }: { readonly skip?: string | false } = {},
): void {
  describe(`journal: ${name}`, { skip }, () => {
    let fixture: JournalFixture;
    let journal: Journal;

    beforeEach(async () => {
      fixture = make();
      journal = await fixture.open();
    });

    afterEach(async () => {
      await journal.close();
      await fixture.dispose();
    });

    it("knows no stream at first", async () => {
      assert.deepEqual(await journal.streams(), []);
      assert.deepEqual(await journal.read("unknown"), []);
    });

    for (const durability of DURABILITIES) {
      it(`returns the records of a stream in order, durable for the ${durability}`, async () => {
        for (let index = 0; index < 20; index++) await journal.append("one", index, bytes(index), durability);
        assert.deepEqual(await journal.read("one"), range(20).map(bytes));
      });

      it(`refuses an index that is not the next one, durable for the ${durability}`, async () => {
        await journal.append("one", 0, bytes(0), durability);
        for (const index of [0, 2, 1_000]) await rejects(journal.append("one", index, bytes(9), durability));
        await rejects(journal.append("two", 1, bytes(9), durability));
        await journal.append("one", 1, bytes(1), durability);
        assert.deepEqual(await journal.read("one"), [bytes(0), bytes(1)]);
        assert.deepEqual(await journal.streams(), ["one"]);
      });
    }

    it("keeps streams apart", async () => {
      const names = ["0xaa", "0xab", "", "zoë's \u{1f91d}", "x".repeat(1_000), "'; DROP TABLE record; --"];
      for (const index of range(3)) {
        for (const [at, stream] of names.entries())
          await journal.append(stream, index, bytes(10 * at + index), "process");
      }
      assert.deepEqual([...(await journal.streams())].sort(), [...names].sort());
      for (const [at, stream] of names.entries()) {
        assert.deepEqual(
          await journal.read(stream),
          range(3).map((index) => bytes(10 * at + index)),
        );
      }
    });

    it("takes appends that don't wait for each other, in the order of the calls", async () => {
      const durability = (index: number): Durability => (index % 3 === 1 ? "machine" : "process");
      await Promise.all(range(30).map((index) => journal.append("one", index, bytes(index), durability(index))));
      assert.deepEqual(await journal.read("one"), range(30).map(bytes));
    });

    it("lets one of two rivals for an index win", async () => {
      for (const [index, one, other] of [
        [0, "process", "process"],
        [1, "machine", "process"],
        [2, "process", "machine"],
        [3, "machine", "machine"],
      ] as const) {
        const rivals = [journal.append("one", index, bytes(1), one), journal.append("one", index, bytes(2), other)];
        const outcomes = await Promise.allSettled(rivals);
        assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
        assert.deepEqual((await journal.read("one"))[index], bytes(outcomes[0]?.status === "fulfilled" ? 1 : 2));
      }
    });

    it("does not let a refused append harm those beside it", async () => {
      const appends = [
        journal.append("one", 0, bytes(0), "process"),
        journal.append("one", 5, bytes(5), "machine"),
        journal.append("two", 3, bytes(3), "process"),
        journal.append("two", 0, bytes(0), "machine"),
        journal.append("three", 0, bytes(0), "process"),
      ];
      const outcomes = await Promise.allSettled(appends);
      const ok = outcomes.map(({ status }) => status === "fulfilled");
      assert.deepEqual(ok, [true, false, false, true, true]);
      assert.deepEqual([...(await journal.streams())].sort(), ["one", "three", "two"]);
      assert.deepEqual(await journal.read("two"), [bytes(0)]);
    });

    it("shows what was appended before it was asked, acknowledged or not", async () => {
      const append = journal.append("one", 0, bytes(7), "machine");
      assert.deepEqual(await journal.read("one"), [bytes(7)]);
      assert.deepEqual(await journal.streams(), ["one"]);
      await append;
    });

    it("takes records of any size, empty ones too", async () => {
      const records = [0, 1, 4_095, 4_096, 65_536, 1 << 20].map((size) => new Uint8Array(size).fill(size));
      for (const [index, record] of records.entries()) await journal.append("one", index, record, "process");
      assert.deepEqual(await journal.read("one"), records);
    });

    it("shares no memory with whoever appends or reads", async () => {
      const record = Buffer.from([1, 2, 3]);
      const append = journal.append("one", 0, record, "process");
      record.fill(9);
      await append;
      const [first] = await journal.read("one");
      first?.fill(8);
      const [second] = await journal.read("one");
      assert.deepEqual(second, Uint8Array.of(1, 2, 3));
    });

    it("has everything after it was closed and opened again", async () => {
      const appends = range(5).map((index) => journal.append("one", index, bytes(index), "process"));
      await journal.close();
      await Promise.all(appends);
      journal = await fixture.open();
      assert.deepEqual(await journal.read("one"), range(5).map(bytes));
      await rejects(journal.append("one", 4, bytes(4), "process"));
      await journal.append("one", 5, bytes(5), "machine");
      assert.deepEqual(await journal.streams(), ["one"]);
    });

    it("knows nothing of what it was told to forget, not even once opened again", async () => {
      for (const index of range(100)) await journal.append("one", index, bytes(index), "process");
      await journal.append("two", 0, bytes(7), "machine");
      await journal.forget("one", 100);
      for (const isReopened of [false, true]) {
        if (isReopened) {
          await journal.close();
          journal = await fixture.open();
        }
        assert.deepEqual(await journal.streams(), ["two"]);
        assert.deepEqual(await journal.read("one"), []);
        assert.deepEqual(await journal.read("two"), [bytes(7)]);
        await rejects(journal.append("one", 100, bytes(9), "process"));
      }
      await journal.append("two", 1, bytes(8), "process");
      assert.deepEqual(await journal.read("two"), [bytes(7), bytes(8)]);
    });

    it("begins a stream that was forgotten like any other, as often as need be", async () => {
      for (const round of range(3)) {
        await journal.append("one", 0, bytes(round), "process");
        await journal.append("one", 1, bytes(round), "process");
        assert.deepEqual(await journal.read("one"), [bytes(round), bytes(round)]);
        await journal.forget("one", 2);
        await journal.append(`beside ${round}`, 0, bytes(round), "process");
      }
      assert.deepEqual(await journal.read("one"), []);
      assert.deepEqual([...(await journal.streams())].sort(), ["beside 0", "beside 1", "beside 2"]);
    });

    it("forgets nothing that whoever asks has not seen", async () => {
      await journal.append("one", 0, bytes(0), "process");
      const append = journal.append("one", 1, bytes(1), "machine");
      await rejects(journal.forget("one", 1));
      await append;
      await rejects(journal.forget("one", 3));
      await rejects(journal.forget("unknown", 1));
      assert.deepEqual(await journal.read("one"), [bytes(0), bytes(1)]);
      await journal.append("one", 2, bytes(2), "process");
      await journal.forget("one", 3);
      assert.deepEqual(await journal.streams(), []);
    });

    it("doubts nothing that it has kept without a break", async () => {
      await journal.append("one", 0, bytes(0), "process");
      await journal.close();
      journal = await fixture.open();
      for (const durability of [undefined, ...DURABILITIES]) {
        assert.equal(await journal.doubt("one", durability), null);
        assert.equal(await journal.doubt("unknown", durability), null);
      }
    });

    it("is of no use once closed, and can be closed twice", async () => {
      await journal.append("one", 0, bytes(0), "process");
      await journal.close();
      await journal.close();
      await rejects(journal.append("one", 1, bytes(1), "process"), "JournalClosed");
      await rejects(journal.read("one"), "JournalClosed");
      await rejects(journal.streams(), "JournalClosed");
      await rejects(journal.forget("one", 1), "JournalClosed");
      await rejects(journal.doubt("one"), "JournalClosed");
    });
  });
}

function rejects(promise: Promise<unknown>, code = "JournalConflict"): Promise<void> {
  return assert.rejects(promise, { name: "ParleyError", code });
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}

/** A record that is told from others by its number. */
function bytes(number: number): Uint8Array {
  return Uint8Array.of(number, 0, 255, number);
}
