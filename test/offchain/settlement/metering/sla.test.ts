import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { CallEntry } from "../../../../offchain/settlement/metering/call-log.ts";
import { readingsFrom, underWayIn } from "../../../../offchain/settlement/metering/readings.ts";
import { judgeLevels, judgeService } from "../../../../offchain/settlement/metering/sla.ts";
import { type MeterReading, readingFromJson, readingToJson } from "../../../../offchain/terms/meter-reading.ts";
import type { ServiceLevel } from "../../../../offchain/terms/standard-terms.ts";

const SUBJECT = { deal: `0x${"d1".repeat(32)}`, transcript: `0x${"7a".repeat(32)}`, reader: 1n } as const;

const AVAILABLE: ServiceLevel = { measure: "availability", bound: "least", amount: "99.5", unit: "percent" };
const QUICK: ServiceLevel = { measure: "latency-p95", bound: "most", amount: "0.25", unit: "second" };

function reading(changes: Partial<MeterReading> = {}): MeterReading {
  const latency = { p50: 100, p95: 200, p99: 300, most: 400 };
  return { ...SUBJECT, from: 0, to: 3_600, calls: 1_000, failures: 0, latency, ...changes };
}

describe("readings of a meter", () => {
  it("tell what became of the calls that began in each period", () => {
    const entries: CallEntry[] = [
      { what: "begun", number: 1, at: 1_000 },
      { what: "begun", number: 2, at: 2_000 },
      { what: "answered", number: 1, at: 1_040 },
      { what: "cancelled", number: 2, at: 2_010 },
      { what: "begun", number: 3, at: 59_999 },
      { what: "answered", number: 3, at: 61_999 },
      { what: "begun", number: 4, at: 60_000 },
      { what: "lost", number: 4, at: 60_001 },
      { what: "begun", number: 5, at: 60_000 },
    ];
    const [first, second, ...more] = readingsFrom(entries, SUBJECT, 60);
    assert.deepEqual(more, []);
    const latency = { p50: 40, p95: 2_000, p99: 2_000, most: 2_000 };
    assert.deepEqual(first, { ...SUBJECT, from: 0, to: 60, calls: 3, failures: 1, latency });
    assert.deepEqual(second, { ...SUBJECT, from: 60, to: 120, calls: 2, failures: 2, latency: null });
  });

  it("leave out what says nothing about the seller, whatever came of it before or after", () => {
    const at = 1_000;
    const entries: CallEntry[] = [
      ...[1, 2, 3].map((number) => ({ what: "begun", number, at }) as const),
      { what: "void", number: 1, at },
      { what: "lost", number: 1, at },
      { what: "cancelled", number: 2, at },
      { what: "void", number: 2, at },
      { what: "answered", number: 3, at: 1_040 },
    ];
    assert.deepEqual(
      readingsFrom(entries, SUBJECT, 60).map(({ calls, failures }) => [calls, failures]),
      [[1, 0]],
    );
    assert.deepEqual(readingsFrom(entries.slice(0, 4), SUBJECT, 60)[0]?.calls, 2);
    assert.deepEqual(underWayIn(entries.slice(0, 5)), [2, 3]);
    assert.deepEqual(underWayIn(entries), []);
  });

  it("are written and read alike, and refused where they can't be true", () => {
    const good = readingToJson(reading());
    assert.deepEqual(readingFromJson(good), reading());
    const none = reading({ failures: 1_000, latency: null });
    assert.deepEqual(readingFromJson(readingToJson(none)), none);
    const wrong: Partial<MeterReading>[] = [
      { to: 0 },
      { failures: 1_001 },
      { failures: 1_000 },
      { latency: null },
      { calls: -1 },
    ];
    for (const changes of wrong) {
      assert.throws(
        () => readingFromJson(readingToJson(reading(changes))),
        { code: "Malformed" },
        JSON.stringify(Object.keys(changes)),
      );
    }
    const latency = { p50: 100, p95: 90, p99: 300, most: 400 };
    assert.throws(() => readingFromJson(readingToJson(reading({ latency }))), { facts: { path: "reading.latency" } });
    assert.throws(() => readingFromJson({ ...good, more: 1 }), { code: "Malformed" });
  });
});

