import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { ZERO_32 } from "../../../offchain/kernel/ids.ts";
import type { JsonObject } from "../../../offchain/terms/canonical-json.ts";
import { accountIn } from "../../../offchain/terms/payment-terms.ts";
import { decodeProposal, encodeProposal } from "../../../offchain/terms/proposal.ts";
import { CATEGORIES, type Category, dimensionOf, UNITS } from "../../../offchain/terms/quantity.ts";
import { categoryId, readStandardTerms } from "../../../offchain/terms/standard-terms.ts";
import { PROPOSAL } from "../../vectors/scene.ts";

const SCHEMA = new URL("../../../offchain/terms/parley-terms-1.schema.json", import.meta.url);

const isValid = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false }).compile(
  JSON.parse(readFileSync(SCHEMA, "utf8")),
);

const GOOD = {
  schema: "parley-terms/1",
  salt: `0x${"5a".repeat(32)}`,
  category: "compute",
  lines: [{ what: "H100 with 80 GB", amount: "100", unit: "gpu-hour", details: { region: "eu-north" } }],
  levels: [{ measure: "availability", bound: "least", amount: "99.9", unit: "percent" }],
  digest: ZERO_32,
  note: "within the week",
} as const satisfies JsonObject;

/** The first, or now and then one of the others. */
const mostly = <T>(...values: readonly T[]) =>
  fc.oneof({ weight: 20, arbitrary: fc.constant(values[0] as T) }, fc.constantFrom(...values));

const name = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom("H100", "β", "𝒳".repeat(200)) },
  fc.string({ maxLength: 6 }),
  fc.constantFrom("what", "𝒳".repeat(200), "x".repeat(201)),
);
const amount = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom("1", "1.5") },
  fc.constantFrom(
    "0",
    "1",
    "1.5",
    "01",
    "1.50",
    ".5",
    "-1",
    "1e3",
    "123456789012345678",
    "1234567890123456789",
    "1.1234567891",
  ),
  fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String),
);
/** Mostly of the category that is drawn the most. */
const unit = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("gpu-hour", "byte") },
  fc.constantFrom(...UNITS, "stone"),
);
const either = <T>(one: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 40, arbitrary: one }, { weight: 1, arbitrary: fc.jsonValue() });

/** With a field that nobody knows, now and then. */
const sometimesMore = <T extends object>(one: fc.Arbitrary<T>) =>
  fc.tuple(one, fc.nat(30)).map(([fields, dice]) => (dice === 0 ? { ...fields, more: 1 } : fields));

const personal = sometimesMore(
  fc.record(
    {
      name: either(name),
      purpose: either(name),
      consent: either(fc.record({ by: either(name), until: either(mostly(1_800_000_000, -1, 0.5, 2 ** 40)) })),
      commitment: either(mostly(GOOD.salt, "0x12")),
    },
    { requiredKeys: ["name", "purpose", "consent", "commitment"] },
  ),
);

const url = mostly(
  "https://files.example/a",
  "http://[::1]:7710",
  "ftp://files.example",
  "https://a@b.example",
  "https://b?c",
);
const delivery = fc.oneof(
  sometimesMore(
    fc.record(
      { by: either(fc.constant("artifact")), url: either(url), bytes: either(mostly(7, -1, 2 ** 53)) },
      { requiredKeys: ["by"] },
    ),
  ),
  sometimesMore(
    fc.record({
      by: either(fc.constant("meter")),
      url: either(url),
      unit: mostly("call", "token"),
      unitPrice: either(mostly("5", "0", "05", "9".repeat(38), `1${"0".repeat(38)}`)),
      everyCalls: either(mostly(100, 0, 1_000_001)),
      everySeconds: either(mostly(60, 0, 86_401)),
    }),
  ),
  sometimesMore(
    fc.record({
      by: either(fc.constant("access")),
      url: either(url),
      calls: either(mostly(10_000, 0, 1_000_001)),
      seconds: either(mostly(3_600, 0, 432_000, 432_001)),
    }),
  ),
);

const payment = sometimesMore(
  fc.oneof(
    {
      weight: 20,
      arbitrary: fc.record({ by: either(mostly("account", "escrow")), account: mostly(GOOD.salt, "0x12") }),
    },
    { weight: 1, arbitrary: fc.record({ by: fc.constant("account") }) },
  ),
);

/** Nearly right in every way: each field is now and then something else, or missing, or one too many. */
const nearly = sometimesMore(
  fc.record(
    {
      schema: mostly("parley-terms/1", "parley-terms/2"),
      salt: either(mostly(GOOD.salt, "0x12")),
      category: either(fc.constantFrom("compute", "compute", "compute", "data", ...Object.keys(CATEGORIES))),
      lines: either(
        fc.array(
          either(
            sometimesMore(
              fc.record(
                {
                  what: either(name),
                  amount: either(amount),
                  unit: either(unit),
                  details: either(fc.dictionary(mostly("region", "Region", "a-b", ""), either(name))),
                },
                { requiredKeys: ["what", "amount", "unit"] },
              ),
            ),
          ),
          { maxLength: 3 },
        ),
      ),
      levels: either(
        fc.array(
          fc.record(
            {
              measure: either(name),
              bound: either(fc.constantFrom("least", "most")),
              amount: either(amount),
              unit: either(unit),
            },
            { requiredKeys: ["measure", "bound", "amount"] },
          ),
          { maxLength: 2 },
        ),
      ),
      digest: either(fc.constant(ZERO_32)),
      delivery: either(delivery),
      payment: either(payment),
      personal: either(fc.uniqueArray(personal, { maxLength: 2, selector: ({ name }) => JSON.stringify(name) })),
      note: either(name),
    },
    { requiredKeys: ["schema", "salt", "category"] },
  ),
);

