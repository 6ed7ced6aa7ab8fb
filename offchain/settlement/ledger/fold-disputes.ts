import type { DisputeEvent } from "../../ports/settlement-events.ts";
import type { DealState, DisputeState } from "./deal-state.ts";
import type { Moment, Page } from "./page.ts";
import { missing, NATIVE } from "./vault.ts";

/** All of a price, in basis points: what a seller asks for that says nothing. */
const WHOLE = 10_000;

type Event<Type extends DisputeEvent["type"]> = Extract<DisputeEvent, { readonly type: Type }>;

/** A deal that the two sides see differently, up to the ruling. Its payout is a deal's like any other. */
export function foldDispute(page: Page, event: DisputeEvent, moment: Moment): void {
  switch (event.type) {
    case "Disputed":
      dispute(page, event, moment);
      break;
    case "Answered": {
      const changes = { answered: true, sellerShare: event.share };
      amend(page, page.known(event.deal, "Disputed"), changes, moment);
      break;
    }
    case "Referred":
      refer(page, event, moment);
      break;
    case "Ruled": {
      const known = page.recorded(event.key);
      if (known === undefined) throw missing(`nothing is known of the record ${event.key}`);
      amend(page, known, { ruling: event.ruling }, moment);
      break;
    }
    case "Evidence":
      // Whoever judges reads it; no record changes.
      break;
  }
}

function dispute(page: Page, event: Event<"Disputed">, { number, timestamp }: Moment): void {
  const { deal, share, rulingUntil, terms } = event;
  const fee = terms?.maxFee ?? null;
  const known = page.known(deal, "Delivered");
  page.write({
    ...known,
    status: "Disputed",
    since: timestamp,
    changedAt: number,
    dispute: {
      buyerShare: share,
      sellerShare: WHOLE,
      answered: false,
      rulingUntil,
      ruling: null,
      referral: null,
      fee,
    },
  });
  page.vault.total(NATIVE, fee === null ? { unknown: 1 } : { owed: fee, escrow: fee });
}

function refer(page: Page, { deal, arbitrator, disputeId, cost }: Event<"Referred">, moment: Moment): void {
  // Settled, where the arbitrator itself carried a split here while it was being asked: that comes first then.
  const known = page.known(deal, "Disputed", "Settled");
  amend(page, known, { referral: { arbitrator, disputeId, cost } }, moment);
  const { vault } = page;
  const fee = known.dispute?.fee ?? null;
  if (fee === null) {
    vault.blur(known.buyer, NATIVE, 1);
    return;
  }
  if (known.status === "Settled") {
    // Its end paid nothing back, though it looked as if the arbitrator had not been asked.
    vault.free(known.buyer, NATIVE, -fee);
    vault.total(NATIVE, { escrow: fee });
  }
  const spent = cost < fee ? cost : fee;
  vault.free(known.buyer, NATIVE, fee - spent);
  vault.total(NATIVE, { owed: -spent, escrow: -fee });
}

function amend(page: Page, known: DealState, changes: Partial<DisputeState>, { number }: Moment): void {
  if (known.dispute === null) throw missing(`nothing is known of a dispute over the deal ${known.deal}`);
  page.write({ ...known, dispute: { ...known.dispute, ...changes }, changedAt: number });
}
