import type { Session } from "../dealing/session.ts";
import type { Event } from "../dealing/state.ts";
import type { Amount } from "../kernel/money.ts";
import type { SessionProof } from "../ports/chain.ts";
import type { Message } from "../terms/message.ts";

/** The newest receipt that each buyer has given us: what a claim is made with. */
export class Receipts {
  readonly #newest = new WeakMap<Session, SessionProof>();

  /** Who waits for a receipt of each session. */
  readonly #waiting = new WeakMap<Session, () => void>();

  /** Takes note of what a session heard, once it is journalled. */
  notice(session: Session, event: Event): void {
    if (event.type === "received" && this.#keep(session, event.message)) this.#waiting.get(session)?.();
  }

  /** Calls back with each receipt that is over more than the one before. */
  onNewer(session: Session, wake: () => void): void {
    this.#waiting.set(session, wake);
  }

  /** Finds what was heard before this process started. */
  async recall(session: Session): Promise<void> {
    const { brief } = session.state;
    if (brief.role !== "seller" || receiptedIn(session) === 0n) return;
    const { opener, responder } = await session.transcript();
    for (const message of brief.opener ? responder : opener) this.#keep(session, message);
  }

  newest(session: Session): SessionProof | null {
    return this.#newest.get(session) ?? null;
  }

  /** Receipts only grow; one that was refused isn't what the session came to. True for one that is over more than before. */
  #keep(session: Session, message: Message): boolean {
    const { body } = message;
    const { peerCertificate, brief } = session.state;
    if (body.kind !== "RECEIPT" || brief.role !== "seller" || peerCertificate === null) return false;
    if (body.total > receiptedIn(session)) return false;
    const known = this.#newest.get(session)?.message.body;
    if (known?.kind === "RECEIPT" && known.total >= body.total) return false;
    this.#newest.set(session, { message, certificate: peerCertificate });
    return true;
  }
}

/** What was receipted of a session's deal, by the side that has to. */
export function receiptedIn({ state }: Session): Amount {
  return state.phase === "agreed" ? state.fulfilment.receipted : 0n;
}
