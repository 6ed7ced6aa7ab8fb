import { isHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { type Address, type Bytes32, toAddress } from "../kernel/ids.ts";
import { type Amount, toAmount } from "../kernel/money.ts";
import type { Json, JsonObject } from "./canonical-json.ts";

/**
 * Reads the members of a JSON object that came from outside. Every failure names the path of the field, and
 * `end` refuses members that nobody asked for, so that nothing unread is ever signed.
 */
export class JsonReader {
  readonly #object: JsonObject;
  readonly #path: string;
  readonly #read = new Set<string>();

  constructor(value: Json | undefined, path: string) {
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw malformed(path, "an object");
    this.#object = value as JsonObject;
    this.#path = path;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  raw(name: string): Json {
    this.#read.add(name);
    if (!this.has(name)) throw malformed(this.at(name), "present");
    return this.#object[name] as Json;
  }

  object(name: string): JsonReader {
    return new JsonReader(this.raw(name), this.at(name));
  }

  text(name: string, longest = 200): string {
    const value = this.raw(name);
    if (typeof value !== "string" || value.length > longest) {
      throw malformed(this.at(name), `a text of at most ${longest} characters`);
    }
    return value;
  }

  integer(name: string, least: number, most: number): number {
    const value = this.raw(name);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < least || value > most) {
      throw malformed(this.at(name), `an integer from ${least} to ${most}`);
    }
    return value;
  }

  oneOf<const Name extends string>(name: string, choices: readonly Name[]): Name {
    const value = this.raw(name);
    const choice = choices.find((one) => one === value);
    if (choice === undefined) throw malformed(this.at(name), `one of ${choices.join(", ")}`);
    return choice;
  }

  amount(name: string): Amount {
    return this.#convert(name, toAmount, "an amount: a decimal string");
  }

  address(name: string): Address {
    return this.#convert(name, toAddress, "an address");
  }

  bytes32(name: string): Bytes32 {
    const value = this.raw(name);
    if (!isHex(value, 32)) throw malformed(this.at(name), "32 bytes in hexadecimal");
    return value.toLowerCase() as Bytes32;
  }

  end(): void {
    const unknown = Object.keys(this.#object).find((name) => !this.#read.has(name));
    if (unknown !== undefined) throw malformed(this.at(unknown), "absent: nothing of that name is known");
  }

  at(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  #convert<Value>(name: string, convert: (value: unknown) => Value, expected: string): Value {
    try {
      return convert(this.raw(name));
    } catch (cause) {
      throw malformed(this.at(name), expected, cause);
    }
  }
}

/** The longest path that an error quotes: names of members come from outside too. */
const QUOTED = 100;

function malformed(fullPath: string, expected: string, cause?: unknown): ParleyError<"Malformed"> {
  const path = fullPath.length > QUOTED ? `${fullPath.slice(0, QUOTED)}…` : fullPath;
  const where = path === "" ? "the document" : `'${path}'`;
  return new ParleyError("Malformed", `${where} must be ${expected}`, { facts: { path }, cause });
}
