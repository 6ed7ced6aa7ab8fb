import type { Payout } from "../../ports/chain.ts";
import type { Deal } from "../../terms/deal.ts";
import type { Role } from "../../terms/proposal.ts";

/** Hundredths of the best there is. */
const [BEST, HALF, WORST] = [10_000, 5_000, 0];

/**
 * How a side did in a settled deal, by the payout alone and in hundredths from 0 to 10,000; null where nobody judged it. The same facts
 * give the same score whoever rates, so nobody's mood is in it (docs/contracts/reputation.md).
 */
export function scoreOf(rated: Role, deal: Deal, payout: Payout): number | null {
  const isMetered = deal.reviewPeriod === 0;
  switch (payout.outcome) {
    case "Accepted":
    case "Closed":
      return BEST;
    case "Claimed":
      // The buyer said nothing in its time, and let the seller wait.
      return rated === "seller" ? BEST : HALF;
    case "Refunded":
      // What was not used of a metered deal goes back, and nobody has failed.
      if (isMetered || rated === "buyer") return null;
      return partBeyond(receiptedBefore(deal, payout), deal.price);
    case "Agreed":
      return rated === "buyer"
        ? BEST
        : partBeyond(payout.toSeller + receiptedBefore(deal, payout) - deal.sellerBond, deal.price);
    case "Ruled": {
      const toSeller = payout.toSeller + receiptedBefore(deal, payout) - deal.sellerBond;
      return partBeyond(rated === "seller" ? toSeller : payout.toBuyer - deal.buyerBond, deal.price);
    }
    case "Split":
    case "Lapsed":
      return null;
  }
}

/** What receipts had paid before the end: all that the payout leaves of what was put in. */
function receiptedBefore({ price, buyerBond, sellerBond }: Deal, { toBuyer, toSeller }: Payout): bigint {
  return price + buyerBond + sellerBond - toBuyer - toSeller;
}

/** Part of the price in hundredths of the best; who lost its bond has less than nothing, who won the other's not more than all. */
function partBeyond(amount: bigint, price: bigint): number {
  if (amount <= 0n || price === 0n) return WORST;
  return amount >= price ? BEST : Number((amount * BigInt(BEST)) / price);
}
