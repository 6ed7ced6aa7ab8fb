import type { Session } from "../../../../offchain/dealing/session.ts";
import type { Agreed, SpokenBody } from "../../../../offchain/dealing/state.ts";
import type { Bytes32 } from "../../../../offchain/kernel/ids.ts";
import { type Deal, hashDeal } from "../../../../offchain/terms/deal.ts";
import { dealAt, type Role } from "../../../../offchain/terms/proposal.ts";
import { proposalFor } from "../../../proposal.ts";
import { HIGHER, LOWER, TERMS } from "../../settlement/tab/two-sides.ts";

const DIGEST: Bytes32 = `0x${"d1".repeat(32)}`;

/** Unix seconds until which a deal can be committed, and delivered. */
export const COMMIT_BY = 10_000;
export const DELIVER_BY = COMMIT_BY + 3_600;

/** A negotiation that has come to a deal, as those who carry it on account know it. */
export interface AgreedOn extends Pick<Session, "state" | "speak"> {
  readonly deal: Deal;
  readonly dealHash: Bytes32;
  readonly said: readonly SpokenBody[];
}

/** The lower agent buys from the higher one. */
export function agreedOn(role: Role, price: bigint, isDelivered = false, salt = "5a", doubted = false): AgreedOn {
  const proposal = proposalFor({ commitBy: COMMIT_BY, rounds: 1, token: TERMS.token, terms: { digest: DIGEST } });
  const deal = dealAt(proposal, { buyer: LOWER, seller: HIGHER }, `0x${salt.repeat(32)}`, price);
  const dealHash = hashDeal(deal);
  const said: SpokenBody[] = [];
  const fulfilment: { evidence: Bytes32 | null; receipted: bigint } = {
    evidence: isDelivered ? DIGEST : null,
    receipted: 0n,
  };
  const state = { phase: "agreed", brief: { role }, proposal, agreement: { deal, dealHash }, fulfilment, doubted };
  const speak = async (body: SpokenBody) => {
    said.push(body);
    if (body.kind === "DELIVER") fulfilment.evidence = body.evidence;
  };
  return { state: state as unknown as Agreed, speak: speak as Session["speak"], deal, dealHash, said };
}
