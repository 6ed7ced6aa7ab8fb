import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { BuyerTally } from "../../../../offchain/settlement/metering/buyer-tally.ts";
import { type Rate, totalFor } from "../../../../offchain/settlement/metering/rate.ts";
import { SellerTally } from "../../../../offchain/settlement/metering/seller-tally.ts";

const RATE: Rate = { unitPrice: 5n, everyCalls: 10, everySeconds: 60, price: 1_000n };

const rates = fc.record({
  unitPrice: fc.bigInt({ min: 1n, max: 50n }),
  everyCalls: fc.integer({ min: 1, max: 12 }),
  everySeconds: fc.integer({ min: 1, max: 100 }),
  price: fc.bigInt({ min: 0n, max: 3_000n }),
});

describe("what a seller has served", () => {
  it("and is not receipted never exceeds one interval, whatever the buyer calls and pays", () => {
    let [admitted, refused] = [0, 0];
    const steps = fc.array(
      fc.record({
        number: fc.integer({ min: 1, max: 60 }),
        waitMs: fc.integer({ min: 0, max: 20_000 }),
        pays: fc.option(fc.integer({ min: 0, max: 100 }), { freq: 4 }),
        /** That the call fails; where it isn't served, that the buyer pays what is asked for. */
        fails: fc.boolean(),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(rates, steps, (rate, taken) => {
        const tally = new SellerTally(rate);
        const seen = new Set<number>();
        const times: number[] = [];
        let [now, receipted] = [0, 0n];
        for (const { number, waitMs, pays, fails } of taken) {
          now += waitMs;
          if (pays !== null) {
            const total = totalFor(pays, rate);
            if (total > receipted) receipted = total;
          }
          const verdict = tally.judge(number, now, receipted);
          const oldest = times[Number(receipted / rate.unitPrice)];
          if (!verdict.admit) {
            refused++;
            if (verdict.because === "CallRepeated") assert.ok(seen.has(number));
            // What it asks for is what it takes.
            if (verdict.because === "ReceiptDue") {
              assert.ok(verdict.due > receipted && verdict.due <= rate.price);
              if (!fails) continue;
              receipted = verdict.due;
              assert.ok(tally.judge(number, now, receipted).admit);
            }
            continue;
          }
          admitted++;
          assert.ok(!seen.has(number), "nothing is counted twice");
          seen.add(number);
          assert.ok(oldest === undefined || now - oldest < rate.everySeconds * 1_000);
          tally.count(number, now);
          times.push(now);
          const owed = BigInt(tally.calls) * rate.unitPrice - receipted;
          assert.ok(owed <= BigInt(rate.everyCalls) * rate.unitPrice);
          assert.ok(BigInt(tally.calls) * rate.unitPrice <= rate.price);
          if (fails) {
            tally.cancel();
            times.pop();
          }
        }
      }),
      { numRuns: 1_000 },
    );
    assert.ok(admitted > 200 && refused > 200, `${admitted} admitted, ${refused} refused`);
  });

  it("is asked for by what has to be receipted", () => {
    const tally = new SellerTally(RATE);
    for (let number = 1; number <= 10; number++) tally.count(number, 0);
    assert.deepEqual(tally.judge(11, 0, 0n), { admit: false, because: "ReceiptDue", due: 5n });
    assert.deepEqual(tally.judge(11, 0, 5n), { admit: true });
    assert.deepEqual(tally.judge(11, 60_000, 5n), { admit: false, because: "ReceiptDue", due: 50n });
    assert.deepEqual(tally.judge(7, 0, 50n), { admit: false, because: "CallRepeated", next: 11 });
  });

  it("remembers only so many numbers, and takes none that may be an old one", () => {
    const tally = new SellerTally({ ...RATE, price: 10n ** 9n });
    for (let number = 1; number <= 20_000; number++) tally.count(number, 0);
    for (const old of [1, 15_000, 19_999]) {
      const verdict = tally.judge(old, 0, 10n ** 6n);
      assert.ok(!verdict.admit && verdict.because === "CallRepeated", String(old));
    }
    assert.equal(tally.judge(20_001, 0, 10n ** 6n).admit, true);
  });

  it("ends with the price", () => {
    const tally = new SellerTally({ ...RATE, price: 12n });
    for (const number of [1, 2]) tally.count(number, 0);
    assert.deepEqual(tally.judge(3, 0, 12n), { admit: false, because: "UsedUp" });
  });
});

describe("what a buyer signs for", () => {
  it("is never a call that it did not make, nor more than one interval of what it did not get", () => {
    const ends = fc.array(fc.constantFrom("answered", "cancelled", "lost", "open"), { maxLength: 60 });
    fc.assert(
      fc.property(rates, ends, (rate, became) => {
        const tally = new BuyerTally(rate);
        let [made, answered] = [0, 0];
        for (const what of became) {
          const number = tally.next;
          tally.note({ what: "begun", number, at: 0 });
          if (what === "open") continue;
          tally.note({ what, number, at: 0 });
          // Said twice, it counts once.
          tally.note({ what, number, at: 0 });
          if (what !== "cancelled") made++;
          if (what === "answered") answered++;
          assert.ok(tally.payable <= BigInt(made) * rate.unitPrice);
          assert.ok(tally.payable <= BigInt(answered + rate.everyCalls) * rate.unitPrice);
          assert.ok(tally.payable <= rate.price);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("opens the seller's gate as long as answers come: neither waits for the other for ever", () => {
    const few = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(rates, few, (rate, atOnce) => {
        const [buyer, seller] = [new BuyerTally(rate), new SellerTally(rate)];
        let signed = 0n;
        for (let call = 0; call < 200 && buyer.hasRoom; call++) {
          const numbers: number[] = [];
          while (numbers.length < atOnce && buyer.hasRoom && buyer.mayBegin(signed)) {
            const number = buyer.next;
            buyer.note({ what: "begun", number, at: 0 });
            assert.ok(seller.judge(number, 0, signed).admit, "what the buyer may begin, the seller serves");
            seller.count(number, 0);
            numbers.push(number);
          }
          if (numbers.length === 0 && buyer.hasRoom) assert.ok(buyer.payable > signed);
          for (const number of numbers) buyer.note({ what: "answered", number, at: 0 });
          if (numbers.length < atOnce) signed = buyer.payable;
        }
      }),
    );
  });
});
