import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Act } from "../../../../offchain/identity/mandate/act.ts";
import { checkNarrower } from "../../../../offchain/identity/mandate/attenuation.ts";
import { type MandateDocument, readDocument, writeDocument } from "../../../../offchain/identity/mandate/document.ts";
import { CONSTRAINT_TYPES, readRule } from "../../../../offchain/identity/mandate/rules.ts";
import type { Json, JsonObject } from "../../../../offchain/terms/canonical-json.ts";
import { act, constraints, family, TOKENS, TYPES } from "./fixture.ts";

const HOLDER = { x: `0x${"11".repeat(32)}`, y: `0x${"22".repeat(32)}` } as const;

const [TOKEN, OTHER] = TOKENS as [`0x${string}`, `0x${string}`];

const ACT: Act = {
  role: "buyer",
  token: TOKEN,
  category: `0x${"00".repeat(32)}`,
  counterparty: 2n,
  price: 100n,
  bond: 10n,
  outstanding: 50n,
  commitBy: 0,
};

function documentOf(rules: readonly JsonObject[], delegations = 1): MandateDocument {
  const terms = { holder: HOLDER, constraints: rules, notBefore: 0, notAfter: 100, delegations };
  return readDocument(writeDocument(1n, { tenure: 1 }, terms));
}

function allows(document: MandateDocument, one: Act): boolean {
  return [...document.rules.values()].every((rule) => rule.allows(one));
}

function isNarrower(child: MandateDocument, parent: MandateDocument): boolean {
  try {
    checkNarrower(child, parent);
    return true;
  } catch {
    return false;
  }
}

describe("a mandate's constraints", () => {
  const holds = (constraint: JsonObject, changes: Partial<Act> = {}) =>
    readRule(constraint).allows({ ...ACT, ...changes });

  it("name the roles, tokens, categories and counterparties that are allowed, and forbid all others", () => {
    assert.ok(holds({ type: "parley.roles", anyOf: ["buyer"] }));
    assert.ok(!holds({ type: "parley.roles", anyOf: ["seller"] }));
    assert.ok(holds({ type: "parley.tokens", anyOf: [OTHER, TOKEN] }));
    assert.ok(!holds({ type: "parley.tokens", anyOf: [OTHER] }));
    assert.ok(!holds({ type: "parley.categories", anyOf: [`0x${"11".repeat(32)}`] }));
    assert.ok(holds({ type: "parley.counterparties", anyOf: ["2"] }));
    assert.ok(!holds({ type: "parley.counterparties", anyOf: ["3"] }));
    assert.ok(!holds({ type: "parley.counterparties", anyOf: [] }), "nobody is nobody");
  });

  it("bound amounts to the last unit, for the tokens that they name only", () => {
    const most = (type: string, amount: string, changes?: Partial<Act>) =>
      holds({ type, most: { [TOKEN]: amount } }, changes);
    assert.deepEqual([most("parley.price-most", "100"), most("parley.price-most", "99")], [true, false]);
    assert.deepEqual([most("parley.bond-most", "10"), most("parley.bond-most", "9")], [true, false]);
    assert.ok(!most("parley.price-most", "1000", { token: OTHER }), "a token that isn't named is forbidden");
    assert.ok(holds({ type: "parley.price-least", least: { [TOKEN]: "100" } }));
    assert.ok(!holds({ type: "parley.price-least", least: { [TOKEN]: "101" } }));
    const huge = 2n ** 128n - 1n;
    assert.ok(!most("parley.price-most", (huge - 1n).toString(), { price: huge }), "no float rounds that away");
  });

  it("count exposure as Settlement does: price and bond of a buyer, the bond alone of a seller", () => {
    const perDeal = (most: string, changes?: Partial<Act>) =>
      holds({ type: "parley.exposure-per-deal", most: { [TOKEN]: most } }, changes);
    assert.deepEqual([perDeal("110"), perDeal("109")], [true, false]);
    assert.deepEqual([perDeal("10", { role: "seller" }), perDeal("9", { role: "seller" })], [true, false]);
    const total = (most: string) => holds({ type: "parley.exposure-total", most: { [TOKEN]: most } });
    assert.deepEqual([total("160"), total("159")], [true, false]);
  });

  it("that aren't known fail, whatever they say", () => {
    for (const type of ["parley.moon-phase", "payment.budget", "constructor", "__proto__", "toString", ""]) {
      assert.throws(() => readRule({ type, anyOf: [] }), { code: "UnresolvedConstraint" });
      assert.throws(() => documentOf([{ type, anyOf: [] }]), { code: "UnresolvedConstraint" });
    }
  });

  it("are tested here, all that there are", () => {
    assert.deepEqual([...TYPES].sort(), [...CONSTRAINT_TYPES].sort());
  });

  const malformed: readonly (readonly [what: string, constraint: Json])[] = [
    ["none", null],
    ["no type", { anyOf: [] }],
    ["a member more", { type: "parley.roles", anyOf: [], unless: "Sunday" }],
    ["a role that is none", { type: "parley.roles", anyOf: ["thief"] }],
    ["a role that is a number", { type: "parley.roles", anyOf: [1] }],
    ["members that are no list", { type: "parley.tokens", anyOf: TOKEN }],
    ["a token in capitals", { type: "parley.tokens", anyOf: [TOKEN.toUpperCase()] }],
    ["an address in two spellings", { type: "parley.tokens", anyOf: [`0x${"AA".repeat(20)}`] }],
    ["an agent that is none", { type: "parley.counterparties", anyOf: ["0"] }],
    ["too many members", { type: "parley.counterparties", anyOf: Array.from({ length: 257 }, (_, at) => `${at + 1}`) }],
    ["an amount that is a number", { type: "parley.price-most", most: { [TOKEN]: 5 } }],
    ["an amount below nothing", { type: "parley.price-most", most: { [TOKEN]: "-5" } }],
    ["an amount with a point", { type: "parley.price-most", most: { [TOKEN]: "5.0" } }],
    ["an amount of no token", { type: "parley.price-most", most: { all: "5" } }],
    ["amounts in a list", { type: "parley.price-most", most: ["5"] }],
    ["the other side's limit", { type: "parley.price-most", least: { [TOKEN]: "5" } }],
  ];
  for (const [what, constraint] of malformed) {
    it(`are refused with ${what}`, () => {
      assert.throws(() => readRule(constraint), /Malformed|must be|amount/);
    });
  }

  it("don't come twice: which of the two would count?", () => {
    const roles = { type: "parley.roles", anyOf: ["buyer"] };
    assert.throws(() => documentOf([roles, { ...roles, anyOf: ["seller"] }]), { code: "Malformed" });
  });
});

