import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Address, ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import type { RespondConfig } from "../../../offchain/node/agent-config.ts";
import type { Connectors } from "../../../offchain/node/connectors.ts";
import { respondWith } from "../../../offchain/node/respond.ts";
import type { Proposal } from "../../../offchain/terms/proposal.ts";
import type { Refusal } from "../../../offchain/terms/refusal.ts";

const TOKEN: Address = `0x${"99".repeat(20)}`;
const [COURT, STRANGE]: Address[] = [`0x${"c0".repeat(20)}`, `0x${"57".repeat(20)}`];
const DAY_S = 86_400;

const CONFIG: RespondConfig = {
  ...{ role: "seller", token: TOKEN, mostBond: 100n, leastDeliverWithin: 60, mostReviewPeriod: 30 * DAY_S },
  strategy: { kind: "time-dependent", from: 900n, limit: 200n, pace: 1 },
  ...{ arbitrators: [COURT as Address], mostRulingWithin: 60 * DAY_S },
};

const DEAL = {
  ...{ token: TOKEN, buyerBond: 10n, sellerBond: 20n, commitBy: 3_600, deliverWithin: 3_600, reviewPeriod: DAY_S },
  ...{ arbitrator: COURT, maxFee: 1n, rulingWithin: 10 * DAY_S, lapseShare: 5_000, category: `0x${"00".repeat(32)}` },
} as Proposal["deal"];

describe("what an agent agrees to negotiate", () => {
  it("is ruled by arbitrators that it trusts, or by none", () => {
    assert.equal(objection({}), null);
    assert.match(objection({ arbitrator: STRANGE as Address }) ?? "", /0x5757.* isn't trusted here, 0xc0c0.* is$/);
    assert.equal(objection({ arbitrator: ZERO_ADDRESS }), null);
    // No dispute of a metered deal ever gets to it.
    assert.equal(objection({ arbitrator: STRANGE as Address, reviewPeriod: 0 }), null);
    assert.match(objection({}, { arbitrators: [] }) ?? "", /isn't trusted here, no arbitrator is$/);
    assert.equal(objection({ arbitrator: STRANGE as Address }, { arbitrators: null }), null);
  });

  it("leaves its money locked no longer than it has said", () => {
    assert.match(objection({ rulingWithin: 60 * DAY_S + 1 }) ?? "", /s for a ruling are more than 5184000$/);
    assert.equal(objection({ rulingWithin: 60 * DAY_S }), null);
    assert.match(objection({ reviewPeriod: 31 * DAY_S }) ?? "", /a review of/);
    assert.match(objection({ commitBy: 6 * DAY_S }) ?? "", /5 days ahead/);
    assert.match(objection({ sellerBond: 101n }) ?? "", /bond of 101/);
    assert.match(objection({ deliverWithin: 59 }) ?? "", /59 s to deliver/);
    assert.match(objection({ token: STRANGE as Address }) ?? "", /payment is in/);
  });
});

function objection(deal: Partial<Proposal["deal"]>, config: Partial<RespondConfig> = {}): string | null {
  const connectors = { objection: () => null } as unknown as Connectors;
  const respond = respondWith({ ...CONFIG, ...config }, connectors, () => 0);
  const proposal = { deal: { ...DEAL, ...deal }, terms: {} } as Proposal;
  try {
    respond(proposal, "seller", 9n);
    return null;
  } catch (thrown) {
    return (thrown as Refusal).message;
  }
}