describe("service levels", () => {
  it("that were kept leave the seller the whole price", () => {
    const kept = judgeLevels([AVAILABLE, QUICK], [reading(), reading({ failures: 5 })]);
    assert.deepEqual([kept.share, kept.breaches, kept.unjudged], [10_000, [], []]);
    assert.equal(judgeLevels([AVAILABLE], []).share, 10_000);
  });

  it("that were not are named with what was measured, and cost what was not reached", () => {
    const slow = reading({ from: 3_600, to: 7_200, latency: { p50: 100, p95: 500, p99: 900, most: 900 } });
    const { breaches, share, says } = judgeLevels([AVAILABLE, QUICK], [reading({ calls: 3_000 }), slow]);
    const agreed = "0.25 second";
    const expected = {
      measure: "latency-p95",
      from: 3_600,
      to: 7_200,
      measured: "0.5 second",
      agreed,
      attained: 5_000,
    };
    assert.deepEqual(breaches, [expected]);
    // Three quarters of the calls in full, and one quarter at half.
    assert.equal(share, 8_750);
    assert.match(
      says,
      /1 breaches in 2 readings; at worst latency-p95 was 0.5 second where 0.25 second was agreed: 8750/,
    );
  });

  it("cost what the worst of them cost, not all together", () => {
    const latency = { p50: 100, p95: 500, p99: 900, most: 900 };
    const { share, breaches } = judgeLevels([AVAILABLE, QUICK], [reading({ failures: 100, latency })]);
    assert.deepEqual([share, breaches.length], [5_000, 2]);
    assert.equal(judgeLevels([AVAILABLE], [reading({ failures: 1_000, latency: null })]).share, 0);
  });

  it("of any kind are worth nothing where no call at all was answered", () => {
    const dead = reading({ failures: 1_000, latency: null });
    assert.equal(judgeLevels([QUICK], [dead]).share, 10_000, "nobody was slow");
    const { share, says } = judgeService([QUICK], [dead, dead]);
    assert.deepEqual([share, says], [0, "none of 2000 calls was answered: 0 basis points are due"]);
    assert.equal(judgeService([], [dead]).share, 0);
    assert.equal(judgeService([], [dead, reading({ failures: 999 })]).share, 5, "one of two thousand");
    assert.equal(judgeService([QUICK], []).share, 10_000, "nobody has called");
  });

  it("that say nothing of failures leave the seller what it has answered", () => {
    const most = reading({ calls: 5, failures: 4 });
    const { share, says, breaches } = judgeService([QUICK], [most]);
    assert.deepEqual([share, breaches], [2_000, []]);
    assert.equal(says, "4 of 5 calls were not answered: 2000 basis points are due");
    assert.equal(judgeService([], [most, reading({ calls: 5 })]).share, 6_000);
    // Slow besides: of what was answered half is due.
    const latency = { p50: 100, p95: 500, p99: 900, most: 900 };
    const slow = judgeService([QUICK], [{ ...most, latency }]);
    assert.equal(slow.share, 1_000);
    assert.match(slow.says, /^4 of 5 calls.*; 1 breaches in 1 readings/);
    // One that does say it is the measure itself, and one that can't be measured says nothing.
    assert.equal(judgeService([{ ...AVAILABLE, amount: "20" }], [most]).share, 10_000);
    assert.equal(judgeService([{ ...AVAILABLE, unit: "second" }], [most]).share, 2_000);
    assert.equal(judgeLevels([QUICK], [most]).share, 10_000, "what is paid by the call costs nothing where it fails");
  });

  it("of a kind that calls don't tell are left to others", () => {
    const other: ServiceLevel = { measure: "accuracy", bound: "least", amount: "90", unit: "percent" };
    const odd: ServiceLevel = { ...QUICK, unit: "gigabyte" };
    const { unjudged, share } = judgeLevels([other, odd, AVAILABLE], [reading()]);
    assert.deepEqual([unjudged, share], [["accuracy", "latency-p95"], 10_000]);
  });

  it("never cost less for more failures, and stay between nothing and all", () => {
    const readings = fc.array(
      fc
        .record({
          calls: fc.integer({ min: 1, max: 10_000 }),
          part: fc.integer({ min: 0, max: 100 }),
          p95: fc.nat(2_000),
        })
        .map(({ calls, part, p95 }) => {
          const failures = Math.floor((calls * part) / 100);
          const latency = failures === calls ? null : { p50: 0, p95, p99: 2_000, most: 2_000 };
          return reading({ calls, failures, latency });
        }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(readings, fc.nat(7), (all, at) => {
        const { share, breaches } = judgeLevels([AVAILABLE, QUICK], all);
        assert.ok(Number.isInteger(share) && share >= 0 && share <= 10_000);
        assert.equal(share < 10_000, breaches.length > 0 && breaches.some(({ attained }) => attained < 10_000));
        const worse = all.map((one, index) => {
          if (index !== at % all.length || one.failures + 1 >= one.calls) return one;
          return { ...one, failures: one.failures + 1 };
        });
        assert.ok(judgeLevels([AVAILABLE, QUICK], worse).share <= share);
      }),
    );
  });
});
