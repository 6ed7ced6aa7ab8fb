import fc from "fast-check";
import type { Act } from "../../../../offchain/identity/mandate/act.ts";
import type { Json, JsonObject } from "../../../../offchain/terms/canonical-json.ts";

/** Few of each, so that acts and constraints meet often. */
export const TOKENS = ["aa", "bb", "cc"].map((byte) => `0x${byte.repeat(20)}` as const);
const CATEGORIES = ["00", "11", "22"].map((byte) => `0x${byte.repeat(32)}` as const);
const AGENTS = [1n, 2n, 3n];
const ROLES = ["buyer", "seller"] as const;

const amount = fc.oneof(fc.bigInt({ min: 0n, max: 40n }), fc.constantFrom(2n ** 128n - 1n, 2n ** 53n + 1n));

export const act: fc.Arbitrary<Act> = fc.record({
  role: fc.constantFrom(...ROLES),
  token: fc.constantFrom(...TOKENS),
  category: fc.constantFrom(...CATEGORIES),
  counterparty: fc.constantFrom(...AGENTS),
  price: amount,
  bond: amount,
  outstanding: amount,
  commitBy: fc.integer({ min: 0, max: 60 }),
});

const set = (members: readonly string[]) => fc.subarray([...members]).map((anyOf): JsonObject => ({ anyOf }));

const table = (side: "most" | "least") =>
  fc
    .subarray([...TOKENS])
    .chain((tokens) => fc.tuple(...tokens.map((token) => amount.map((limit) => [token, limit.toString()] as const))))
    .map((entries): JsonObject => ({ [side]: Object.fromEntries(entries) }));

/** What a constraint of each type can say. */
const CONTENTS: Readonly<Record<string, fc.Arbitrary<JsonObject>>> = {
  "parley.roles": set(ROLES),
  "parley.tokens": set(TOKENS),
  "parley.categories": set(CATEGORIES),
  "parley.counterparties": set(AGENTS.map(String)),
  "parley.price-most": table("most"),
  "parley.price-least": table("least"),
  "parley.bond-most": table("most"),
  "parley.exposure-per-deal": table("most"),
  "parley.exposure-total": table("most"),
};

export const TYPES = Object.keys(CONTENTS);

function constraint(type: string): fc.Arbitrary<JsonObject> {
  return (CONTENTS[type] as fc.Arbitrary<JsonObject>).map((content) => ({ type, ...content }));
}

/** Constraints of some types, each once. */
export const constraints: fc.Arbitrary<readonly JsonObject[]> = fc
  .subarray(TYPES)
  .chain((types) => fc.tuple(...types.map(constraint)));

/**
 * A parent's constraints, and a child's that were made from them: each kept, tightened, loosened, replaced or left out,
 * and others added. Many of the children are narrower, and many just fail to be.
 */
export const family: fc.Arbitrary<{ parent: readonly JsonObject[]; child: readonly JsonObject[] }> = constraints.chain(
  (parent) =>
    fc.tuple(fc.tuple(...parent.map(changed)), constraints).map(([kept, more]) => {
      const child = kept.filter((one) => one !== null);
      const types = new Set([...parent, ...child].map(({ type }) => type));
      return { parent, child: [...child, ...more.filter(({ type }) => !types.has(type))] };
    }),
);

function changed(one: JsonObject): fc.Arbitrary<JsonObject | null> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(one) },
    { weight: 4, arbitrary: tightened(one) },
    { weight: 1, arbitrary: constraint(String(one["type"])) },
    { weight: 1, arbitrary: fc.constant(null) },
  );
}

/** Fewer members, or limits that are moved by a little, mostly the narrower way. */
function tightened(one: JsonObject): fc.Arbitrary<JsonObject> {
  const { type, anyOf } = one;
  if (Array.isArray(anyOf))
    return fc.subarray([...anyOf]).map((members: Json[]) => ({ type: type as Json, anyOf: members }));
  const side = "most" in one ? "most" : "least";
  const entries = Object.entries(one[side] as Record<string, string>);
  return fc.tuple(fc.subarray(entries), fc.integer({ min: -1, max: 9 })).map(([left, step]) => {
    const moved = left.map(([token, limit]) => {
      const next = side === "most" ? BigInt(limit) - BigInt(step) : BigInt(limit) + BigInt(step);
      const bounded = next < 0n ? 0n : next > 2n ** 128n - 1n ? 2n ** 128n - 1n : next;
      return [token, bounded.toString()];
    });
    return { type: type as Json, [side]: Object.fromEntries(moved) as JsonObject };
  });
}
