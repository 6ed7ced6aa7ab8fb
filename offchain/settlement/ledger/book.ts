/** Takes back one change. */
export type Undo = () => void;

/** Rows by key, each a value that is replaced and never changed, so that whatever was written can be taken back. */
export class Book<Row> {
  readonly #rows = new Map<string, Row>();
  readonly #note: (undo: Undo) => void;

  /** `note` is told how each change can be taken back; the newest has to go first. */
  constructor(note: (undo: Undo) => void) {
    this.#note = note;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  set(key: string, row: Row): void {
    const before = this.#rows.get(key);
    this.#note(() => {
      if (before === undefined) this.#rows.delete(key);
      else this.#rows.set(key, before);
    });
    this.#rows.set(key, row);
  }

  rows(): IterableIterator<Row> {
    return this.#rows.values();
  }

  entries(): IterableIterator<[key: string, row: Row]> {
    return this.#rows.entries();
  }
}
