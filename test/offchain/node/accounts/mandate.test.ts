import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ZERO_ADDRESS } from "../../../../offchain/kernel/ids.ts";
import { mandateObjection } from "../../../../offchain/node/accounts/mandate.ts";

const MOST = { peer: 9n, token: `0x${"99".repeat(20)}`, ours: 1_000n } as const;
const MANDATE = { limit: 1_000n, budget: 1_000n, threshold: 1_000n, expiry: 500, approver: ZERO_ADDRESS };
const APPROVER = `0x${"aa".repeat(20)}` as const;

describe("a mandate for what is owed on account", () => {
  const code = (changes: Partial<typeof MANDATE>, more: object = {}) =>
    mandateObjection({ isSet: true, unlimited: false, mandate: { ...MANDATE, ...changes }, ...more }, MOST, 500)?.code;

  it("has to bear the most that may be owed, in one deal", () => {
    assert.equal(code({}), undefined);
    assert.equal(code({}, { isSet: false }), "MandateMissing");
    assert.equal(code({ limit: 0n }), "MandateMissing");
    assert.equal(code({ expiry: 499 }), "MandateExpired");
    assert.equal(code({ limit: 999n }), "DealLimitExceeded");
    assert.equal(code({ threshold: 999n }), "ApprovalMissing");
    assert.equal(code({ threshold: 999n, approver: APPROVER }), undefined);
    assert.equal(code({ budget: 999n }), "BudgetExceeded");
    assert.equal(code({ limit: 0n }, { unlimited: true }), undefined);
  });
});
