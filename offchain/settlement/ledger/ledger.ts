import type { Address, AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { SettlementEvent } from "../../ports/settlement-events.ts";
import type { Undo } from "./book.ts";
import type { DealState, TokenState, TreasuryState } from "./deal-state.ts";
import { foldDeal } from "./fold-deals.ts";
import { foldDispute } from "./fold-disputes.ts";
import { foldFault } from "./fold-faults.ts";
import { foldPause, foldTreasury } from "./fold-treasury.ts";
import { type Moment, Page } from "./page.ts";
import type { Account, Totals } from "./vault.ts";

/** One entry of a ledger as it is written down. */
export type LedgerRow =
  | { readonly row: "deal"; readonly deal: DealState }
  | { readonly row: "account"; readonly key: string; readonly account: Account }
  | { readonly row: "totals"; readonly token: string; readonly totals: Totals }
  | { readonly row: "paused"; readonly at: number };

/**
 * What Settlement holds and knows of deals, by its events alone. It does what the contract does, in the contract's order, so that
 * after the events of a block it says what the contract's views say at that block.
 */
export class Ledger {
  #changes: Undo[] = [];
  readonly #page = new Page((undo) => this.#changes.push(undo));

  /** A ledger that was written down. */
  static of(rows: Iterable<LedgerRow>): Ledger {
    const ledger = new Ledger();
    for (const row of rows) ledger.#restore(row);
    ledger.#changes = [];
    return ledger;
  }

  /** Takes in one event; the answer takes it back. One that doesn't fit what came before throws, and changes nothing. */
  apply(event: SettlementEvent, moment: Moment): Undo {
    try {
      this.#fold(event, moment);
    } catch (thrown) {
      takeBack(this.#changes);
      throw thrown;
    }
    const changes = this.#changes;
    this.#changes = [];
    return () => {
      takeBack(changes);
    };
  }

  deal(deal: Bytes32): DealState | null {
    return this.#page.find(deal) ?? null;
  }

  /** The deal of a negotiation, by the key of its record. */
  record(key: Bytes32): DealState | null {
    return this.#page.recorded(key) ?? null;
  }

  deals(): Iterable<DealState> {
    return this.#page.deals();
  }

  treasury(agent: AgentId, token: Address): TreasuryState {
    return this.#page.vault.treasury(agent, token);
  }

  token(token: Address): TokenState {
    return this.#page.vault.token(token);
  }

  /** When new commitments were paused; 0 if they aren't. */
  get pausedAt(): number {
    return this.#page.pausedAt;
  }

  /** All of it, to be written down. */
  *rows(): Iterable<LedgerRow> {
    const { vault } = this.#page;
    if (this.pausedAt !== 0) yield { row: "paused", at: this.pausedAt };
    for (const [token, totals] of vault.totals()) yield { row: "totals", token, totals };
    for (const [key, account] of vault.accounts()) yield { row: "account", key, account };
    for (const deal of this.deals()) yield { row: "deal", deal };
  }

  #fold(event: SettlementEvent, moment: Moment): void {
    const page = this.#page;
    switch (event.type) {
      case "Deposited":
      case "Withdrawn":
      case "Staked":
      case "Unstaking":
      case "Released":
        foldTreasury(page, event);
        break;
      case "Committed":
      case "Delivered":
      case "ReceiptClaimed":
      case "Settled":
        foldDeal(page, event, moment);
        break;
      case "Disputed":
      case "Answered":
      case "Evidence":
      case "Referred":
      case "Ruled":
        foldDispute(page, event, moment);
        break;
      case "Declared":
      case "Cured":
      case "Defaulted":
      case "Equivocated":
      case "Penalised":
        foldFault(page, event, moment);
        break;
      case "Paused":
      case "Unpaused":
        foldPause(page, event, moment);
        break;
    }
  }

  #restore(row: LedgerRow): void {
    const page = this.#page;
    if (row.row === "deal") page.write(row.deal);
    else if (row.row === "account") page.vault.restoreAccount(row.key, row.account);
    else if (row.row === "totals") page.vault.restoreTotals(row.token, row.totals);
    else page.pausedAt = row.at;
  }
}

function takeBack(changes: Undo[]): void {
  for (let undo = changes.pop(); undo !== undefined; undo = changes.pop()) undo();
}
