import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  decodeEntry,
  type Entry,
  encodeEntry,
  type Stored,
} from "../../../../offchain/adapters/journal/jetstream/entry.ts";
import { type History, historyOf, NOTHING } from "../../../../offchain/adapters/journal/jetstream/history.ts";
import { Subjects } from "../../../../offchain/adapters/journal/jetstream/names.ts";

/** A writer that knew only the messages up to some point, and what it then wrote. */
interface Step {
  readonly kind: Entry["kind"];
  /** How many of the newest messages it had not seen. */
  readonly blind: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<Entry["kind"]>("record", "record", "record", "record", "fence", "forgotten"),
  blind: fc.nat(3),
});

describe("the history of a subject whose server lets rivals through", () => {
  it("is the same story at any length: what counted goes on counting, in order and without a gap", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const messages: Stored[] = [];
        let before: History = { standing: NOTHING, counted: [] };
        for (const { kind, blind } of steps) {
          messages.push(written(kind, messages.slice(0, Math.max(0, messages.length - blind)), messages.length + 1));
          const now = historyOf(messages);
          assert.ok(now !== null, "honest writers leave no contradiction");
          assert.equal(now.standing.last, messages.length);
          const isForgotten = now.counted[0]?.entry.kind === "forgotten" && now.counted[0] !== before.counted[0];
          if (!isForgotten) assert.deepEqual(now.counted.slice(0, before.counted.length), before.counted);
          const records = now.counted.filter(({ entry }) => entry.kind === "record");
          assert.deepEqual(
            records.map(({ entry }) => entry.records),
            records.map((_, index) => index + 1),
          );
          assert.equal(now.standing.records, records.length);
          before = now;
        }
      }),
    );
  });

  it("gives each number to exactly one of those who wrote it, the first", () => {
    const rivals = [written("record", [], 1), written("record", [], 2), written("record", [], 3)];
    assert.deepEqual(historyOf(rivals)?.counted, rivals.slice(0, 1));
    const next = written("record", rivals, 4);
    assert.deepEqual(historyOf([...rivals, next])?.counted, [rivals[0], next]);
  });

  it("counts nothing that an owner wrote without having seen the fence of the next", () => {
    const first = written("record", [], 1);
    const fence = written("fence", [first], 2);
    const late = written("record", [first], 3);
    assert.deepEqual(historyOf([first, fence, late])?.standing, { last: 3, records: 1, fence: 1 });
  });

  it("is none where a message is missing, at the beginning or between", () => {
    const messages: Stored[] = [];
    for (let seq = 1; seq <= 5; seq++) messages.push(written("record", messages, seq));
    for (const lost of [1, 2, 3, 4])
      assert.equal(historyOf(messages.filter(({ seq }) => seq !== lost)), null, `${lost}`);
    assert.equal(historyOf(messages)?.standing.records, 5);
  });

  it("may begin after what was forgotten and removed", () => {
    const messages: Stored[] = [];
    for (const kind of ["record", "record", "forgotten", "record", "record"] as const) {
      messages.push(written(kind, messages, messages.length + 1));
    }
    assert.deepEqual(historyOf(messages.slice(3))?.counted, messages.slice(3));
    assert.equal(historyOf(messages)?.standing.records, 2);
  });
});

describe("an entry's header", () => {
  it("says what was put into it", () => {
    const size = fc.nat();
    const kind = fc.constantFrom<Entry["kind"]>("record", "fence", "forgotten");
    fc.assert(
      fc.property(kind, size, size, size, (of, records, fence, after) => {
        const entry = { kind: of, records, fence, after };
        assert.deepEqual(decodeEntry(encodeEntry(entry)), entry);
      }),
    );
  });

  it("is nothing else than that", () => {
    for (const text of [
      "",
      "record",
      "record 1 2",
      "records 1 2 3",
      "record 1 2 3 4",
      "record -1 2 3",
      "record 1 2 3\n",
    ]) {
      assert.equal(decodeEntry(text), null, text);
    }
  });
});

describe("the subjects of a journal", () => {
  it("tell streams apart, whatever their names", () => {
    const subjects = new Subjects("PARLEY");
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (stream) => {
        const subject = subjects.of(stream);
        assert.match(subject, /^parley\.PARLEY\.stream\.s[\w-]*$/);
        assert.equal(subjects.streamOf(subject), stream);
      }),
    );
  });

  it("are those of a journal with a plain name only", () => {
    for (const name of ["", "a.b", "a b", "*", ">", "x".repeat(65)])
      assert.throws(() => new Subjects(name), { code: "BadName" });
  });
});

/** What a writer that has seen these messages writes next. */
function written(kind: Entry["kind"], seen: readonly Stored[], seq: number): Stored {
  const { last, records, fence } = historyOf(seen)?.standing ?? NOTHING;
  const entries: Record<Entry["kind"], Entry> = {
    record: { kind, records: records + 1, fence, after: last },
    fence: { kind, records, fence: fence + 1, after: last },
    forgotten: { kind, records: 0, fence, after: last },
  };
  return { seq, entry: entries[kind], id: `write ${seq}`, data: new Uint8Array() };
}
