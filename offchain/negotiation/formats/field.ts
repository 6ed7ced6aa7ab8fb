import { ParleyError } from "../../kernel/errors.ts";

/** No figure is larger: beyond, sums of utilities would lose the places by which outcomes are told apart. */
const MOST_FIGURE = 1e9;
const LONGEST_TEXT = 1_000;

/** A value in a document that came from outside, and where it stands there. */
export class Field {
  readonly value: unknown;
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.value = value;
    this.path = path;
  }

  /** The member of an object; `undefined` inside if it is absent. */
  get(name: string): Field {
    const path = this.path === "" ? name : `${this.path}.${name}`;
    return new Field(Object.hasOwn(this.object(), name) ? this.object()[name] : undefined, path);
  }

  get isAbsent(): boolean {
    return this.value === undefined;
  }

  object(): Readonly<Record<string, unknown>> {
    const { value } = this;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.refuse("an object");
    return value as Readonly<Record<string, unknown>>;
  }

  /** The members of an object, and none but these. */
  restrict(...names: readonly string[]): this {
    const unknown = Object.keys(this.object()).find((name) => !names.includes(name));
    if (unknown !== undefined) throw this.get(unknown).refuse("absent: nothing of that name is known");
    return this;
  }

  list(length?: number): Field[] {
    if (!Array.isArray(this.value)) throw this.refuse("a list");
    if (length !== undefined && this.value.length !== length) {
      throw this.refuse(`a list of ${length}, and has ${this.value.length}`);
    }
    return this.value.map((value, index) => new Field(value, `${this.path}[${index}]`));
  }

  number(least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY): number {
    const { value } = this;
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.refuse("a finite number");
    if (value < least || value > most) throw this.refuse(`a number from ${least} to ${most}`);
    return value;
  }

  /** A number of a size that sums stay exact with. */
  figure(): number {
    return this.number(-MOST_FIGURE, MOST_FIGURE);
  }

  /** What a person can read in a line: no control characters, which a terminal would obey. */
  text(): string {
    const { value } = this;
    if (typeof value !== "string" || value === "") throw this.refuse("a text");
    if (value.length > LONGEST_TEXT) throw this.refuse(`a text of at most ${LONGEST_TEXT} characters`);
    if (/\p{Cc}/u.test(value)) throw this.refuse("a text without control characters");
    return value;
  }

  refuse(what: string): ParleyError<"BadScenario"> {
    const field = this.path === "" ? "the document" : this.path;
    const found = this.isAbsent ? "is missing" : `is ${brief(this.value)}`;
    return new ParleyError("BadScenario", `${field} ${found}, and has to be ${what}`, { facts: { field } });
  }
}

function brief(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}
