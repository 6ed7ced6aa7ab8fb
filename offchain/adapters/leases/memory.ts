import type { Cell, Cells } from "./cells.ts";

/** Cells for the nodes of one process: for tests and rehearsals. */
export class MemoryCells implements Cells {
  readonly #cells = new Map<string, Cell>();
  #revision = 0;

  async read(name: string): Promise<Cell | null> {
    return this.#cells.get(name) ?? null;
  }

  async set(name: string, text: string, expected: number): Promise<number | null> {
    if ((this.#cells.get(name)?.revision ?? 0) !== expected) return null;
    const revision = ++this.#revision;
    this.#cells.set(name, { text, revision });
    return revision;
  }

  /** Nothing is let go of: other nodes may use it still. */
  async close(): Promise<void> {
    return;
  }
}
