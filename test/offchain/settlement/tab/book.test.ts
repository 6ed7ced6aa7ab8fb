import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryJournal } from "../../../../offchain/adapters/journal/memory/journal.ts";
import { type Bytes32, ZERO_32 } from "../../../../offchain/kernel/ids.ts";
import { bookFromJson, bookOf, bookToJson, type TabBook } from "../../../../offchain/settlement/tab/book.ts";
import { type Entry, entryPreimage, type SignedEntry } from "../../../../offchain/settlement/tab/entry.ts";
import { examineBook } from "../../../../offchain/settlement/tab/examine.ts";
import { Tab } from "../../../../offchain/settlement/tab/tab.ts";
import { tabId } from "../../../../offchain/settlement/tab/terms.ts";
import type { Json, JsonObject } from "../../../../offchain/terms/canonical-json.ts";
import { CRYPTO, DEPLOYMENT, HIGHER, LOWER, SEPARATOR, TERMS, TwoSides, walletOf } from "./two-sides.ts";

const DEAL: Bytes32 = `0x${"d1".repeat(32)}`;

/** What both have signed: the lower one 300, and the higher one 50. */
async function signed() {
  const sides = await TwoSides.make();
  const journal = new MemoryJournal();
  const lower = await Tab.open(sides.options(LOWER, journal));
  const higher = await Tab.open(sides.options(HIGHER, new MemoryJournal()));
  await higher.hear(await lower.owe(100n, DEAL));
  await lower.hear(await higher.owe(50n));
  await higher.hear(await lower.owe(200n));
  return { sides, journal, lower, higher };
}

async function bookOfBoth(): Promise<TabBook> {
  const { lower } = await signed();
  return bookOf(DEPLOYMENT, TERMS, lower.state);
}

/** A book as it comes back from a file. */
function read(book: TabBook): TabBook {
  return bookFromJson(JSON.parse(JSON.stringify(bookToJson(book))) as Json);
}

