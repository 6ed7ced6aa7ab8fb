import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Bytes32 } from "../../../../offchain/kernel/ids.ts";
import {
  accessIn,
  accessProof,
  JUDGING_S,
  objectionToAccess,
  prepaid,
} from "../../../../offchain/settlement/metering/access.ts";
import { BuyerTally } from "../../../../offchain/settlement/metering/buyer-tally.ts";
import { SellerTally } from "../../../../offchain/settlement/metering/seller-tally.ts";
import type { Json, JsonObject } from "../../../../offchain/terms/canonical-json.ts";
import { evidenceOf, proofFromJson, proofToJson } from "../../../../offchain/terms/delivery-proof.ts";
import { readStandardTerms, type StandardTerms } from "../../../../offchain/terms/standard-terms.ts";

const DELIVERY = { by: "access", url: "https://api.example/v1", calls: 100, seconds: 3_600 } as const;

function termsWith(levels: Json[] = [], delivery: JsonObject = DELIVERY): JsonObject {
  return {
    ...{ schema: "parley-terms/1", category: "api", salt: `0x${"5a".repeat(32)}` },
    lines: [{ what: "translations", amount: "100", unit: "call" }],
    ...{ levels, delivery },
  };
}

const ORDER = {
  ...{ dealHash: `0x${"d1".repeat(32)}` as Bytes32, transcript: `0x${"7a".repeat(32)}` as Bytes32 },
  ...{ deal: { buyer: 1n }, terms: termsWith() },
};

describe("access to a service", () => {
  it("is proven by what deal and terms say, alike for everybody, and by nothing else", () => {
    const proof = accessProof(ORDER);
    assert.ok(proof !== null);
    assert.deepEqual(proofFromJson(proofToJson(proof)), proof);
    const known = evidenceOf(proof);
    assert.equal(evidenceOf(accessProof({ ...ORDER }) ?? proof), known);
    const others = [
      { ...ORDER, dealHash: ORDER.transcript },
      { ...ORDER, transcript: ORDER.dealHash },
      { ...ORDER, deal: { buyer: 2n } },
      { ...ORDER, terms: termsWith([], { ...DELIVERY, calls: 99 }) },
      { ...ORDER, terms: termsWith([], { ...DELIVERY, seconds: 3_599 }) },
      { ...ORDER, terms: termsWith([], { ...DELIVERY, url: "https://api.example/v2" }) },
    ];
    const hashes = others.map((order) => evidenceOf(accessProof(order) ?? proof));
    assert.equal(new Set([known, ...hashes]).size, 7);
    assert.equal(accessProof({ ...ORDER, terms: null }), null);
    assert.equal(accessIn({ salt: "0x" }), null, "terms of another form are about something else");
    assert.throws(() => proofFromJson({ ...proofToJson(proof), until: 5 }), { code: "Malformed" });
  });

  it("is nothing to agree to where the review is over too early, or a level can't be measured", () => {
    const object = (reviewPeriod: number, levels: Json[] = []) =>
      objectionToAccess({ reviewPeriod }, readStandardTerms(termsWith(levels)) as StandardTerms);
    assert.ok(JUDGING_S >= 900, "a chain out of reach for some minutes costs nobody the price");
    assert.equal(object(3_600 + JUDGING_S), null);
    assert.match(object(3_600 + JUDGING_S - 1) ?? "", /ends too early/);
    assert.match(object(3_600) ?? "", /ends too early/);
    const level = { measure: "availability", bound: "least", amount: "99", unit: "percent" };
    assert.equal(object(7_200, [level, { ...level, measure: "latency-most", bound: "most", unit: "second" }]), null);
    assert.match(object(7_200, [level, { ...level, measure: "kindness" }]) ?? "", /'kindness' in percent/);
    assert.match(object(7_200, [{ ...level, unit: "second" }]) ?? "", /'availability' in second/);
    const other = readStandardTerms({ ...termsWith([], { by: "artifact" }), digest: ORDER.dealHash }) as StandardTerms;
    assert.equal(objectionToAccess({ reviewPeriod: 1 }, other), null);
  });

  it("is so many calls on either side, none of which ever falls due", () => {
    const rate = prepaid(100);
    const [seller, buyer] = [new SellerTally(rate), new BuyerTally(rate)];
    for (let number = 1; number <= 100; number++) {
      const now = number * 1e9;
      assert.ok(buyer.hasRoom && buyer.mayBegin(rate.price));
      assert.deepEqual(seller.judge(number, now, rate.price), { admit: true });
      seller.count(number, now);
      buyer.note({ what: "begun", number, at: now });
      buyer.note({ what: "answered", number, at: now });
    }
    assert.deepEqual(seller.judge(101, 1e12, rate.price), { admit: false, because: "UsedUp" });
    assert.equal(buyer.hasRoom, false);
    const repeating = new BuyerTally({ ...rate, mostRepeats: 0 });
    repeating.note({ what: "begun", number: 1, at: 0 });
    repeating.note({ what: "cancelled", number: 1, at: 0 });
    assert.equal(repeating.hasRoom, true, "ninety-nine are left");
    seller.cancel();
    assert.deepEqual(seller.judge(101, 1e12, rate.price), { admit: true }, "one that failed is not used up");
  });

  it("has calls that fail made again, but no more often than calls were sold, as both sides count alike", () => {
    const rate = prepaid(10);
    const [seller, buyer] = [new SellerTally(rate), new BuyerTally(rate)];
    let number = 0;
    while (buyer.hasRoom) {
      number++;
      assert.deepEqual(seller.judge(number, number, rate.price), { admit: true });
      seller.count(number, number);
      buyer.note({ what: "begun", number, at: number });
      seller.cancel();
      buyer.note({ what: "cancelled", number, at: number });
    }
    assert.equal(number, 20);
    assert.deepEqual(seller.judge(21, 21, rate.price), { admit: false, because: "UsedUp" });
    // Those under way may fail too.
    const eager = new SellerTally(prepaid(2));
    for (const each of [1, 2, 3]) {
      eager.count(each, 0);
      eager.cancel();
    }
    eager.count(4, 0);
    assert.deepEqual(eager.judge(5, 0, 2n), { admit: false, because: "UsedUp" });
    const { mostRepeats: _, ...metered } = rate;
    const free = new SellerTally(metered);
    for (let each = 1; each <= 100; each++) {
      free.count(each, 0);
      free.cancel();
    }
    assert.deepEqual(
      free.judge(101, 0, 10n),
      { admit: true },
      "what is paid by the call costs its seller nothing more",
    );
  });
});
