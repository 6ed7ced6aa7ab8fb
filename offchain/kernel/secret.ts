/** What a secret shows of itself, wherever it is printed. */
const SHOWN = "[secret]";

/**
 * A value that has to be asked for by name. It doesn't show in logs, errors, `inspect`, templates or JSON, nor in an object
 * that holds it.
 */
export class Secret<Value> {
  readonly #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  reveal(): Value {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }
}
