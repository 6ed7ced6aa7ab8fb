import { type Address, ZERO_32, ZERO_ADDRESS } from "../offchain/kernel/ids.ts";
import type { JsonObject } from "../offchain/terms/canonical-json.ts";
import type { Proposal } from "../offchain/terms/proposal.ts";

/** What a test wants of its proposal. */
export interface Wish {
  /** Unix seconds. */
  readonly commitBy: number;
  readonly rounds: number;
  /** Native coin without it. */
  readonly token?: Address;
  /** In place of, or besides, the usual terms. */
  readonly terms?: JsonObject;
}

/** What is negotiated in tests that don't care: a buyer's proposal with small bonds, and an hour for everything. */
export function proposalFor({ commitBy, rounds, token = ZERO_ADDRESS, terms = {} }: Wish): Proposal {
  return {
    role: "buyer",
    protocol: { name: "alternating-offers", rounds },
    deal: {
      token,
      buyerBond: 10n,
      sellerBond: 20n,
      commitBy,
      deliverWithin: 3_600,
      reviewPeriod: 3_600,
      arbitrator: ZERO_ADDRESS,
      maxFee: 0n,
      rulingWithin: 0,
      lapseShare: 5_000,
      category: ZERO_32,
    },
    terms: { goods: "an hour of transcription", salt: `0x${"77".repeat(32)}`, ...terms },
  };
}
