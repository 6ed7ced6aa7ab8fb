import { ParleyError } from "../../kernel/errors.ts";
import type { BlockEvents, DatedBlock } from "../../ports/blocks.ts";
import type { LoggedEvent } from "../../ports/settlement-events.ts";
import { MAX_REORG } from "./recent-blocks.ts";

/** What somebody wants to be told of. After a crash the newest events may be told once more. */
export interface Listening {
  /** Blocks that have to lie above an event's own before it is told: none if not given, 64 at most. */
  readonly confirmations?: number;
  /** The last block whose events need no telling; if not given, the newest that is known. */
  readonly after?: number;
  readonly onEvent: (event: LoggedEvent, depth: { readonly confirmations: number }) => void;
  /** Told of each roll-back that took back events which were told: these, the newest first, and the block that is now the newest. */
  readonly onRollback?: (undone: readonly LoggedEvent[], to: number) => void;
}

interface Listener extends Listening {
  readonly deep: number;
  /** The newest block whose events were told. */
  told: number;
}

/** Who is told what happens on the chain, each once it lies deep enough. */
export class Listeners {
  readonly #listeners = new Set<Listener>();
  readonly #onTrouble: (error: ParleyError) => void;

  constructor(onTrouble: (error: ParleyError) => void) {
    this.#onTrouble = onTrouble;
  }

  add(listening: Listening, tip: number): () => void {
    const { confirmations: deep = 0, after: told = tip } = listening;
    if (!Number.isInteger(deep) || deep < 0 || deep > MAX_REORG) {
      throw new ParleyError("BadConfirmations", `${deep} is not a number of confirmations from 0 to ${MAX_REORG}`);
    }
    const listener = { ...listening, deep, told };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Tells what lies deep enough under `head` and was not told yet. `blocks` end with the one numbered `end`. */
  advance(blocks: readonly BlockEvents<DatedBlock>[], end: number, head: number): void {
    for (const listener of this.#listeners) {
      const until = Math.min(end, head - listener.deep);
      for (const { block, events } of blocks) {
        if (block.number <= listener.told || block.number > until) continue;
        for (const event of events) {
          this.#tell(() => listener.onEvent(event, { confirmations: head - block.number }));
        }
      }
      listener.told = Math.max(listener.told, until);
    }
  }

  /** Tells those that were told of it what was taken back; `undone` has the newest block first. */
  rollBack(undone: readonly BlockEvents<DatedBlock>[], to: number): void {
    for (const listener of this.#listeners) {
      const told = undone.filter(({ block }) => block.number <= listener.told);
      const events = told.flatMap(({ events }) => events.toReversed());
      listener.told = Math.min(listener.told, to);
      if (events.length > 0) this.#tell(() => listener.onRollback?.(events, to));
    }
  }

  /** A listener's own failure is not the chain's. */
  #tell(call: () => void): void {
    try {
      call();
    } catch (cause) {
      const hint = "mend the listener: it is not told of this again";
      this.#onTrouble(
        new ParleyError("ListenerFailed", "a listener failed when it was told of an event", { hint, cause }),
      );
    }
  }
}
