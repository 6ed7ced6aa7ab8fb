import type { Body } from "../terms/body.ts";
import { Refusal } from "../terms/refusal.ts";
import type { Agreed, Fulfilment } from "./state.ts";

/** What may still be said about a deal that was agreed: deliveries by its seller, growing receipts by its buyer. */
export function acknowledge(state: Agreed, body: Body, speaker: "self" | "peer"): Fulfilment {
  const { agreement, fulfilment, brief } = state;
  if (body.kind !== "DELIVER" && body.kind !== "RECEIPT") {
    throw new Refusal("OutOfTurn", `${body.kind} can't be said once a deal is agreed`);
  }
  if (body.deal !== agreement.dealHash) throw new Refusal("DealMismatch", `the ${body.kind} is about another deal`);
  const speaksAsBuyer = (brief.role === "buyer") === (speaker === "self");
  if (speaksAsBuyer !== (body.kind === "RECEIPT")) {
    throw new Refusal("OutOfTurn", `${body.kind} is for the ${speaksAsBuyer ? "seller" : "buyer"} to say`);
  }
  if (body.kind === "DELIVER") return { ...fulfilment, evidence: body.evidence };
  if (body.total < fulfilment.receipted || body.total > agreement.deal.price) {
    throw new Refusal("DealMismatch", "a receipt is below the one before it, or above the price");
  }
  return { ...fulfilment, receipted: body.total };
}
