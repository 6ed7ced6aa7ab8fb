import type { AgentId } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { FaultEvent } from "../../ports/settlement-events.ts";
import type { DealState } from "./deal-state.ts";
import type { Moment, Page } from "./page.ts";

type Event<Type extends FaultEvent["type"]> = Extract<FaultEvent, { readonly type: Type }>;

/** Words that were broken, and what they cost. */
export function foldFault(page: Page, event: FaultEvent, moment: Moment): void {
  switch (event.type) {
    case "Declared":
      declare(page, event, moment);
      break;
    case "Cured":
      cure(page, event, moment);
      break;
    case "Defaulted":
      end(page, event, moment);
      break;
    case "Equivocated":
      // Costs nothing by itself: `Penalised` follows.
      break;
    case "Penalised":
      penalise(page, event);
      break;
  }
}

function declare(page: Page, event: Event<"Declared">, moment: Moment): void {
  const { deal, declarer, buyer, seller, token, negotiation, transcript, locked, cureUntil, reason, terms } = event;
  const identity = { deal, buyer, seller, token, negotiation, transcript };
  const stakes =
    terms === null ? null : { price: terms.price, buyerBond: terms.buyerBond, sellerBond: terms.sellerBond };
  const declaration = { declarer, cureUntil, reason, locked };
  page.open(identity, { status: "Declared", stakes, escrow: locked, declaration }, moment);
  page.vault.free(declarer, token, -locked);
  page.vault.total(token, { escrow: locked });
}

function cure(page: Page, { deal, agent }: Event<"Cured">, { number, timestamp }: Moment): void {
  const known = page.known(deal, "Declared");
  const brought = exposure(known, agent);
  const escrow = brought === null || known.escrow === null ? null : known.escrow + brought;
  page.write({ ...known, status: "Committed", since: timestamp, changedAt: number, escrow });
  if (brought === null) {
    page.vault.blur(agent, known.token, 1);
    page.vault.total(known.token, { unknown: 1 });
  } else {
    page.vault.free(agent, known.token, -brought);
    page.vault.total(known.token, { escrow: brought });
  }
}

function end(page: Page, { deal, returned }: Event<"Defaulted">, { number, timestamp }: Moment): void {
  const known = page.known(deal, "Declared");
  page.write({ ...known, status: "Defaulted", since: timestamp, changedAt: number, escrow: 0n });
  const declarer = known.declaration?.declarer;
  if (declarer !== undefined) page.vault.free(declarer, known.token, returned);
  page.vault.total(known.token, { escrow: -returned });
}

function penalise(page: Page, { deal, agent, token, taken, reward, terms }: Event<"Penalised">): void {
  const { vault } = page;
  vault.forfeit(agent, token, taken);
  vault.total(token, { burnt: taken - reward });
  if (reward === 0n) return;
  // The deal of an equivocation need not be on the chain.
  const parties = page.find(deal) ?? terms;
  if (parties === null) vault.total(token, { strayed: 1 });
  else vault.free(parties.buyer === agent ? parties.seller : parties.buyer, token, reward);
}

/** What a side puts into escrow; null where the terms are not known. */
function exposure({ stakes, buyer }: DealState, agent: AgentId): Amount | null {
  if (stakes === null) return null;
  return agent === buyer ? stakes.price + stakes.buyerBond : stakes.sellerBond;
}
