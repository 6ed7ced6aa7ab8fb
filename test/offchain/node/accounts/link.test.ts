import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MemoryJournal } from "../../../../offchain/adapters/journal/memory/journal.ts";
import type { Clock } from "../../../../offchain/kernel/clock.ts";
import { ParleyError } from "../../../../offchain/kernel/errors.ts";
import type { Account } from "../../../../offchain/node/accounts/account.ts";
import { untilKnown } from "../../../../offchain/node/accounts/known.ts";
import { AccountLink, type LinkOptions } from "../../../../offchain/node/accounts/link.ts";
import { SystemClock } from "../../../../offchain/node/clock.ts";
import { encodeTabMessage } from "../../../../offchain/settlement/tab/message.ts";
import { LOWER } from "../../settlement/tab/two-sides.ts";
import { besideTests, CONFIG, twoAccounts } from "./two-accounts.ts";

describe("the way between the two sides of an account", () => {
  const beside = besideTests();
  const { running } = beside;

  it("carries what either side signed over one that is called, though answers get lost", async () => {
    const { lower, higher } = await twoAccounts();
    for (let entry = 0; entry < 150; entry++) await lower.newest.owe(1n);
    for (let entry = 0; entry < 70; entry++) await higher.newest.owe(1n);
    const called = linkOf(higher, null);
    let calls = 0;
    const exchange: Exchange = async (id, texts) => {
      const answer = await called.answer(id, texts);
      // What was said has its effect, and nobody learns of it.
      if (++calls % 2 === 1) throw new ParleyError("Interrupted", "the answer is lost", { retryable: true });
      return answer ?? [];
    };
    const calling = linkOf(lower, exchange);
    running.push(calling.run());
    await until(() => calling.heard(lower.newest) === 150 && lower.newest.state.theirs.entries.length === 70);
    assert.equal(higher.newest.state.theirs.entries.length, 150);
    // The side that is called learns by the next greeting how much of its own has arrived.
    await lower.newest.owe(1n);
    calling.push();
    await until(() => called.heard(higher.newest) === 70 && higher.newest.state.theirs.entries.length === 151);
  });

  it("closes both sides, and says of none that it isn't there what it holds", async () => {
    const { lower, higher } = await twoAccounts();
    const called = linkOf(higher, null);
    const calling = linkOf(lower, async (id, texts) => (await called.answer(id, texts)) ?? []);
    running.push(calling.run());
    await higher.newest.owe(5n);
    await lower.newest.close();
    calling.push();
    await until(() => lower.isClosed && higher.isClosed);
    assert.equal(lower.netting?.creditor, LOWER);
    assert.equal(await called.answer(`0x${"01".repeat(32)}`, []), null);
  });

  it("tells whether the other side keeps the account, so that nothing is proposed that it has to refuse", async () => {
    const { reopen, higher } = await twoAccounts();
    const { signal } = beside;
    const account = await reopen(new MemoryJournal(), CONFIG, true);
    const called = linkOf(higher, null);
    let isThere = false;
    const calling = linkOf(account, async (id, texts) => {
      if (!isThere) throw new ParleyError("UnknownAccount", "there is none", { retryable: true });
      return (await called.answer(id, texts)) ?? [];
    });
    const known = untilKnown(account, calling, new SystemClock(), signal);
    running.push(calling.run());
    await known;
    assert.deepEqual([account.newest.isAssured, calling.isFailing], [false, true]);
    isThere = true;
    await until(() => account.newest.isAssured && !calling.isFailing);
    await untilKnown(account, calling, new SystemClock(), signal);
  });

  it("asks about the newest account first, and goes on where one fails", async () => {
    const { lower, higher } = await twoAccounts();
    const first = lower.id;
    for (const answer of await higher.newest.hear(await lower.newest.close())) await lower.newest.hear(answer);
    await Promise.all([lower.begin(), higher.begin()]);
    const asked: string[] = [];
    const told: string[] = [];
    const failing: Exchange = async (id) => {
      asked.push(id);
      throw new ParleyError("AccountRefused", `of ${id}`, { retryable: true });
    };
    running.push(linkOf(lower, failing, ({ message }) => told.push(message)).run());
    await until(() => told.length >= 2);
    assert.deepEqual(asked.slice(0, 2), [lower.id, first]);
    assert.deepEqual(told.slice(0, 2), [`of ${lower.id}`, `of ${first}`]);
  });

  it("lets go of an account once the other side has begun the next, and answers about it all the same", async () => {
    const { lower, higher, sides } = await twoAccounts();
    const first = lower.id;
    for (const answer of await higher.newest.hear(await lower.newest.close())) await lower.newest.hear(answer);
    await lower.begin();
    assert.equal(lower.tabs.length, 2);
    const called = linkOf(higher, null);
    const here = linkOf(lower, null, undefined, sides.clock);
    await here.answer(first, [encodeTabMessage({ type: "have", tab: first, entries: 1, own: 1 })]);
    assert.equal(lower.tabs.length, 2, "the other side hasn't said that it has begun the next");
    await higher.begin();
    running.push(linkOf(lower, async (id, texts) => (await called.answer(id, texts)) ?? []).run());
    await until(() => lower.tabs.length === 1 && higher.tabs.length === 1);
    const have = encodeTabMessage({ type: "have", tab: first, entries: 0, own: 1 });
    assert.equal((await here.answer(first, [have]))?.length, 2);
    // It is read from the journal each time, and nobody may have us do nothing else.
    await assert.rejects(here.answer(first, [have]), { code: "AccountBusy", retryable: true });
    sides.clock.advance(10_000);
    assert.equal((await here.answer(first, [have]))?.length, 2);
  });

  it("answers one question at a time, and takes no rubbish", async () => {
    const { lower, higher } = await twoAccounts();
    for (let entry = 0; entry < 100; entry++) await higher.newest.owe(1n);
    const called = linkOf(higher, null);
    const have = encodeTabMessage(lower.newest.greet());
    assert.equal((await called.answer(higher.id, [have]))?.length, 65);
    for (const texts of [[have, have], Array.from({ length: 80 }, () => have), ["rubbish"], ["x".repeat(9_000)]]) {
      await assert.rejects(called.answer(higher.id, texts), { code: "Malformed" });
    }
    const boast = encodeTabMessage({ type: "have", tab: higher.id, entries: 10 ** 9, own: 0 });
    await called.answer(higher.id, [boast]);
    assert.equal(called.heard(higher.newest), 100);
    const foreign = encodeTabMessage({ type: "have", tab: `0x${"01".repeat(32)}`, entries: 0, own: 0 });
    await assert.rejects(called.answer(higher.id, [foreign]), { code: "BadEntry" });
  });

  it("tells what goes wrong by its name, however many words the other side finds for it", async () => {
    const { lower, higher, sides } = await twoAccounts();
    const told: string[] = [];
    const called = linkOf(higher, null, ({ code }) => told.push(code), sides.clock);
    const message = await lower.newest.owe(1n);
    assert.ok(message.type === "entry");
    const { signed } = message;
    const hear = (total: bigint) =>
      called.answer(higher.id, [
        encodeTabMessage({ ...message, signed: { ...signed, entry: { ...signed.entry, total } } }),
      ]);
    for (const total of [1_001n, 1_002n, 1_003n]) await assert.rejects(hear(total), { code: "CreditExceeded" });
    assert.deepEqual(told, ["CreditExceeded"]);
    sides.clock.advance(60_000);
    await assert.rejects(hear(1_004n));
    assert.deepEqual(told, ["CreditExceeded", "CreditExceeded"]);
  });

  it("rests where the other side takes back what it said that it has", async () => {
    const { lower } = await twoAccounts();
    for (let entry = 0; entry < 3; entry++) await lower.newest.owe(1n);
    let calls = 0;
    const fickle: Exchange = async (tab) => [encodeTabMessage({ type: "have", tab, entries: ++calls % 2, own: 0 })];
    running.push(linkOf(lower, fickle).run());
    await until(() => calls >= 2);
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(calls <= 3, `${calls} calls`);
  });

  for (const isCalled of [false, true]) {
    it(`shows a side that ${isCalled ? "is called" : "calls"} what it has lost, before that signs anything`, async () => {
      const { lower, higher, reopen } = await twoAccounts();
      await higher.newest.hear(await lower.newest.owe(5n));
      await higher.newest.hear(await lower.newest.owe(5n));
      // What it signs now names an entry that the other side has lost, so that side can't take it.
      await higher.newest.owe(5n);
      const restored = await reopen(new MemoryJournal(), CONFIG, true);
      await assert.rejects(restored.newest.owe(1n), { code: "TabUnheard" });
      const [called, caller] = isCalled ? [restored, higher] : [higher, restored];
      const serving = linkOf(called, null);
      const exchange: Exchange = async (id, texts) => {
        try {
          return (await serving.answer(id, texts)) ?? [];
        } catch (cause) {
          throw new ParleyError("AccountRefused", "it answers with 422", { cause, retryable: true });
        }
      };
      const told: string[] = [];
      const calling = linkOf(caller, exchange, ({ code }) => told.push(code));
      running.push(calling.run());
      await until(() => restored.newest.state.halt !== null);
      await assert.rejects(restored.newest.owe(1n), { code: "TabDoubted", message: /entry 1 was signed by us/ });
      assert.equal(higher.newest.state.halt, null);
    });
  }

  it("asks first once the other side has refused what it was told", async () => {
    const { lower, higher } = await twoAccounts();
    const serving = linkOf(higher, null);
    const said: number[] = [];
    let refuses = false;
    const exchange: Exchange = async (id, texts) => {
      said.push(texts.length);
      if (refuses) throw new ParleyError("AccountRefused", "it answers with 422", { retryable: true });
      return (await serving.answer(id, texts)) ?? [];
    };
    const calling = linkOf(lower, exchange);
    await lower.newest.owe(1n);
    running.push(calling.run());
    await until(() => calling.heard(lower.newest) === 1);
    refuses = true;
    await lower.newest.owe(1n);
    calling.push();
    await until(() => said.length === 3);
    refuses = false;
    await until(() => calling.heard(lower.newest) === 2);
    assert.deepEqual(said, [1, 2, 2, 1, 2]);
  });

  it("tells on the side that is called what it doesn't take", async () => {
    const { lower, higher } = await twoAccounts();
    const told: string[] = [];
    const called = linkOf(higher, null, ({ code }) => told.push(code));
    const foreign = encodeTabMessage({ type: "have", tab: `0x${"01".repeat(32)}`, entries: 0, own: 0 });
    await assert.rejects(called.answer(higher.id, [foreign]), { code: "BadEntry" });
    assert.deepEqual(told, ["BadEntry"]);
    assert.equal(lower.id, higher.id);
  });

  it("tells where the other side doesn't know the account", async () => {
    const { lower } = await twoAccounts();
    const told: string[] = [];
    const unknown: Exchange = async () => {
      throw new ParleyError("UnknownAccount", "no such account", { retryable: true });
    };
    running.push(linkOf(lower, unknown, ({ code }) => told.push(code)).run());
    await until(() => told.length > 0);
    assert.equal(told[0], "UnknownAccount");
  });

  type Exchange = NonNullable<LinkOptions["client"]>["exchange"];

  function linkOf(
    account: Account,
    exchange: Exchange | null,
    onTrouble: LinkOptions["onTrouble"] = () => undefined,
    clock: Clock = new SystemClock(),
  ) {
    return new AccountLink(account, {
      client: exchange === null ? null : { exchange },
      ...{ clock, signal: beside.signal, isBusy: () => true, onTrouble },
    });
  }
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
