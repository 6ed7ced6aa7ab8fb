import { messageOf, ParleyError } from "../../kernel/errors.ts";

/** How one thing stands. `unknown`: it could not be looked at, for a reason that another finding tells. */
export type Level = "ok" | "warn" | "bad" | "unknown";

export interface Finding {
  /** What was looked at. */
  readonly check: string;
  readonly level: Level;
  readonly says: string;
  /** What to do; null where there is nothing to. */
  readonly hint: string | null;
}

type Told = Omit<Finding, "check">;

export function ok(says: string): Told {
  return { level: "ok", says, hint: null };
}

export function warn(says: string, hint: string): Told {
  return { level: "warn", says, hint };
}

export function bad(says: string, hint: string): Told {
  return { level: "bad", says, hint };
}

export function unknown(says: string): Told {
  return { level: "unknown", says, hint: null };
}

/** A finding, and what later looks need of the same thing; null where it isn't to be had. */
export interface Found<T> {
  readonly finding: Finding;
  readonly value: T | null;
}

/** Looks at one thing that others depend on. */
export async function find<T>(check: string, examine: () => Promise<readonly [Told, T]>): Promise<Found<T>> {
  let value: T | null = null;
  const finding = await look(check, async () => {
    const [told, found] = await examine();
    value = found;
    return told;
  });
  return { finding, value };
}

/** Looks at one thing. Whatever goes wrong is a finding too, and no reason not to look at the next. */
export async function look(check: string, examine: () => Told | Promise<Told>): Promise<Finding> {
  try {
    return { check, ...(await examine()) };
  } catch (thrown) {
    const hint = thrown instanceof ParleyError ? thrown.hint : undefined;
    const code = thrown instanceof ParleyError ? ` [${thrown.code}]` : "";
    return {
      check,
      level: "bad",
      says: `${messageOf(thrown)}${code}`,
      hint: hint ?? "mend what is named, then look again",
    };
  }
}
