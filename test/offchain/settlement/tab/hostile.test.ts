import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { MemoryJournal } from "../../../../offchain/adapters/journal/memory/journal.ts";
import { ZERO_32 } from "../../../../offchain/kernel/ids.ts";
import { type Entry, entryPreimage, hashEntry, type SignedEntry } from "../../../../offchain/settlement/tab/entry.ts";
import { isEquivocation } from "../../../../offchain/settlement/tab/equivocation.ts";
import { decodeTabMessage, encodeTabMessage, type TabMessage } from "../../../../offchain/settlement/tab/message.ts";
import { nettingOf, nettingProposal } from "../../../../offchain/settlement/tab/netting.ts";
import type { Fork, Line } from "../../../../offchain/settlement/tab/state.ts";
import { Tab } from "../../../../offchain/settlement/tab/tab.ts";
import { decodeProposal, encodeProposal } from "../../../../offchain/terms/proposal.ts";
import { CRYPTO, FrailJournal, HIGHER, LOWER, SEPARATOR, TERMS, TwoSides } from "./two-sides.ts";

const DAY_MS = 86_400_000;

describe("a running account with another side that doesn't keep to it", () => {
  let sides: TwoSides;
  let journal: FrailJournal;
  let ours: Tab;
  let theirs: Tab;

  beforeEach(async () => {
    sides = await TwoSides.make();
    journal = new FrailJournal();
    ours = await Tab.open(sides.options(LOWER, journal));
    theirs = await Tab.open(sides.options(HIGHER, new MemoryJournal()));
  });

  /** An entry of the other side that says what it likes, well signed. */
  async function forge(changes: Partial<Entry>): Promise<TabMessage> {
    const { keys } = sides.options(HIGHER, new MemoryJournal());
    const first = { tab: ours.state.id, agent: HIGHER, seq: 0, total: 7n, prev: ZERO_32, seen: ZERO_32, memo: ZERO_32 };
    const entry: Entry = { ...first, last: false, ...changes };
    const certificate = keys.certificate(0);
    const signature = await keys.signer(certificate.key).sign(entryPreimage(SEPARATOR, entry));
    return { type: "entry", signed: { entry, signature, certificate } };
  }

  function signedOf(message: TabMessage): SignedEntry {
    assert.ok(message.type === "entry");
    return message.signed;
  }

  it("refuses what doesn't follow, is above the credit, or is another's, and knows no more than before", async () => {
    await ours.hear(await theirs.owe(50n));
    const [newest] = ours.state.theirs.entries;
    const next = { seq: 1, prev: newest?.hash ?? ZERO_32, total: 60n };
    const unknown = `0x${"77".repeat(32)}` as const;
    for (const [changes, code] of [
      [{ ...next, total: 49n }, "BadEntry"],
      [{ ...next, prev: unknown }, "BadEntry"],
      [{ ...next, seen: unknown }, "BadEntry"],
      [{ ...next, tab: unknown }, "BadEntry"],
      [{ ...next, agent: 4n }, "BadEntry"],
      [{ ...next, total: 401n }, "CreditExceeded"],
    ] as const) {
      await assert.rejects(ours.hear(await forge(changes)), { code }, JSON.stringify(Object.keys(changes)));
    }
    const good = signedOf(await forge(next));
    const signature = `0x${"11".repeat(64)}` as const;
    await assert.rejects(ours.hear({ type: "entry", signed: { ...good, signature } }), { code: "BadSignature" });
    const foreign = { ...good, certificate: sides.options(LOWER, journal).keys.certificate(0) };
    await assert.rejects(ours.hear({ type: "entry", signed: foreign }), { code: "BadSignature" });
    assert.equal(ours.state.theirs.entries.length, 1);
    assert.deepEqual(await ours.hear({ type: "entry", signed: good }), []);
  });

  it("takes what a key has signed until a day after its end", async () => {
    const late = await theirs.owe(5n);
    sides.clock.advance(1_000_000 + DAY_MS);
    await ours.hear(late);
    sides.clock.advance(1_000);
    const next = await forge({ seq: 1, prev: hashEntry(SEPARATOR, signedOf(late).entry), total: 6n });
    await assert.rejects(ours.hear(next), { code: "CertificateExpired" });
  });

  it("takes what was signed in an epoch until a day after that, and nothing of one that never was", async () => {
    const first = await theirs.owe(5n);
    const second = await theirs.owe(1n);
    await sides.revoke(HIGHER);
    sides.clock.advance(DAY_MS);
    await ours.hear(first);
    sides.clock.advance(1_000);
    await assert.rejects(ours.hear(second), { code: "EpochEnded" });
    sides.endings.clear();
    await assert.rejects(ours.hear(second), { code: "EpochEnded" });
    assert.equal(ours.state.theirs.entries.length, 1);
  });

  it("hears again under the present key what was signed under one that is over, the same entries", async () => {
    const higher = new MemoryJournal();
    const signing = await Tab.open(sides.options(HIGHER, higher));
    for (const amount of [5n, 6n, 7n]) await signing.owe(amount);
    await signing.close();
    await sides.revoke(HIGHER);
    sides.clock.advance(3 * DAY_MS);
    await sides.renew(HIGHER);
    const again = await Tab.open(sides.options(HIGHER, higher));
    const texts = (await again.hear(ours.greet())).map(encodeTabMessage);
    await sides.renew(LOWER);
    const listening = await Tab.open(sides.options(LOWER, journal));
    for (const text of texts) await listening.hear(decodeTabMessage(text));
    const hashes = ({ entries }: Line) => entries.map(({ hash }) => hash);
    assert.deepEqual(hashes(listening.state.theirs), hashes(signing.state.ours));
    assert.deepEqual([listening.state.theirs.entries.length, listening.state.fork], [4, null]);
    for (const { signed } of listening.state.theirs.entries) assert.equal(signed.certificate.key.epoch, 2);
    assert.ok(listening.state.ours.entries.at(-1)?.signed.entry.last, "it is closed on our side too");
  });

  it("keeps both of two entries under one number as evidence, over a restart too, and signs nothing more", async () => {
    const first = await theirs.owe(50n);
    await ours.hear(first);
    const second = await forge({ total: 3n });
    await ours.hear(second);
    const check = async (tab: Tab) => {
      const fork = tab.state.fork as Fork;
      assert.deepEqual(fork, { first: signedOf(first), second: signedOf(second) });
      assert.equal(await isEquivocation(fork, SEPARATOR, CRYPTO), true);
      assert.equal(await isEquivocation({ first: fork.first, second: fork.first }, SEPARATOR, CRYPTO), false);
      const moved = { ...fork.second, entry: { ...fork.second.entry, seq: 1 } };
      assert.equal(await isEquivocation({ ...fork, second: moved }, SEPARATOR, CRYPTO), false);
      const other = { ...fork.second, entry: { ...fork.second.entry, total: 4n } };
      assert.equal(await isEquivocation({ ...fork, second: other }, SEPARATOR, CRYPTO), false, "not signed");
      await assert.rejects(tab.owe(1n), { code: "TabForked" });
    };
    await check(ours);
    await check(await Tab.open(sides.options(LOWER, journal)));
  });

  it("signs nothing more where its journal may lack something", async () => {
    await ours.owe(9n);
    journal.doubted = { code: "RecordsMissing", says: "a backup was restored" };
    const doubted = await Tab.open(sides.options(LOWER, journal));
    await assert.rejects(doubted.owe(1n), { code: "TabDoubted", message: /a backup was restored/ });
    // What it is owed it still takes.
    await doubted.hear(await theirs.owe(2n));
    // That the machine went down takes nothing that was synced, as every record here is.
    journal.doubted = { code: "MachineRestarted", says: "the machine went down" };
    await (await Tab.open(sides.options(LOWER, journal))).owe(1n);
  });

  it("is shown what its journal has lost, however old, and signs nothing more over a restart too", async () => {
    for (const amount of [9n, 8n]) await theirs.hear(await ours.owe(amount));
    await sides.revoke(LOWER);
    sides.clock.advance(9 * DAY_MS);
    await sides.renew(LOWER);
    const emptied = new FrailJournal();
    const restored = await Tab.open(sides.options(LOWER, emptied));
    const shown = await theirs.hear(restored.greet());
    assert.deepEqual(
      shown.map((one) => signedOf(one).entry.seq),
      [1],
      "the newest is enough",
    );
    for (const message of shown) await restored.hear(message);
    for (const tab of [restored, await Tab.open(sides.options(LOWER, emptied))]) {
      await assert.rejects(tab.owe(1n), { code: "TabDoubted", message: /entry 1 was signed by us/ });
    }
    // Who has everything is shown nothing.
    assert.deepEqual(await theirs.hear(ours.greet()), []);
  });

  it("signs nothing before it has heard that the other side has no more of it, where it is to ask first", async () => {
    await theirs.hear(await ours.owe(9n));
    const asking = async (from: FrailJournal) => await Tab.open({ ...sides.options(LOWER, from), asksFirst: true });
    const whole = await asking(journal);
    await assert.rejects(whole.owe(1n), { code: "TabUnheard", retryable: true });
    await whole.hear(theirs.greet());
    await whole.owe(1n);
    const restored = await asking(new FrailJournal());
    await restored.hear(theirs.greet());
    await assert.rejects(restored.owe(1n), { code: "TabUnheard" });
    // The other side closes meanwhile: that is answered once it can be.
    const later = await asking(journal);
    assert.deepEqual(await later.hear(await theirs.close()), []);
    const answers = await later.hear(theirs.greet());
    assert.ok(signedOf(answers.at(-1) as TabMessage).entry.last);
  });

  it("says how much is left where an entry would be above the credit, and lets debts of the other side make room", async () => {
    await ours.owe(1_000n);
    await assert.rejects(ours.owe(1n), { code: "CreditExceeded", facts: { actual: "1", limit: "0" } });
    await ours.hear(await theirs.owe(10n));
    await ours.owe(10n);
    await assert.rejects(ours.owe(-1n), { code: "BadAmount" });
  });

  it("reads no message that is of another form", async () => {
    const good = encodeTabMessage(await ours.owe(1n));
    assert.deepEqual(encodeTabMessage(decodeTabMessage(good)), good);
    const { id: tab } = ours.state;
    for (const text of [
      "",
      "[]",
      '{"type":"entry"}',
      `{"entries":-1,"own":0,"tab":"${tab}","type":"have"}`,
      `{"entries":0,"own":-1,"tab":"${tab}","type":"have"}`,
      `{"entries":1,"tab":"${tab}","type":"have"}`,
      `{"entries":1,"more":1,"own":0,"tab":"${tab}","type":"have"}`,
      good.replace('"last":false', '"last":0'),
      good.replace('"seq":0', '"seq":0.5'),
      good.replace("{", '{"a":1,'),
      "x".repeat(9_000),
    ]) {
      assert.throws(() => decodeTabMessage(text), { code: "Malformed" }, text.slice(0, 60));
    }
  });

  it("is settled by a deal at its balance, once it is closed on both sides", async () => {
    await ours.hear(await theirs.owe(30n));
    await theirs.hear(await ours.owe(100n));
    assert.throws(() => nettingOf(ours.state), { code: "TabOpen" });
    for (const answer of await theirs.hear(await ours.close())) await ours.hear(answer);
    const netting = nettingOf(ours.state);
    assert.ok(netting !== null);
    assert.deepEqual(nettingOf(theirs.state), netting);
    assert.deepEqual([netting.debtor, netting.creditor, netting.amount], [LOWER, HIGHER, 70n]);
    const times = { commitBy: 9_000, deliverWithin: 600, reviewPeriod: 600 };
    const proposal = nettingProposal(netting, TERMS, HIGHER, times, `0x${"aa".repeat(32)}`);
    assert.deepEqual(decodeProposal(encodeProposal(proposal)), proposal);
    assert.deepEqual([proposal.role, proposal.terms["digest"]], ["seller", netting.statement]);
    const metered = { ...times, reviewPeriod: 0 };
    assert.throws(() => nettingProposal(netting, TERMS, LOWER, metered, ZERO_32), { code: "BadTab" });
  });
});
