import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Account } from "../../../../offchain/node/accounts/account.ts";
import { AccountLink } from "../../../../offchain/node/accounts/link.ts";
import { Paying } from "../../../../offchain/node/accounts/paying.ts";
import { AccountTending } from "../../../../offchain/node/accounts/tending.ts";
import type { AgentEvent } from "../../../../offchain/node/agent-event.ts";
import { systemEntropy } from "../../../../offchain/node/entropy.ts";
import { isEnded } from "../../../../offchain/settlement/tab/state.ts";
import { HIGHER, LOWER } from "../../settlement/tab/two-sides.ts";
import { besideTests, twoAccounts } from "./two-accounts.ts";

describe("tending an account", () => {
  const beside = besideTests();
  const { running } = beside;

  it("begins at most one a minute after one that came to nothing, however often the other side closes", async () => {
    const { lower, higher, sides } = await twoAccounts();
    const { tending, told } = tend(lower, sides.clock);
    running.push(tending.run());
    await closedBy(higher, lower);
    await until(() => lower.ids.length === 2);
    await higher.begin();
    await closedBy(higher, lower);
    for (let second = 0; second < 50; second++) await advance(sides.clock, 1_000);
    assert.equal(lower.ids.length, 2);
    for (let second = 0; second < 12; second++) await advance(sides.clock, 1_000);
    await until(() => lower.ids.length === 3);
    const states = told.flatMap((event) => (event.event === "account" ? [event.state] : []));
    assert.deepEqual(states, ["open", "paid", "open", "paid", "open"]);
  });

  it("tells the creditor, too, that it is closed and not paid yet", async () => {
    const { lower, higher, sides } = await twoAccounts();
    await higher.newest.hear(await lower.newest.owe(300n));
    await closedBy(lower, higher);
    const { tending, told } = tend(higher, sides.clock, undefined, HIGHER);
    running.push(tending.run());
    await advance(sides.clock, 2_000);
    const states = told.flatMap((event) => (event.event === "account" ? [[event.state, event.balance]] : []));
    assert.deepEqual(states, [
      ["open", "-300"],
      ["closed", "-300"],
    ]);
  });

  it("begins none where a deal was not paid, nor while one is looked after that may turn out so", async () => {
    const { lower, higher, sides } = await twoAccounts();
    const under = { isNeeded: true, isOnTrust: false };
    const { tending, told } = tend(lower, sides.clock, under);
    running.push(tending.run());
    await closedBy(higher, lower);
    for (let second = 0; second < 10; second++) await advance(sides.clock, 1_000);
    assert.equal(lower.ids.length, 1);
    Object.assign(under, { isNeeded: false, isOnTrust: true });
    for (let second = 0; second < 10; second++) await advance(sides.clock, 1_000);
    assert.equal(lower.ids.length, 1);
    await lower.giveUp();
    under.isOnTrust = false;
    for (let second = 0; second < 70; second++) await advance(sides.clock, 1_000);
    assert.equal(lower.ids.length, 1);
    assert.match(lower.closing ?? "", /closed/);
    assert.equal(told.filter((event) => event.event === "account" && event.state === "paid").length, 1);
  });

  it("keeps nobody waiting for a debt once the agent stops", async () => {
    const { lower, sides } = await twoAccounts();
    const { tending } = tend(lower, sides.clock);
    await lower.newest.owe(300n);
    const { debt } = tending;
    assert.ok(debt !== null);
    running.push(tending.run());
    for (let turn = 0; turn < 3; turn++) await advance(sides.clock, 2_000);
    beside.stop();
    await debt;
    assert.equal(tending.debt, null);
  });

  it("keeps nobody waiting for a debt whose creditor doesn't say what it has of it, and pays it once it does", async () => {
    const { sides, lower, higher, reopen } = await twoAccounts();
    await higher.newest.hear(await lower.newest.owe(300n));
    const restored = await reopen(undefined, undefined, true);
    const { tending, troubles } = tend(restored, sides.clock);
    const { debt } = tending;
    assert.ok(debt !== null);
    running.push(tending.run());
    await restored.newest.hear({ type: "have", tab: restored.id, entries: 10, own: 0 });
    for (let minute = 0; minute < 11; minute++) await advance(sides.clock, 60_000);
    await debt;
    assert.equal(tending.debt, null);
    assert.equal(troubles[0], "AccountUnheard");
    await restored.newest.hear(higher.newest.greet());
    await advance(sides.clock, 2_000);
    await until(() => isEnded(restored.newest.state.ours));
    assert.ok(tending.debt !== null);
    beside.stop();
  });

  function tend(account: Account, clock: Clock, under = { isNeeded: false, isOnTrust: false }, self = LOWER) {
    const told: AgentEvent[] = [];
    const troubles: string[] = [];
    const { signal } = beside;
    const link = new AccountLink(account, {
      ...{ client: null, clock, signal, isBusy: () => false },
      onTrouble: (error) => assert.fail(error),
    });
    const paying = new Paying({
      ...{ self, entropy: systemEntropy, now: () => clock.now(), chainTime: () => null },
      ...{ sessions: () => [], open: () => Promise.reject(new Error("nothing is opened here")) },
    });
    const tending = new AccountTending(account, link, {
      ...{ self, paying, clock, signal, tell: (event) => told.push(event) },
      ...{ isNeeded: () => under.isNeeded, isOnTrust: () => under.isOnTrust },
      onTrouble: (error) => (error.code === "AccountUnheard" ? troubles.push(error.code) : assert.fail(error)),
    });
    return { tending, told, troubles };
  }
});

type Clock = Awaited<ReturnType<typeof twoAccounts>>["sides"]["clock"];

async function closedBy(one: Account, other: Account): Promise<void> {
  for (const answer of await other.newest.hear(await one.newest.close())) await one.newest.hear(answer);
  other.changed();
}

async function advance(clock: Clock, milliseconds: number): Promise<void> {
  clock.advance(milliseconds);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
