import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ZERO_32, ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import type { Payout } from "../../../offchain/ports/chain.ts";
import { scoreOf } from "../../../offchain/settlement/feedback/score.ts";
import type { Deal } from "../../../offchain/terms/deal.ts";

const DEAL: Deal = {
  ...{ buyer: 1n, seller: 2n, token: ZERO_ADDRESS, price: 100n, buyerBond: 10n, sellerBond: 20n },
  ...{ commitBy: 1, deliverWithin: 1, reviewPeriod: 1, arbitrator: ZERO_ADDRESS, maxFee: 0n, rulingWithin: 1 },
  ...{ lapseShare: 0, category: ZERO_32, terms: ZERO_32, negotiation: ZERO_32 },
};

const scores = (outcome: Payout["outcome"], toBuyer: bigint, toSeller: bigint, deal = DEAL) =>
  (["seller", "buyer"] as const).map((side) => scoreOf(side, deal, { outcome, toBuyer, toSeller }));

describe("the score of a side in a settled deal", () => {
  it("follows from how the deal ended", () => {
    assert.deepEqual(scores("Accepted", 10n, 120n), [10_000, 10_000]);
    assert.deepEqual(scores("Claimed", 10n, 120n), [10_000, 5_000]);
    assert.deepEqual(scores("Refunded", 130n, 0n), [0, null]);
    // 40 were receipted and claimed before, and two fifths of the bond went back.
    assert.deepEqual(scores("Refunded", 82n, 8n), [4_000, null]);
    assert.deepEqual(scores("Agreed", 40n, 90n), [7_000, 10_000]);
    assert.deepEqual(scores("Split", 65n, 65n), [null, null]);
    assert.deepEqual(scores("Lapsed", 60n, 70n), [null, null]);
    assert.deepEqual(scores("Refunded", 110n, 20n, { ...DEAL, reviewPeriod: 0 }), [null, null]);
  });

  it("of a ruling is what came to each beyond its own bond", () => {
    assert.deepEqual(scores("Ruled", 80n, 50n), [3_000, 7_000]);
    assert.deepEqual(scores("Ruled", 100n, 30n), [1_000, 9_000], "the seller's bond is lost");
    assert.deepEqual(scores("Ruled", 0n, 130n), [10_000, 0]);
  });

  it("is never outside of what the registry takes", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 130n }), fc.bigInt({ min: 0n, max: 130n }), (toBuyer, all) => {
        const toSeller = all - toBuyer < 0n ? 0n : all - toBuyer;
        for (const outcome of ["Ruled", "Agreed", "Refunded"] as const) {
          for (const score of scores(outcome, toBuyer, toSeller))
            assert.ok(score === null || (score >= 0 && score <= 10_000));
        }
      }),
    );
  });
});
