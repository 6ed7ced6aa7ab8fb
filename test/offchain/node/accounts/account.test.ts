import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Bytes32 } from "../../../../offchain/kernel/ids.ts";
import type { PriceStrategy } from "../../../../offchain/negotiation/price/strategy.ts";
import { accountObjection, chooseFor, onAccount } from "../../../../offchain/node/accounts/choice.ts";
import { proposalFor } from "../../../proposal.ts";
import { HIGHER, LOWER, TERMS } from "../../settlement/tab/two-sides.ts";
import { DoubtedJournal, twoAccounts } from "./two-accounts.ts";

const word = (byte: string): Bytes32 => `0x${byte.repeat(32)}`;

const SOLD = proposalFor({ commitBy: 5_000, rounds: 3, token: TERMS.token, terms: { digest: word("d1") } });

describe("a running account of an agent", () => {
  it("has the same name on both sides, and room for what is agreed until it is signed for", async () => {
    const { lower, higher } = await twoAccounts();
    assert.equal(lower.id, higher.id);
    assert.equal(lower.reserve(word("d1"), LOWER, 250n, false), null);
    assert.deepEqual([lower.room(LOWER), lower.room(HIGHER)], [750n, 400n]);
    assert.match(lower.reserve(word("d2"), LOWER, 751n, false) ?? "", /more than the 750/);
    // What was delivered is owed, and was looked at before.
    assert.equal(lower.reserve(word("d3"), LOWER, 751n, true), null);
    lower.release(word("d3"));
    await lower.newest.owe(250n, word("d1"));
    assert.equal(lower.room(LOWER), 500n);
    lower.release(word("d1"));
    assert.equal(lower.room(LOWER), 750n);
  });

  it("takes nothing new once it is due, and is closed when nothing is under way", async () => {
    const { lower } = await twoAccounts();
    lower.reserve(word("d1"), LOWER, 10n, false);
    await lower.newest.owe(300n);
    assert.match(lower.closing ?? "", /paid first/);
    assert.match(lower.reserve(word("d2"), LOWER, 1n, false) ?? "", /paid first/);
    assert.equal(lower.obstacle(lower.id), null);
    assert.deepEqual([lower.isToBeClosed, lower.isOurDebt], [false, true]);
    lower.release(word("d1"));
    assert.ok(lower.isToBeClosed);
    await lower.newest.close();
    assert.deepEqual([lower.isToBeClosed, lower.isOurDebt, lower.netting], [false, true, null]);
    assert.match(lower.obstacle(lower.id) ?? "", /closed/);
  });

  it("is closed without a word where the other side closes it in the same moment", async () => {
    const { lower, higher } = await twoAccounts();
    const last = await higher.newest.close();
    // What is heard answers by the end of our side, and comes first.
    const heard = lower.newest.hear(last);
    await lower.close();
    for (const answer of await heard) await higher.newest.hear(answer);
    assert.deepEqual([lower.isClosed, higher.isClosed], [true, true]);
    assert.equal(lower.newest.state.ours.entries.length, 1);
  });

  it("is followed by another one, which a restart finds again", async () => {
    const { lower, higher, reopen } = await twoAccounts();
    const first = lower.id;
    await higher.newest.hear(await lower.newest.owe(300n));
    for (const answer of await higher.newest.hear(await lower.newest.close())) await lower.newest.hear(answer);
    assert.deepEqual([lower.netting?.debtor, lower.netting?.amount], [LOWER, 300n]);
    assert.equal(lower.netting?.statement, higher.netting?.statement);
    await Promise.all([lower.begin(), higher.begin()]);
    assert.equal(lower.id, higher.id);
    assert.notEqual(lower.id, first);
    assert.match(lower.obstacle(first) ?? "", /taken its place/);
    await lower.newest.owe(7n);
    const again = await reopen();
    assert.deepEqual([again.id, again.tabs.length], [lower.id, 2]);
    assert.deepEqual([again.room(LOWER), again.isClosed], [993n, false]);
    assert.equal((await again.recall(first))?.state.ours.entries.length, 2);
  });

  it("holds of those before only what the other side may still ask for, also after a restart", async () => {
    const { lower, higher, journal, reopen } = await twoAccounts();
    const first = lower.id;
    for (let turn = 0; turn < 20; turn++) {
      for (const answer of await higher.newest.hear(await lower.newest.close())) await lower.newest.hear(answer);
      await Promise.all([lower.begin(), higher.begin()]);
      lower.letGoOfPast();
      assert.equal(lower.tabs.length, 1);
    }
    await lower.newest.hear(await higher.newest.owe(1n));
    const again = await reopen();
    assert.deepEqual([again.id, again.tabs.length], [lower.id, 1]);
    assert.ok(again.names(first));
    assert.equal((await again.recall(first))?.state.ours.entries.length, 1);
    assert.equal(await again.recall(word("01")), null);
    // What its journal has lost isn't taken up as one in which nothing was signed.
    const lost = new DoubtedJournal(journal);
    await lost.forget(`tab:${first}`, 2);
    assert.equal(await (await reopen(lost)).recall(first), null);
  });

  it("is followed by none that a restored journal may have lost", async () => {
    const { lower, higher, journal, reopen } = await twoAccounts();
    await higher.newest.hear(await lower.newest.owe(300n));
    for (const answer of await higher.newest.hear(await lower.newest.close())) await lower.newest.hear(answer);
    // The next one was begun, and signed in, after the backup.
    journal.isDoubted = true;
    const before = await reopen(journal);
    assert.ok(before.isClosed);
    await assert.rejects(before.begin(), { code: "TabDoubted" });
    assert.equal(before.tabs.length, 1);
    // It was begun before the backup, and signed in after: of that one the journal has no record that it could doubt.
    journal.isDoubted = false;
    await lower.begin();
    journal.isDoubted = true;
    const between = await reopen(journal);
    assert.equal(between.tabs.length, 2);
    await assert.rejects(between.newest.owe(7n), { code: "TabDoubted" });
    journal.isDoubted = false;
    await (await reopen(journal)).newest.owe(7n);
  });
});

