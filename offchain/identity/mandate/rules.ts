import { isHex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Address, toAgentId } from "../../kernel/ids.ts";
import { type Amount, toAmount } from "../../kernel/money.ts";
import type { Json, JsonObject } from "../../terms/canonical-json.ts";
import { JsonReader } from "../../terms/json-reader.ts";
import { type Act, exposureOf } from "./act.ts";

/** A constraint that was understood. */
export interface Rule {
  readonly type: string;
  allows(act: Act): boolean;
  /** Whether this, which is of the same type, allows nothing that `other` doesn't. */
  isWithin(other: Rule): boolean;
}

/** More members than a constraint of any sense has. */
const MOST_MEMBERS = 256;

type Read = (type: string, reader: JsonReader) => Rule;

/**
 * The constraints there are. Each forbids what it doesn't name: a list its other members, an amount for some tokens all
 * other tokens.
 */
const READERS: Readonly<Record<string, Read>> = {
  "parley.roles": anyOf(isRole, ({ role }) => role),
  "parley.tokens": anyOf(
    (text) => isLowerHex(text, 20),
    ({ token }) => token,
  ),
  "parley.categories": anyOf(
    (text) => isLowerHex(text, 32),
    ({ category }) => category,
  ),
  "parley.counterparties": anyOf(isAgent, ({ counterparty }) => counterparty.toString()),
  "parley.price-most": bound("most", ({ price }) => price),
  "parley.price-least": bound("least", ({ price }) => price),
  "parley.bond-most": bound("most", ({ bond }) => bond),
  "parley.exposure-per-deal": bound("most", exposureOf),
  "parley.exposure-total": bound("most", (act) => act.outstanding + exposureOf(act)),
};

/** The names of all constraints that are understood. */
export const CONSTRAINT_TYPES: readonly string[] = Object.keys(READERS);

/** Reads a constraint; throws `UnresolvedConstraint` for one that isn't known: what nobody can judge allows nothing. */
export function readRule(constraint: Json): Rule {
  const reader = new JsonReader(constraint, "constraint");
  const type = reader.text("type", 100);
  const read = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
  if (read === undefined) {
    throw new ParleyError("UnresolvedConstraint", `the mandate has a constraint '${type}', which is not known here`, {
      hint: "ask for a mandate without it, or use a version of Parley that knows it",
      facts: { type },
    });
  }
  const rule = read(type, reader);
  reader.end();
  return rule;
}

function anyOf(isMember: (text: string) => boolean, memberOf: (act: Act) => string): Read {
  class AnyOf implements Rule {
    readonly type: string;
    readonly members: ReadonlySet<string>;

    constructor(type: string, members: ReadonlySet<string>) {
      this.type = type;
      this.members = members;
    }

    allows(act: Act): boolean {
      return this.members.has(memberOf(act));
    }

    isWithin(other: Rule): boolean {
      return other instanceof AnyOf && [...this.members].every((member) => other.members.has(member));
    }
  }
  return (type, reader) => new AnyOf(type, readMembers(reader, isMember));
}

function bound(side: "most" | "least", amountOf: (act: Act) => Amount): Read {
  const holds = (amount: Amount, limit: Amount) => (side === "most" ? amount <= limit : amount >= limit);
  class Bound implements Rule {
    readonly type: string;
    readonly limits: ReadonlyMap<Address, Amount>;

    constructor(type: string, limits: ReadonlyMap<Address, Amount>) {
      this.type = type;
      this.limits = limits;
    }

    allows(act: Act): boolean {
      const limit = this.limits.get(act.token);
      return limit !== undefined && holds(amountOf(act), limit);
    }

    isWithin(other: Rule): boolean {
      if (!(other instanceof Bound)) return false;
      return [...this.limits].every(([token, limit]) => {
        const outer = other.limits.get(token);
        return outer !== undefined && holds(limit, outer);
      });
    }
  }
  return (type, reader) => new Bound(type, readLimits(reader, side));
}

function readMembers(reader: JsonReader, isMember: (text: string) => boolean): ReadonlySet<string> {
  const members = reader.raw("anyOf");
  const isList = Array.isArray(members) && members.length <= MOST_MEMBERS;
  if (isList && members.every((member) => typeof member === "string" && isMember(member))) {
    return new Set(members as readonly string[]);
  }
  throw malformed(reader.at("anyOf"), "a list of what the constraint is about");
}

function readLimits(reader: JsonReader, name: "most" | "least"): ReadonlyMap<Address, Amount> {
  const limits = reader.raw(name);
  if (limits === null || typeof limits !== "object" || Array.isArray(limits)) throw malformed(reader.at(name), TABLE);
  const entries = Object.entries(limits as JsonObject);
  if (entries.length > MOST_MEMBERS) throw malformed(reader.at(name), TABLE);
  return new Map(
    entries.map(([token, limit]) => {
      if (!isLowerHex(token, 20)) throw malformed(reader.at(name), TABLE);
      return [token as Address, toAmount(limit)];
    }),
  );
}

const TABLE = "amounts by token, in decimal strings";

function malformed(path: string, expected: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `'${path}' must be ${expected}`, { facts: { path } });
}

/** One spelling only: two of one address would be two members that an act has to match by luck. */
function isLowerHex(text: string, bytes: number): boolean {
  return isHex(text, bytes) && text === text.toLowerCase();
}

function isRole(text: string): boolean {
  return text === "buyer" || text === "seller";
}

function isAgent(text: string): boolean {
  try {
    return toAgentId(text) > 0n;
  } catch {
    return false;
  }
}
