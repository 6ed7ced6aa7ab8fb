import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Contents, contractDocument } from "../../../../offchain/cli/deal/document.ts";
import { type Bytes32, ZERO_ADDRESS } from "../../../../offchain/kernel/ids.ts";
import { hashJson, type JsonObject } from "../../../../offchain/terms/canonical-json.ts";
import { type Deal, hashDeal } from "../../../../offchain/terms/deal.ts";
import { categoryId } from "../../../../offchain/terms/standard-terms.ts";

const TERMS = {
  schema: "parley-terms/1",
  salt: `0x${"5a".repeat(32)}`,
  category: "compute",
  lines: [{ what: "H100 with 80 GB", amount: "100", unit: "gpu-hour", details: { region: "eu-north" } }],
  levels: [{ measure: "availability", bound: "least", amount: "99.9", unit: "percent" }],
  digest: `0x${"d1".repeat(32)}`,
  note: "within the week\n# not a heading",
} as const satisfies JsonObject;

const word = (byte: string): Bytes32 => `0x${byte.repeat(32)}`;
const account = (byte: string) => `0x${byte.repeat(20)}` as const;

function contents(terms: JsonObject = TERMS, changes: Partial<Deal> = {}): Contents {
  const deal: Deal = {
    ...{ buyer: 1n, seller: 2n, token: account("70"), price: 1_250_000_000n, buyerBond: 50_000_000n, sellerBond: 1n },
    ...{ commitBy: 1_800_000_000, deliverWithin: 3_600, reviewPeriod: 86_400, arbitrator: account("a7") },
    ...{ maxFee: 10n ** 15n, rulingWithin: 604_800, lapseShare: 5_000, category: categoryId("compute") },
    ...{ terms: hashJson(terms), negotiation: word("ee"), ...changes },
  };
  return {
    ...{ deal, dealHash: hashDeal(deal), transcript: word("77"), terms, chainId: 8453, settlement: account("5e") },
    buyer: { agent: 1n, wallet: account("b1"), owner: account("b2") },
    seller: { agent: 2n, wallet: account("c1"), owner: account("c2") },
    token: { token: account("70"), symbol: "USDX", decimals: 6 },
  };
}

const textOf = (terms?: JsonObject, changes?: Partial<Deal>) => contractDocument(contents(terms, changes));

describe("a contract for people", () => {
  it("says all of the deal, always in the same words", () => {
    assert.equal(textOf(), readFileSync(new URL("contract.md", import.meta.url), "utf8"));
  });

  it("doesn't say what wasn't agreed", () => {
    const good = contents();
    const [longer] = [{ ...TERMS, note: "within the month" }];
    assert.throws(() => contractDocument({ ...good, terms: longer }), { code: "TermsMismatch" });
    const cheaper = { ...good.deal, price: good.deal.price - 1n };
    assert.throws(() => contractDocument({ ...good, deal: cheaper }), { code: "TermsMismatch" });
    assert.throws(() => contractDocument({ ...good, dealHash: word("00") }), { code: "TermsMismatch" });
  });

  it("names no delivery where the deal is metered, and no arbitrator where there is none", () => {
    const metered = textOf(TERMS, { reviewPeriod: 0 });
    assert.match(metered, /serves for 1 h from the commitment on, and is paid by the buyer's receipts/);
    assert.doesNotMatch(metered, /Disputed|accepts or disputes/);
    assert.match(
      textOf(TERMS, { arbitrator: ZERO_ADDRESS }),
      /no arbitrator is named\. Unless the parties agree, the seller gets 50 %/,
    );
  });

  it("says that it is paid on account, where the terms do", () => {
    const account = `0x${"ac".repeat(32)}`;
    const says = new RegExp(`running account \\\\?\`${account}`);
    assert.match(textOf({ ...TERMS, payment: { by: "account", account } }), says);
    assert.doesNotMatch(textOf(), /running account/);
  });

  it("shows terms of the parties' own form as they came", () => {
    const own = { goods: "an hour of transcription", salt: word("77"), "```": "\u001b[2J\u202e\n# heading" };
    const [, block = ""] = textOf(own).split("In the parties' own form:\n\n");
    const lines = block.split("\n\n## 3")[0]?.split("\n") ?? [];
    assert.ok(
      lines.every((line) => line.startsWith("    ")),
      "nothing ends the block",
    );
    assert.deepEqual(JSON.parse(lines.join("\n").replaceAll("\\\\u", "\\u")), own);
    assert.ok(!block.includes("\u001b") && !block.includes("\u202e"));
    assert.match(textOf({ ...TERMS, schema: "parley-terms/2" }), /own form/);
  });

  it("makes no link, list or heading of their words", () => {
    const named = (what: string) => {
      const text = textOf({ ...TERMS, lines: [{ what, amount: "1", unit: "gpu-hour" }] });
      return text
        .split("\n")
        .find((line) => line.startsWith("- 1 gpu-hour of "))
        ?.slice(16);
    };
    assert.equal(named("[pay](https://evil.example)"), "\\[pay\\]\\(https\\://evil.example\\)");
    assert.equal(named("www.evil.example a@b.example"), "www\\.evil.example a\\@b.example");
    assert.equal(named("- one"), "\\- one");
    assert.equal(named("a well-known thing: 1+1=2"), "a well-known thing: 1+1=2");
  });

  it("says times to the second", () => {
    assert.match(textOf(TERMS, { deliverWithin: 97_201 }), /delivers within 1 d 3 h 1 s of/);
  });

  it("lets no text of theirs be anything but text", () => {
    const text = fc.oneof(
      fc.string({ minLength: 1, maxLength: 60, unit: "binary" }),
      fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(..."\n#>|`*_[]()<>!\\a-+=:/@&\u202e\u001b") }),
    );
    const lines = textOf().split("\n").length;
    fc.assert(
      fc.property(text, (what) => {
        const terms = { ...TERMS, lines: [{ ...TERMS.lines[0], what }] };
        let shown: string;
        try {
          shown = textOf(terms);
        } catch {
          // Not even terms: text that isn't Unicode has no canonical form.
          return;
        }
        assert.equal(shown.split("\n").length, lines, "no line more");
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there.
        assert.doesNotMatch(shown.replaceAll("\n", ""), /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        const [line = ""] = shown.split("\n").filter((one) => one.startsWith("- 100 gpu-hour of "));
        assert.doesNotMatch(line.slice("- 100 gpu-hour of ".length).replaceAll(/\\[^a-z0-9]/g, ""), /[`*_[\]<>|#!]/);
      }),
    );
  });
});