describe("what an agent opens", () => {
  const strategy: PriceStrategy = { kind: "time-dependent", from: 50n, limit: 120n, pace: 1 };
  const gasPrice = async () => ({ perGas: 10n ** 9n, perCoin: 3_000n * 10n ** 6n });
  const choose = async (more: object = {}, proposal = SOLD) => {
    const { lower: account } = await twoAccounts();
    const opening = { account, self: LOWER, gasPrice, mostShare: 200, ...more };
    return { account, choice: await chooseFor({ proposal, strategy }, opening) };
  };

  it("goes on account where its gas is too dear, and the most that it may cost has room", async () => {
    const { account, choice } = await choose();
    assert.equal(choice?.rail, "ledger");
    const routed = onAccount(SOLD, account);
    assert.deepEqual(routed.terms["payment"], { by: "account", account: account.id });
    account.reserve(word("d2"), LOWER, 881n, false);
    const opening = { account, self: LOWER, gasPrice, mostShare: 200 };
    assert.equal((await chooseFor({ proposal: SOLD, strategy }, opening))?.rail, "escrow");
    const cheap = async () => ({ perGas: 1n, perCoin: 1n });
    assert.equal((await choose({ gasPrice: cheap })).choice?.rail, "escrow");
  });

  it("is no question where nobody knows what gas is worth, or the terms decide", async () => {
    assert.equal((await choose({ gasPrice: async () => null })).choice, null);
    const { digest: _, ...vague } = SOLD.terms;
    const metered = { ...SOLD, deal: { ...SOLD.deal, reviewPeriod: 0 } };
    const decided = { ...SOLD, terms: { ...SOLD.terms, payment: { by: "account", account: word("01") } } };
    const slow = { ...SOLD, deal: { ...SOLD.deal, deliverWithin: 7 * 86_400 + 1 } };
    for (const proposal of [{ ...SOLD, terms: vague }, metered, slow, decided]) {
      assert.equal((await choose({}, proposal)).choice, null);
    }
  });

  it("is refused by who keeps no such account, or can't carry it", async () => {
    const { lower, higher } = await twoAccounts();
    const routed = onAccount(SOLD, lower);
    assert.equal(accountObjection(SOLD, undefined), null);
    assert.equal(accountObjection(routed, higher), null);
    assert.match(accountObjection(routed, undefined) ?? "", /no account/);
    const other = { ...routed, terms: { ...routed.terms, payment: { by: "account", account: word("01") } } };
    assert.match(accountObjection(other, higher) ?? "", /is 0x/);
    const inOther = { ...routed, deal: { ...routed.deal, token: `0x${"98".repeat(20)}` as const } };
    assert.match(accountObjection(inOther, higher) ?? "", /in this token/);
    const metered = { ...routed, deal: { ...routed.deal, reviewPeriod: 0 } };
    assert.match(accountObjection(metered, higher) ?? "", /metered/);
    // As long as it is under way nothing is paid that is owed already.
    const slow = { ...routed, deal: { ...routed.deal, deliverWithin: 2 ** 32 - 1 } };
    assert.match(accountObjection(slow, higher) ?? "", /604800 s to deliver/);
    await higher.newest.hear(await lower.newest.owe(300n));
    assert.match(accountObjection(routed, higher) ?? "", /paid first/);
  });
});
