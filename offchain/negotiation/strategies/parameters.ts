import { ParleyError } from "../../kernel/errors.ts";
import { FALLBACKS, type Fallback, type Strategy } from "../strategy.ts";

/** A number that may be set. */
export interface Parameter {
  readonly least: number;
  readonly most: number;
  readonly usual: number;
  /** Whether it counts something: fractions are refused. */
  readonly whole?: true;
  readonly about: string;
}

/** What all strategies can be told. */
export const RESERVATION = {
  reservation: { least: -1e9, most: 1e9, usual: -1e9, about: "takes nothing below this, nor below the scenario's own" },
} satisfies Record<string, Parameter>;

/** A strategy by name, and what can be set about it. */
export interface Kind {
  readonly about: string;
  /** Whether it can only sit where two know all that both want, under an open protocol. */
  readonly open?: true;
  readonly parameters: Readonly<Record<string, Parameter>>;
  make(settings: Settings): Strategy;
}

/** A value for every parameter. */
export type Settings = Readonly<Record<string, number>>;

/** Fills in what isn't set. Throws `BadStrategy` naming what makes no sense. */
export function settingsOf(name: string, { parameters }: Kind, given: Settings): Settings {
  const unknown = Object.keys(given).find((field) => !Object.hasOwn(parameters, field));
  if (unknown !== undefined) {
    const known = Object.keys(parameters).join(", ") || "none";
    throw bad(unknown, `${name} has no parameter ${unknown}, only: ${known}`);
  }
  return Object.fromEntries(
    Object.entries(parameters).map(([field, { least, most, usual, whole = false }]) => {
      const value = given[field] ?? usual;
      if (!(value >= least && value <= most) || (whole && !Number.isInteger(value))) {
        const range = `from ${least} to ${most}${whole ? " without a fraction" : ""}`;
        throw bad(field, `${name} takes a ${field} ${range}, not ${value}`);
      }
      return [field, value];
    }),
  );
}

/** A strategy as it is written down. */
export interface Spec {
  readonly name: string;
  readonly given: Settings;
  readonly fallback: Fallback;
}

/** Reads `name:parameter=value:...` apart; `fallback=` takes a word, and any strategy has it. */
export function parseSpec(text: string): Spec {
  const [name = "", ...rest] = text.split(":");
  const given = new Map<string, number>();
  let fallback: Fallback | undefined;
  for (const part of rest) {
    const [field = "", ...values] = part.split("=");
    const value = values.join("=");
    if (given.has(field) || (field === "fallback" && fallback !== undefined)) {
      throw bad(field, `${text} says what ${field} is twice`);
    }
    if (field === "fallback") fallback = readFallback(value);
    else given.set(field, readNumber(part, field, value));
  }
  return { name, given: Object.fromEntries(given), fallback: fallback ?? "abort" };
}

function readNumber(part: string, field: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== "" && Number.isFinite(number)) return number;
  throw bad(field, `${part} is not a parameter and a number, such as pace=0.2`);
}

function readFallback(value: string): Fallback {
  const fallback = FALLBACKS.find((one) => one === value);
  if (fallback === undefined) throw bad("fallback", `${value} is no fallback, only ${FALLBACKS.join(", ")} are`);
  return fallback;
}

export function bad(field: string, message: string): ParleyError<"BadStrategy"> {
  return new ParleyError("BadStrategy", message, { facts: { field } });
}