describe("a copy of an account", () => {
  it("shows whoever gets it what each side has signed", async () => {
    const { lower, higher } = await signed();
    for (const { state } of [lower, higher]) {
      const { id, sides } = await examineBook(CRYPTO, read(bookOf(DEPLOYMENT, TERMS, state)));
      assert.equal(id, state.id);
      const told = sides.map(({ agent, total, entries, isClosed }) => [agent, total, entries, isClosed]);
      assert.deepEqual(told, [
        [LOWER, 300n, 2, false],
        [HIGHER, 50n, 1, false],
      ]);
      assert.deepEqual(
        sides.map(({ hasForked, certificates }) => [hasForked, certificates.length]),
        [
          [false, 1],
          [false, 1],
        ],
      );
    }
  });

  it("names the wallets that gave the keys", async () => {
    const { sides, journal, higher } = await signed();
    await sides.renew(LOWER);
    const lower = await Tab.open(sides.options(LOWER, new MemoryJournal(journal)));
    await higher.hear(await lower.close());
    const findings = await examineBook(CRYPTO, bookOf(DEPLOYMENT, TERMS, higher.state));
    const wallets = findings.sides.map(({ certificates }) => certificates.map(({ wallet }) => wallet));
    const [one, other] = [LOWER, HIGHER].map(walletOf);
    assert.deepEqual(wallets, [[one, one], [other]]);
  });

  it("shows a fork, and what is no fork is not taken for one", async () => {
    const { sides, lower, higher } = await signed();
    // The lower side as it was before its newest entry, in a journal that doesn't know that.
    const restored = await Tab.open(sides.options(LOWER, new MemoryJournal()));
    for (const { signed: entry } of lower.state.ours.entries.slice(0, 1)) {
      await restored.owe(entry.entry.total, entry.entry.memo);
    }
    for (const { signed: entry } of higher.state.ours.entries) await restored.hear({ type: "entry", signed: entry });
    await higher.hear(await restored.owe(7n));
    const book = bookOf(DEPLOYMENT, TERMS, higher.state);
    assert.equal(book.beside.length, 1);
    const { sides: told } = await examineBook(CRYPTO, read(book));
    assert.deepEqual(
      told.map(({ hasForked }) => hasForked),
      [true, false],
    );
    const same = { ...book, beside: book.sides[0].slice(0, 1) };
    await assert.rejects(examineBook(CRYPTO, same), /agent 3, entry 0: it is no other one/);
  });

  it("is refused where anything in it was changed, left out, or put elsewhere", async () => {
    const book = await bookOfBoth();
    const [lower, higher] = book.sides;
    const [first, second] = lower as [SignedEntry, SignedEntry];
    const with2 = (change: Partial<SignedEntry["entry"]>) => ({ ...second, entry: { ...second.entry, ...change } });
    const changed: [RegExp, TabBook][] = [
      [/isn't signed by the key/, { ...book, sides: [[first, with2({ total: 299n })], higher] }],
      [/isn't signed by the key/, { ...book, sides: [[first, with2({ memo: DEAL })], higher] }],
      [/isn't signed by the key/, { ...book, sides: [[first, with2({ last: true })], higher] }],
      [/isn't signed by the key/, { ...book, sides: [[first, { ...second, signature: first.signature }], higher] }],
      [/takes back/, { ...book, sides: [[first, with2({ total: 99n })], higher] }],
      [/doesn't follow/, { ...book, sides: [[first, with2({ prev: DEAL })], higher] }],
      [/isn't in its place/, { ...book, sides: [[second], []] }],
      [/isn't in its place/, { ...book, sides: [[first, second, second], higher] }],
      [/agent 3, entry 1: .*names an entry of the other side that there isn't/, { ...book, sides: [lower, []] }],
      [/is agent/, { ...book, sides: [higher, lower] }],
      [/of another account/, { ...book, terms: { ...TERMS, salt: DEAL } }],
      [/of another account/, { ...book, deployment: { ...DEPLOYMENT, chainId: 1 } }],
      [/beyond its credit/, await beyond()],
      [
        /key of another agent/,
        { ...book, sides: [[first, { ...second, certificate: (higher[0] as SignedEntry).certificate }], higher] },
      ],
    ];
    for (const [what, one] of changed) await assert.rejects(examineBook(CRYPTO, read(one)), what);
    await examineBook(CRYPTO, read(book));
  });

  it("is refused where it isn't one", async () => {
    const json = bookToJson(await bookOfBoth());
    const { sides } = json as { sides: readonly Json[] };
    const wrong: JsonObject[] = [
      { ...json, format: "parley-evidence" },
      { ...json, version: 2 },
      { ...json, sides: sides.slice(0, 1) },
      { ...json, sides: [...sides, []] },
      { ...json, sides: [{}, []] },
      { ...json, beside: "none" },
      { ...json, terms: {} },
      { ...json, deployment: { ...(json["deployment"] as JsonObject), chainId: 1.5 } },
      { ...json, more: true },
    ];
    for (const one of wrong) assert.throws(() => bookFromJson(one), { code: "Malformed" });
  });
});

/** An account of which the lower side has signed more than it may owe. */
async function beyond(): Promise<TabBook> {
  const { keys, clock } = (await TwoSides.make()).options(LOWER, new MemoryJournal());
  const [tab, total] = [tabId(SEPARATOR, TERMS), TERMS.parties[0].credit + 1n];
  const entry: Entry = { tab, agent: LOWER, seq: 0, total, prev: ZERO_32, seen: ZERO_32, memo: ZERO_32, last: false };
  const certificate = keys.certificate(Math.floor(clock.now() / 1_000));
  const signature = await keys.signer(certificate.key).sign(entryPreimage(SEPARATOR, entry));
  return { deployment: DEPLOYMENT, terms: TERMS, sides: [[{ entry, signature, certificate }], []], beside: [] };
}
