import type { Bytes32 } from "../../kernel/ids.ts";
import type { DealStatus } from "../../ports/chain.ts";
import { dealFingerprint, recordKey } from "../../terms/fingerprint.ts";
import { Book, type Undo } from "./book.ts";
import type { DealState } from "./deal-state.ts";
import { missing, Vault } from "./vault.ts";

/** The part of a block that what happened in it depends on. */
export interface Moment {
  readonly number: number;
  readonly timestamp: number;
}

type Identity = Pick<DealState, "deal" | "buyer" | "seller" | "token" | "negotiation" | "transcript">;
type Opening = Pick<DealState, "status" | "stakes" | "escrow" | "declaration">;

/** What the fold of events writes to: all deals, and all money. */
export class Page {
  readonly vault: Vault;
  readonly #deals: Book<DealState>;
  /** Deals by where their record lies. */
  readonly #records: Book<Bytes32>;
  readonly #pause: Book<number>;

  constructor(note: (undo: Undo) => void) {
    this.vault = new Vault(note);
    this.#deals = new Book(note);
    this.#records = new Book(note);
    this.#pause = new Book(note);
  }

  /** When commitments were paused; 0 if they aren't. */
  get pausedAt(): number {
    return this.#pause.get("") ?? 0;
  }

  set pausedAt(time: number) {
    this.#pause.set("", time);
  }

  find(deal: Bytes32): DealState | undefined {
    return this.#deals.get(deal);
  }

  /** The deal of the record that lies under `key`. */
  recorded(key: Bytes32): DealState | undefined {
    const deal = this.#records.get(key);
    return deal === undefined ? undefined : this.#deals.get(deal);
  }

  deals(): Iterable<DealState> {
    return this.#deals.rows();
  }

  /** A deal that has to be known, in one of these statuses. */
  known(deal: Bytes32, ...statuses: readonly DealStatus[]): DealState {
    const known = this.#deals.get(deal);
    if (known === undefined) throw missing(`nothing is known of the deal ${deal}`);
    if (statuses.includes(known.status)) return known;
    throw missing(`the deal ${deal} is ${known.status}, not ${statuses.join(" or ")}`);
  }

  /** Writes the first record of a negotiation. */
  open(identity: Identity, opening: Opening, { number, timestamp }: Moment): void {
    const key = recordKey(identity);
    if (this.#records.get(key) !== undefined)
      throw missing(`the negotiation ${identity.negotiation} has its deal already`);
    this.write({
      ...identity,
      ...opening,
      key,
      fingerprint: dealFingerprint(identity.deal, identity.transcript),
      since: timestamp,
      changedAt: number,
      received: 0n,
      receipted: false,
      evidence: null,
      dispute: null,
      payout: null,
    });
  }

  /** Writes a deal as it now stands. */
  write(deal: DealState): void {
    this.#deals.set(deal.deal, deal);
    if (this.#records.get(deal.key) === undefined) this.#records.set(deal.key, deal.deal);
  }
}