function reads(terms: JsonObject): boolean {
  try {
    return readStandardTerms(terms) !== null;
  } catch (thrown) {
    assert.equal((thrown as { code?: string }).code, "Malformed");
    return false;
  }
}

describe("standard terms", () => {
  it("are read", () => {
    const { details, ...line } = GOOD.lines[0];
    assert.deepEqual(readStandardTerms(GOOD), {
      salt: GOOD.salt,
      category: "compute",
      lines: [{ ...line, details }],
      levels: GOOD.levels,
      digest: ZERO_32,
      delivery: null,
      payment: null,
      note: "within the week",
      personal: [],
    });
    assert.ok(isValid(GOOD));
  });

  it("are taken, or refused, as the JSON Schema has it", () => {
    let taken = 0;
    fc.assert(
      fc.property(nearly, (terms) => {
        const is = reads(terms as JsonObject);
        if (is) taken++;
        assert.equal(is, isValid(terms), JSON.stringify(isValid.errors));
      }),
      { numRuns: 3_000 },
    );
    // About 115 of them, give or take 10: with none taken the test would say nothing.
    assert.ok(taken > 40, `${taken} were taken`);
  });

  it("of one category name no unit of another", () => {
    for (const [category, dimensions] of Object.entries(CATEGORIES)) {
      for (const unit of UNITS) {
        const terms = { ...GOOD, category, lines: [{ what: "it", amount: "1", unit }] };
        const may = (dimensions as readonly string[]).includes(dimensionOf(unit));
        assert.deepEqual([reads(terms), isValid(terms)], [may, may], `${unit} of ${category}`);
      }
    }
  });

  it("say how it is delivered", () => {
    const artifact = { by: "artifact", url: "https://files.example/sold", bytes: 7 };
    assert.deepEqual(readStandardTerms({ ...GOOD, delivery: artifact })?.delivery, artifact);
    const { digest: _, ...unknown } = GOOD;
    assert.throws(() => readStandardTerms({ ...unknown, delivery: artifact }), { facts: { path: "terms.digest" } });
    const meter = { by: "meter", url: "https://api.example", unit: "call", everyCalls: 100, everySeconds: 60 };
    const read = readStandardTerms({ ...unknown, delivery: { ...meter, unitPrice: "5" } });
    assert.deepEqual(read?.delivery, { ...meter, unitPrice: 5n });
    const access = { by: "access", url: "https://api.example", calls: 10_000, seconds: 3_600 };
    assert.deepEqual(readStandardTerms({ ...unknown, delivery: access })?.delivery, { ...access, bytes: null });
    const longer = { ...access, bytes: 64 * 1024 ** 2, seconds: 432_000 };
    assert.deepEqual(readStandardTerms({ ...unknown, delivery: longer })?.delivery, longer);
    for (const wrong of [{ seconds: 432_001 }, { bytes: 0 }, { bytes: 64 * 1024 ** 2 + 1 }]) {
      const terms = { ...unknown, delivery: { ...longer, ...wrong } };
      assert.throws(() => readStandardTerms(terms), { code: "Malformed" });
      assert.equal(isValid(terms), false, JSON.stringify(wrong));
    }
  });

  it("say that they are paid on account, in whatever form they are", () => {
    const account = `0x${"AC".repeat(32)}`;
    const onAccount = { by: "account", account };
    const read = { by: "account", account: account.toLowerCase() };
    assert.deepEqual(readStandardTerms({ ...GOOD, payment: onAccount })?.payment, read);
    assert.equal(accountIn({ salt: GOOD.salt, payment: onAccount }), read.account);
    for (const payment of [null, [], "account", { by: "card", account }, { by: "account", account: "0x12" }]) {
      assert.equal(accountIn({ salt: GOOD.salt, payment }), null);
    }
    assert.equal(accountIn(GOOD), null);
  });

  it("of no schema are for the parties to read", () => {
    assert.equal(readStandardTerms({ salt: GOOD.salt, goods: "an hour" }), null);
  });

  it("in a proposal that names another category on the chain are refused, and so are those of an unknown version", () => {
    const propose = (category: Category, terms: JsonObject) =>
      encodeProposal({ ...PROPOSAL, deal: { ...PROPOSAL.deal, category: categoryId(category) }, terms });
    assert.deepEqual(decodeProposal(propose("compute", GOOD)).terms, GOOD);
    assert.throws(() => decodeProposal(propose("goods", GOOD)), { facts: { path: "deal.category" } });
    const newer = { ...GOOD, schema: "parley-terms/2" };
    assert.throws(() => decodeProposal(propose("compute", newer)), { facts: { path: "terms.schema" } });
  });
});
