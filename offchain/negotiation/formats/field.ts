import { ParleyError } from "../../kernel/errors.ts";
import { visible } from "../../kernel/visible.ts";
import { MOST_FIGURE } from "./most-figure.ts";

const LONGEST_TEXT = 1_000;
const LONGEST_LIST = 10_000_000;
/** Of what stands in a document so much is shown when it is refused. */
const SHOWN = 40;

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
    const shown = visible(cut(name));
    const path = this.path === "" ? shown : `${this.path}.${shown}`;
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
    const { value } = this;
    if (!Array.isArray(value)) throw this.refuse("a list");
    if (length !== undefined && value.length !== length) throw this.refuse(`a list of ${length}`);
    if (value.length > LONGEST_LIST) throw this.refuse(`a list of at most ${LONGEST_LIST}`);
    // What is left out in a list made by a program is absent, not skipped.
    return Array.from(value, (one, index) => new Field(one, `${this.path}[${index}]`));
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

/** What a value is, without going into it: it may be of any depth, and go round in circles. */
function brief(value: unknown): string {
  if (typeof value === "string") return visible(JSON.stringify(cut(value)));
  if (Array.isArray(value)) return value.length === 0 ? "[]" : `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "function" ? "a function" : String(value);
}

function cut(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 3)}...`;
}
