import { ParleyError } from "../kernel/errors.ts";
import { ZERO_ADDRESS } from "../kernel/ids.ts";
import type { ArbitratorFacts, Arbitrators } from "../ports/arbitrators.ts";
import type { DealTemplate } from "../terms/proposal.ts";

type Arbitrable = Pick<DealTemplate, "arbitrator" | "maxFee" | "rulingWithin" | "reviewPeriod">;

/** Why a deal's arbitrator can't rule as the deal has it, and what to do about it. */
export interface ArbitratorObjection {
  readonly because: string;
  readonly hint: string;
}

/** Whether a dispute of such a deal would come to its arbitrator. What is metered can't be disputed. */
export function isArbitrated({ arbitrator, reviewPeriod }: Arbitrable): boolean {
  return arbitrator !== ZERO_ADDRESS && reviewPeriod > 0;
}

/**
 * Why the arbitrator would refuse every dispute of such a deal as it stands, so that all of them would lapse; null where nothing shows that.
 */
export function objectionToArbitrator(
  { arbitrator, maxFee, rulingWithin }: Omit<Arbitrable, "reviewPeriod">,
  { isThere, cost, court }: ArbitratorFacts,
): ArbitratorObjection | null {
  if (!isThere) {
    return {
      because: `there is no contract at the arbitrator's address ${arbitrator}`,
      hint: "name the address of an ERC-792 arbitrator on this chain, or the zero address for none",
    };
  }
  if (cost === null) {
    return {
      because: `the contract at ${arbitrator} doesn't say what a dispute costs: it is no arbitrator`,
      hint: "name the address of an ERC-792 arbitrator, or the zero address for none",
    };
  }
  if (cost > maxFee) {
    return {
      because: `a dispute costs ${cost} at the arbitrator ${arbitrator}, and \`maxFee\` is ${maxFee}`,
      hint: `give the deal a \`maxFee\` of at least ${cost}, or name another arbitrator`,
    };
  }
  // A seller that says nothing leaves no more of the time than that.
  if (court !== null && rulingWithin <= court.needsS) {
    return {
      because: `the Court ${arbitrator} needs more than ${court.needsS} s to rule, and \`rulingWithin\` is ${rulingWithin}`,
      hint: `give the deal a \`rulingWithin\` of some hours more than ${court.needsS} s, or name another arbitrator`,
    };
  }
  return null;
}

/** Throws unless whoever opens such a deal could have its disputes ruled. Not looked at where nobody tells of arbitrators. */
export async function requireArbitrator(arbitrators: Arbitrators | undefined, deal: Arbitrable): Promise<void> {
  const objection = await findObjection(arbitrators, deal);
  if (objection === null) return;
  const { because, hint } = objection;
  throw new ParleyError("ArbitratorUnfit", `${because}: every dispute would lapse`, {
    hint,
    facts: { arbitrator: deal.arbitrator },
  });
}

/** The same for whoever asks; null where there is none. */
export async function findObjection(
  arbitrators: Arbitrators | undefined,
  deal: Arbitrable,
): Promise<ArbitratorObjection | null> {
  if (arbitrators === undefined || !isArbitrated(deal)) return null;
  return objectionToArbitrator(deal, await arbitrators.facts(deal.arbitrator, deal.rulingWithin));
}