describe("what is narrower", () => {
  it("never allows what the other doesn't", () => {
    let narrower = 0;
    let allowed = 0;
    fc.assert(
      fc.property(family, fc.array(act, { minLength: 8, maxLength: 8 }), ({ parent, child }, acts) => {
        const [outer, inner] = [documentOf(parent, 1), documentOf(child, 0)];
        if (!isNarrower(inner, outer)) return;
        narrower++;
        for (const one of acts) {
          if (!allows(inner, one)) continue;
          allowed++;
          assert.ok(allows(outer, one), JSON.stringify({ parent, child }));
        }
      }),
      { numRuns: 3_000 },
    );
    assert.ok(narrower > 300 && allowed > 300, `too few cases say anything: ${narrower} narrower, ${allowed} allowed`);
  });

  it("can't leave out a constraint, be passed on as often, last longer, or be for another agent", () => {
    fc.assert(
      fc.property(constraints, (rules) => {
        const [outer, same] = [documentOf(rules, 1), documentOf(rules, 0)];
        checkNarrower(same, outer);
        assert.ok(!isNarrower(outer, outer), "as often");
        assert.ok(!isNarrower({ ...same, notAfter: 101 }, outer));
        assert.ok(!isNarrower({ ...same, notBefore: -1 }, outer));
        assert.ok(!isNarrower({ ...same, agent: 2n }, outer));
        for (const left of rules) {
          const others = documentOf(
            rules.filter((one) => one !== left),
            0,
          );
          assert.ok(!isNarrower(others, outer), `without ${String(left["type"])}`);
        }
      }),
      { numRuns: 200 },
    );
  });
});
