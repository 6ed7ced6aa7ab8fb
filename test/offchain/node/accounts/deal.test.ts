import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import type { ParleyError } from "../../../../offchain/kernel/errors.ts";
import { AccountDeal, type AccountMeans } from "../../../../offchain/node/accounts/deal.ts";
import { AccountLink } from "../../../../offchain/node/accounts/link.ts";
import type { Clearance } from "../../../../offchain/ports/clearance.ts";
import type { Finding } from "../../../../offchain/ports/connector.ts";
import { isEnded, totalOf } from "../../../../offchain/settlement/tab/state.ts";
import type { Role } from "../../../../offchain/terms/proposal.ts";
import { LOWER } from "../../settlement/tab/two-sides.ts";
import { agreedOn, COMMIT_BY, DELIVER_BY } from "./agreed-on.ts";
import { twoAccounts } from "./two-accounts.ts";

const EVIDENCE = `0x${"d1".repeat(32)}` as const;
const [EARLY, LATE, FAR] = [COMMIT_BY - 1, DELIVER_BY + 1, DELIVER_BY + 90_000];

describe("a deal on account", () => {
  let stopping = new AbortController();

  afterEach(() => {
    stopping.abort();
    stopping = new AbortController();
  });

  it("waits for who has a say in it before anything is delivered, with its room kept", async () => {
    let answer: Awaited<ReturnType<Clearance["clear"]>> = "pending";
    const clearances = [{ clear: async () => answer }];
    const deal = await dealOf("seller", { clearances });
    const running = deal.run();
    await deal.pass(5);
    assert.deepEqual(deal.calls, []);
    assert.equal(deal.account.room(LOWER), 500n);
    answer = null;
    await deal.pass(5);
    assert.deepEqual(deal.calls, ["reserve", "deliver"]);
    assert.equal(deal.session.said[0]?.kind, "DELIVER");
    stopping.abort();
    await assert.rejects(deal.over(running));
  });

  it("is the chain's where one of them says no, and its room is given back", async () => {
    for (const role of ["buyer", "seller"] as const) {
      const clear = async () => ({ code: "TooDear", note: "no" });
      const deal = await dealOf(role, { clearances: [{ clear: async () => null }, { clear }] });
      assert.equal(await deal.over(deal.run()), null);
      assert.deepEqual(deal.calls, []);
      assert.equal(deal.account.room(LOWER), 1_000n);
    }
  });

  it("is the chain's where the seller's journal may have lost what was said, and nothing is handed over", async () => {
    const deal = await dealOf("seller", { isDoubted: true });
    assert.equal(await deal.over(deal.run()), null);
    assert.deepEqual(deal.calls, []);
    const buying = await dealOf("buyer", { isDoubted: true });
    const running = buying.run();
    await buying.pass(5);
    stopping.abort();
    await assert.rejects(buying.over(running), "a buyer has only its entry to sign");
  });

  it("gives back what was set aside, where it was not delivered in time", async () => {
    const deal = await dealOf("seller", { evidence: null });
    const running = deal.run();
    await deal.pass(3);
    assert.equal(deal.calls[0], "reserve");
    deal.chain.time = LATE;
    assert.equal(await deal.over(running), null);
    assert.equal(deal.calls.at(-1), "release");
  });

  it("tells that it is unpaid, though nothing can be given back and the other side closes in the same moment", async () => {
    const deal = await dealOf("seller", { isDelivered: true, time: FAR, release: "refused" });
    const closed = await deal.other.newest.close();
    await deal.account.newest.hear(closed);
    const outcome = await deal.over(deal.run());
    assert.deepEqual([outcome?.kind, outcome?.how], ["onAccount", "Unpaid"]);
    assert.equal(deal.calls.filter((call) => call === "release").length, 5);
    assert.equal(deal.troubles[0], "AccountUnpaid");
  });

  it("ends the account in use, though the unpaid one was closed by the buyer, and followed", async () => {
    const deal = await dealOf("seller", { isDelivered: true, time: LATE });
    const running = deal.run();
    await deal.account.newest.hear(await deal.other.newest.close());
    await deal.account.begin();
    await deal.pass(1);
    assert.equal(deal.account.room(LOWER), 500n, "what is not signed for is on trust there too");
    deal.chain.time = FAR;
    assert.equal((await deal.over(running))?.how, "Unpaid");
    assert.ok(isEnded(deal.account.newest.state.ours));
  });

  it("tells that it is unpaid, though the journal fails as it closes the account", async () => {
    const deal = await dealOf("seller", { isDelivered: true, time: FAR, isJournalBroken: true });
    const outcome = await deal.over(deal.run());
    assert.equal(outcome?.how, "Unpaid");
    assert.deepEqual(deal.troubles, ["AccountUnpaid", "AccountFailed"]);
    assert.ok(!isEnded(deal.account.newest.state.ours));
  });

  it("says that it was signed for in this run, unless it was before", async () => {
    for (const isBefore of [true, false]) {
      const deal = await dealOf("seller", { isDelivered: true, time: LATE });
      const entry = async () =>
        await deal.account.newest.hear(await deal.other.newest.owe(500n, deal.session.dealHash));
      if (isBefore) await entry();
      const running = deal.run();
      if (!isBefore) await entry();
      const outcome = await deal.over(running);
      assert.deepEqual([outcome?.how, deal.calls.includes("signed")], ["Owed", !isBefore]);
    }
  });

  it("is looked for on the chain though what was delivered can't be served again", async () => {
    const deal = await dealOf("seller", { isDelivered: true, resume: "refused" });
    const running = deal.run();
    await deal.pass(3);
    assert.deepEqual(deal.troubles.slice(0, 1), ["AccountFailed"]);
    deal.chain.isRecorded = true;
    assert.equal(await deal.over(running), null);
  });

  it("has no room of its own after a restart, but where it was delivered", async () => {
    for (const [isDelivered, isCarried] of [
      [false, false],
      [true, true],
    ] as const) {
      const deal = await dealOf("seller", { isDelivered });
      deal.account.reserve(`0x${"0e".repeat(32)}`, LOWER, 600n, false);
      const running = deal.run();
      await deal.pass(2);
      assert.equal(deal.account.room(LOWER), isCarried ? -100n : 400n);
      stopping.abort();
      await deal.over(running).catch(() => undefined);
      stopping = new AbortController();
    }
  });

  it("is given up by a buyer that can't sign, long after its time, and signed for once if it can all the same", async () => {
    const deal = await dealOf("buyer", { isDelivered: true, time: LATE, asksFirst: true, finding: { good: true } });
    const { account, other } = deal;
    const running = deal.run();
    await deal.pass(11 * 60);
    assert.deepEqual([...new Set(deal.troubles)], ["TabUnheard"]);
    deal.chain.time = FAR;
    assert.equal((await deal.over(running))?.how, "Unpaid");
    assert.equal(deal.troubles.at(-1), "AccountUnsigned");
    account.release(deal.session.dealHash);
    assert.equal(account.room(LOWER), 0n, "nothing more goes on an account in which nothing is signed");
    const tab = account.newest;
    const boast = { type: "have", tab: account.id, entries: 10, own: 0 } as const;
    await tab.hear(boast);
    await account.signUnsigned();
    assert.equal(tab.state.ours.entries.length, 0);
    await tab.hear(other.newest.greet());
    for (let time = 0; time < 2; time++) await account.signUnsigned();
    assert.equal(totalOf(tab.state.ours), 500n);
    assert.equal(tab.state.ours.entries.length, 1);
    assert.equal(account.room(LOWER), 500n);
    assert.equal((await deal.over(deal.run()))?.how, "Owed");
    assert.equal(tab.state.ours.entries.length, 1);
  });

  it("is not signed for in an account that was closed meanwhile", async () => {
    const deal = await dealOf("buyer", { isDelivered: true, time: FAR, asksFirst: true, finding: { good: true } });
    const running = deal.run();
    await deal.pass(11 * 60);
    assert.equal((await deal.over(running))?.how, "Unpaid");
    const tab = deal.account.newest;
    await deal.other.giveUp();
    await tab.hear(deal.other.newest.greet());
    for (const one of await deal.other.newest.lacking(0)) await tab.hear(one);
    await deal.account.signUnsigned();
    assert.equal(totalOf(tab.state.ours), 0n);
    assert.ok(!deal.account.hasPending);
  });

  interface Course extends Partial<Pick<AccountMeans, "clearances">> {
    readonly isDelivered?: boolean;
    readonly isDoubted?: boolean;
    readonly time?: number;
    readonly evidence?: null;
    readonly release?: "refused";
    readonly resume?: "refused";
    readonly isJournalBroken?: boolean;
    /** Whether nothing is signed before the other side has said what it has. */
    readonly asksFirst?: boolean;
    readonly finding?: Finding;
  }

  /** One of 500 on an account where the buyer may owe 1,000. */
  async function dealOf(role: Role, course: Course) {
    const { sides, lower: usual, higher, journals, reopen } = await twoAccounts();
    const lower = course.asksFirst ? await reopen(undefined, undefined, true) : usual;
    const [account, other] = role === "buyer" ? [lower, higher] : [higher, lower];
    const chain = { time: course.time ?? EARLY, isRecorded: false };
    const calls: string[] = [];
    const troubles: string[] = [];
    const { signal } = stopping;
    const session = agreedOn(role, 500n, course.isDelivered, "5a", course.isDoubted);
    const { clock } = sides;
    const link = new AccountLink(account, {
      ...{ client: null, clock, signal, isBusy: () => false, onTrouble: () => undefined },
    });
    const refused = (name: string, how: "refused" | undefined) => async () => {
      calls.push(name);
      if (how === "refused") throw new Error(`can't ${name}`);
    };
    const means: AccountMeans = {
      history: {
        ...{ time: () => chain.time, height: () => 1, position: () => null, payout: () => null, atFault: () => null },
        recorded: () => (chain.isRecorded ? { dealHash: EVIDENCE, transcript: EVIDENCE, price: null } : null),
        watch: () => () => undefined,
      },
      ...{ clock, finalDepth: 1, clearances: course.clearances ?? [] },
      supply: {
        reserve: async () => {
          calls.push("reserve");
          return null;
        },
        deliver: async () => {
          calls.push("deliver");
          return course.evidence === null ? null : EVIDENCE;
        },
        release: refused("release", course.release),
      },
      intake: { inspect: async () => course.finding ?? null },
      resume: refused("resume", course.resume),
    };
    if (course.isJournalBroken) journals[role === "buyer" ? "lower" : "higher"].append = broken;
    const bound = { deal: session.deal, transcript: EVIDENCE, proofs: null };
    // Each time as the next start has it.
    const carried = () => new AccountDeal(session, bound, [account, link, account.newest], means);
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        clock.advance(1_000);
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    return {
      ...{ account, other, chain, calls, troubles, session, pass },
      run: () =>
        carried().run({
          ...{ signal, onSigned: () => calls.push("signed") },
          onTrouble: ({ code }: ParleyError) => troubles.push(code),
        }),
      /** Lets time pass until it is over. */
      over: async <T>(running: Promise<T>): Promise<T> => {
        let isOver = false;
        const done = running.finally(() => {
          isOver = true;
        });
        done.catch(() => undefined);
        for (let second = 0; second < 100 && !isOver; second++) await pass(1);
        assert.ok(isOver, "it doesn't come to an end");
        return await done;
      },
    };
  }
});

async function broken(): Promise<void> {
  throw new Error("the disk is full");
}
