import type { Bytes32 } from "../../kernel/ids.ts";
import type { SessionProofs } from "../../ports/chain.ts";
import { type Deal, hashDeal } from "../../terms/deal.ts";

/**
 * Names an act of a deal, so that it is sent once: after a crash the transaction that was signed for it is waited for. An agreement is
 * named by the signatures that make it.
 */
export function actId(act: string, deal: Deal, agreement: Bytes32 | SessionProofs): string {
  const name =
    typeof agreement === "string"
      ? agreement
      : agreement.buyer.message.signature.slice(0, 34) + agreement.seller.message.signature.slice(2, 34);
  return `${act}:${hashDeal(deal)}:${name}`;
}
