import type { Amount } from "../../kernel/money.ts";
import type { DealEvent } from "../../ports/settlement-events.ts";
import type { DealState } from "./deal-state.ts";
import type { Moment, Page } from "./page.ts";
import { missing, NATIVE } from "./vault.ts";

type Event<Type extends DealEvent["type"]> = Extract<DealEvent, { readonly type: Type }>;

/** The life of a deal that goes as agreed; of one that doesn't, its payout too. */
export function foldDeal(page: Page, event: DealEvent, moment: Moment): void {
  switch (event.type) {
    case "Committed":
      commit(page, event, moment);
      break;
    case "Delivered":
      page.write({
        ...page.known(event.deal, "Committed"),
        status: "Delivered",
        since: moment.timestamp,
        changedAt: moment.number,
        evidence: event.evidence,
      });
      break;
    case "ReceiptClaimed":
      receive(page, event, moment);
      break;
    case "Settled":
      settle(page, event, moment);
      break;
  }
}

function commit(page: Page, event: Event<"Committed">, moment: Moment): void {
  const { deal, buyer, seller, token, negotiation, transcript, price, buyerBond, sellerBond } = event;
  const identity = { deal, buyer, seller, token, negotiation, transcript };
  const stakes = { price, buyerBond, sellerBond };
  const escrow = price + buyerBond + sellerBond;
  page.open(identity, { status: "Committed", stakes, escrow, declaration: null }, moment);
  page.vault.free(buyer, token, -price - buyerBond);
  page.vault.free(seller, token, -sellerBond);
  page.vault.total(token, { escrow });
}

function receive(page: Page, { deal, total }: Event<"ReceiptClaimed">, { number }: Moment): void {
  const known = page.known(deal, "Committed", "Delivered", "Disputed", "Settled");
  // A claim that closes the deal settles it first, and what it adds is part of the payout.
  if (known.status === "Settled") return;
  const paid = total - known.received;
  const escrow = known.escrow === null ? null : known.escrow - paid;
  page.write({ ...known, received: total, receipted: true, escrow, changedAt: number });
  page.vault.free(known.seller, known.token, paid);
  page.vault.total(known.token, { escrow: -paid });
}

function settle(page: Page, event: Event<"Settled">, { number, timestamp }: Moment): void {
  const { deal, outcome, toBuyer, toSeller } = event;
  const known = page.known(deal, "Committed", "Delivered", "Disputed");
  const paid = toBuyer + toSeller;
  if (known.escrow === null) reveal(page, known, paid);
  else if (known.escrow !== paid) throw missing(`the deal ${deal} pays ${paid} out of ${known.escrow}`);
  if (known.dispute !== null && known.dispute.referral === null) payFeeBack(page, known, known.dispute.fee);
  const payout = { outcome, toBuyer, toSeller };
  page.write({ ...known, status: "Settled", since: timestamp, changedAt: number, escrow: 0n, payout });
  page.vault.free(known.buyer, known.token, toBuyer);
  page.vault.free(known.seller, known.token, toSeller);
  page.vault.total(known.token, { escrow: -paid });
}

/** A payout is all that was in escrow: so it tells what a cure of a deal with unknown terms had brought. */
function reveal({ vault }: Page, { declaration, received, buyer, seller, token, deal }: DealState, paid: Amount): void {
  if (declaration === null) throw missing(`nothing is known of what the deal ${deal} put into escrow`);
  const brought = paid + received - declaration.locked;
  const curing = declaration.declarer === buyer ? seller : buyer;
  vault.blur(curing, token, -1);
  vault.free(curing, token, -brought);
  vault.total(token, { escrow: brought, unknown: -1 });
}

/** A deposit that no arbitrator got is the buyer's, and no event of its own says so. */
function payFeeBack({ vault }: Page, { buyer }: DealState, fee: Amount | null): void {
  if (fee === null) {
    vault.blur(buyer, NATIVE, 1);
  } else {
    vault.free(buyer, NATIVE, fee);
    vault.total(NATIVE, { escrow: -fee });
  }
}
