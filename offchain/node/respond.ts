import { isArbitrated } from "../dealing/arbitrator.ts";
import type { Respond } from "../dealing/invitation.ts";
import { accountIn } from "../terms/payment-terms.ts";
import type { Proposal } from "../terms/proposal.ts";
import { Refusal } from "../terms/refusal.ts";
import type { RespondConfig } from "./agent-config.ts";
import type { Connectors } from "./connectors.ts";

/** Settlement commits nothing whose `commitBy` lies further ahead. */
export const MOST_COMMIT_AHEAD_S = 5 * 24 * 60 * 60;

/** Agrees only to what leaves both sides a fair chance to keep it. */
export function respondWith(config: RespondConfig, connectors: Connectors, now: () => number): Respond {
  const refuse = (reason: string): never => {
    throw new Refusal("ProposalRefused", reason);
  };
  return ({ deal, terms }, role) => {
    if (role !== config.role) refuse(`this agent deals as ${config.role} only`);
    if (deal.token !== config.token) refuse(`payment is in ${config.token} here, not in ${deal.token}`);
    const bond = role === "seller" ? deal.sellerBond : deal.buyerBond;
    if (bond > config.mostBond) refuse(`a bond of ${bond} is over the ${config.mostBond} put up here`);
    if (deal.deliverWithin < config.leastDeliverWithin) {
      refuse(`${deal.deliverWithin} s to deliver are less than ${config.leastDeliverWithin}`);
    }
    const objection = connectors.objection(deal, terms, role);
    if (objection !== null) refuse(objection);
    if (deal.reviewPeriod > config.mostReviewPeriod) {
      refuse(`a review of ${deal.reviewPeriod} s is longer than ${config.mostReviewPeriod}`);
    }
    const unjudged = objectionToJudge(deal, config);
    if (unjudged !== null) refuse(unjudged);
    if (deal.commitBy > now() / 1000 + MOST_COMMIT_AHEAD_S) refuse("`commitBy` is more than 5 days ahead");
    return config.strategy;
  };
}

/**
 * Who rules over a deal can give all of its money to either side: an arbitrator of the other's choosing is one that it may have made itself.
 * And until there is a ruling the money is locked.
 */
function objectionToJudge(deal: Proposal["deal"], { arbitrators, mostRulingWithin }: RespondConfig): string | null {
  if (!isArbitrated(deal)) return null;
  const { arbitrator, rulingWithin } = deal;
  if (arbitrators !== null && !arbitrators.includes(arbitrator)) {
    const others = arbitrators.length === 0 ? "no arbitrator is" : `${arbitrators.slice(0, 2).join(", ")} is`;
    return `the arbitrator ${arbitrator} isn't trusted here, ${others}`;
  }
  return rulingWithin > mostRulingWithin ? `${rulingWithin} s for a ruling are more than ${mostRulingWithin}` : null;
}

/** For an agent without running accounts: what is to be paid on one is refused, and would else be agreed to as if it weren't. */
export function withoutAccounts(usual: Respond | null): Respond | null {
  if (usual === null) return null;
  return (proposal, role, peer) => {
    if (accountIn(proposal.terms) === null) return usual(proposal, role, peer);
    throw new Refusal("ProposalRefused", "nothing is paid on account here");
  };
}
