/** Values that wait their turn. Taking the first is as cheap with many as with few, as it isn't with an array. */
export class Fifo<Value> {
  #values: Value[] = [];
  #taken = 0;

  get length(): number {
    return this.#values.length - this.#taken;
  }

  get first(): Value | undefined {
    return this.#values[this.#taken];
  }

  push(value: Value): void {
    this.#values.push(value);
  }

  shift(): Value | undefined {
    const value = this.first;
    if (this.length === 0) return undefined;
    this.#taken++;
    // Each value is moved once on average, and what was taken is never more than half.
    if (this.#taken * 2 >= this.#values.length) {
      this.#values = this.#values.slice(this.#taken);
      this.#taken = 0;
    }
    return value;
  }
}
