import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { toHex } from "../../offchain/kernel/bytes.ts";
import { systemEntropy } from "../../offchain/node/entropy.ts";
import type { Order } from "../../offchain/ports/connector.ts";
import { statementIn } from "../../offchain/settlement/tab/netting.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { accountIn } from "../../offchain/terms/payment-terms.ts";
import { parley, parleyJson, refuses } from "../offchain/cli/parley.ts";
import {
  AccountStage,
  acts,
  agreed,
  COMMIT_S,
  DIGEST,
  firstOf,
  outcomes,
  PRICE,
  troubles,
  until,
} from "./account-stage.ts";
import type { DeliveryStage } from "./delivery-stage.ts";
import { otherAgreement } from "./other-agreement.ts";

describe("deals on a running account between two agents", () => {
  let on: AccountStage;
  let stage: DeliveryStage;

  before(async () => {
    on = await AccountStage.prepare();
    stage = on.stage;
  });
  afterEach(() => stage.stopAll());
  after(() => stage.close());

  it("cost nothing up to the limit, and are paid by one deal; the next account follows", async () => {
    const before = await on.balances();
    const pair = await on.both("limit");
    const { selling, buying } = pair;
    assert.deepEqual([(await buying.event("rail")).rail], ["ledger"]);
    await agreed(buying, 1);
    await pair.open();
    await agreed(buying, 2);
    // Both are agreed and not signed for: there is no room for a third.
    await pair.open();
    const rails = buying.told.flatMap((event) => (event.event === "rail" ? [event.rail] : []));
    assert.deepEqual(rails, ["ledger", "ledger", "escrow"]);
    assert.equal((await selling.event("outcome")).outcome, "settled");
    assert.deepEqual(await on.moved(before), { buyer: -PRICE, seller: PRICE });
    await stage.rehearsal.passTime(COMMIT_S);
    await buying.event("account", ({ state }) => state === "closed");
    for (const one of [selling, buying]) {
      await one.event("account", ({ state, account }) => state === "open" && account !== firstOf(one));
      const outcomes = one.told.flatMap((event) => (event.event === "outcome" ? [event.outcome] : []));
      assert.deepEqual(outcomes.sort(), ["onAccount", "onAccount", "settled", "settled"]);
    }
    assert.deepEqual(await on.moved(before), { buyer: -3n * PRICE, seller: 3n * PRICE });
    // A seller carries what its buyer hasn't after half a minute, which may be how far the chain's clock jumps.
    const done = [...acts(buying), ...acts(selling)].filter((act) => act !== "deliver").sort();
    assert.deepEqual(done, ["accept", "accept", "commit", "commit"]);
    // The next account is another one, and carries deals again.
    await pair.open();
    await agreed(buying, 5);
    const { account } = buying.told.findLast((event) => event.event === "rail") ?? {};
    assert.notEqual(account ?? null, null);
    assert.notEqual(account, firstOf(buying));
    await stage.rehearsal.passTime(COMMIT_S);
    await outcomes(selling, "onAccount", 3);
    // Where both carry the same deal, one of them is told that the other was faster.
    const others = troubles(selling)
      .concat(troubles(buying))
      .filter((trouble) => !trouble.includes("NegotiationUsed"));
    assert.deepEqual(others, []);
    // Who takes an account out of its configuration is told what is open on it.
    await stage.stop(selling);
    const without = await stage.sell("limit.seller", { deliver: DIGEST });
    const { code, message } = await without.event("trouble");
    assert.deepEqual([code, /owes us 5000$/.test(message)], ["AccountNotConfigured", true], message);
  });

  it("are paid, and followed by the next account, where the creditor commits another acceptance of the same deal", async () => {
    const before = await on.balances();
    const asked: Order[] = [];
    let isHeld = true;
    const clear = async (order: Order) => {
      asked.push(order);
      return isHeld && statementIn(order.terms ?? {}) !== null ? ("pending" as const) : null;
    };
    const { selling, buying } = await on.both("superseded", "5000", { clearances: [{ clear }] });
    await buying.event("said", ({ kind }) => kind === "DELIVER");
    await stage.rehearsal.passTime(COMMIT_S);
    await agreed(buying, 2);
    // Whoever has a say was asked before anything was owed.
    assert.equal(accountIn(asked[0]?.terms ?? {}), firstOf(buying));
    const payment = [...buying.agent.dealer.sessions].find(({ state }) => statementIn(state.proposal.terms) !== null);
    assert.ok(payment?.state.phase === "agreed");
    const { deal } = payment.state.agreement;
    await stage.rehearsal.chain.commit(deal, await otherAgreement(stage.rehearsal, deal, stage));
    isHeld = false;
    for (const one of [selling, buying]) {
      await one.event("outcome", ({ outcome }) => outcome === "superseded");
      await one.event("account", ({ state, account }) => state === "open" && account !== firstOf(one));
    }
    await buying.agent.idle();
    assert.deepEqual(await on.moved(before), { buyer: -PRICE, seller: PRICE });
  });

  it("are paid once where the buyer is killed after it has signed, and before anybody has heard of it", async () => {
    const terms = await on.accountsOf("killed");
    const selling = await stage.sell("killed.seller", terms.seller());
    const parts = await terms.buyer(selling);
    const first = await stage.buyApart("killed.buyer", ...parts);
    await selling.event("said", ({ kind }) => kind === "DELIVER");
    await on.fetched("killed");
    await stage.stop(selling);
    await stage.rehearsal.passTime(COMMIT_S);
    // The entry is in the journal by then, and nobody is there to take it.
    await until(first, (event) => event.event === "said" && event.kind === "RECEIPT");
    assert.ok(!first.events.some(({ event }) => event === "outcome"));
    const config = join(stage.folder, "killed.buyer.json");
    await writeFile(config, JSON.stringify(await stage.buyerConfig("killed.buyer", ...parts)));
    await refuses(["account", "list", "--config", config], /running agent has open.*JournalLocked/, 1);
    first.kill();
    await first.exited;
    const back = await stage.sell("killed.seller", terms.seller(selling));
    const second = await stage.buyApart("killed.buyer", ...(await terms.buyer(back)));
    assert.equal((await back.event("outcome")).outcome, "onAccount");
    await until(second, (event) => event.event === "outcome" && event.outcome === "onAccount");
    await stage.stopAll();
    assert.deepEqual(await on.entriesIn("killed.buyer"), ["ours 5000"]);
    assert.deepEqual(await on.entriesIn("killed.seller"), ["theirs 5000"]);
    await isShown(config);
  });

  it("pay one account once, though the debtor is killed while it does", async () => {
    const before = await on.balances();
    const terms = await on.accountsOf("once", "5000");
    const selling = await stage.sell("once.seller", terms.seller());
    const kinds = ["joined", "agreed", "act"] as const;
    let buyer = await stage.buyApart("once.buyer", ...(await terms.buyer(selling)));
    const { negotiation: first } = await buyer.event("joined");
    await until(buyer, (event) => event.event === "said" && event.kind === "DELIVER");
    await stage.rehearsal.passTime(COMMIT_S);
    for (const kind of kinds) {
      await until(buyer, (event) => event.event === kind && event.negotiation !== first);
      buyer.kill();
      await buyer.exited;
      buyer = await stage.buyApart("once.buyer", ...(await terms.buyer(selling)));
    }
    await selling.event("account", ({ state }) => state === "paid");
    await until(buyer, (event) => event.event === "account" && event.state === "paid");
    assert.deepEqual(await on.moved(before), { buyer: -PRICE, seller: PRICE });
    assert.equal(selling.told.filter((event) => event.event === "agreed").length, 2);
  });

  it("go by the chain where the other side doesn't mean the same account", async () => {
    const salt = toHex(systemEntropy.bytes(32));
    const terms = await on.accountsOf("other");
    const selling = await stage.sell("other.seller", terms.seller());
    const [address, wish, more] = await terms.buyer(selling);
    const accounts = JSON.parse(JSON.stringify(more["accounts"])) as { with: [JsonObject] };
    const other = { ...more, accounts: { with: [{ ...accounts.with[0], salt, ours: "100001" }] } };
    const buying = await stage.buy("other.buyer", address, wish, other);
    assert.equal((await buying.event("rail")).rail, "escrow");
    await buying.event("trouble", ({ code: named }) => named === "UnknownAccount");
    // What it might come to owe there is more than its mandate lets one deal pay.
    await buying.event("trouble", ({ code: named }) => named === "DealLimitExceeded");
    assert.equal((await buying.event("outcome")).outcome, "settled");
  });

  /** The operator sees what is owed, and can show it to others. */
  async function isShown(config: string): Promise<void> {
    const { accounts } = await parleyJson("account", "list", "--config", config);
    const [{ account, stage: stands, open }] = accounts;
    assert.deepEqual([stands, open], ["open", { weOwe: "5000", theyOwe: "0" }]);
    const { stdout } = await parley("account", "show", "--config", config, "--account", account.slice(0, 9));
    assert.match(stdout, /^open +we owe 0\.005 \S+$/m);
    assert.match(stdout, /^us +0 +0\.005 \S+ +0\.005 \S+ +deal 0x[0-9a-f]{64}$/m);
    await refuses(["account", "show", "--config", config, "--account", "0x00"], /UnknownAccount/, 1);
    const copy = join(stage.folder, "account.json");
    assert.equal((await parley("account", "export", "--config", config, "--out", copy)).code, 0);
    const verified = await parley("account", "verify", copy, "--rpc", stage.url);
    const [buyer, seller] = [stage.buyer, stage.seller].map(({ agent }) => `agent ${agent}`);
    assert.match(verified.stdout, new RegExp(`^verified: .*${buyer} owes ${seller} 0\\.005 .*wallets checked`));
    assert.equal(verified.code, 0);
    await writeFile(copy, (await readFile(copy, "utf8")).replaceAll('"5000"', '"5001"'));
    const { code, stdout: says } = await parley("account", "verify", copy);
    assert.deepEqual([code, /^NOT verified: .*isn't signed by the key/.test(says)], [1, true], says);
  }
});
