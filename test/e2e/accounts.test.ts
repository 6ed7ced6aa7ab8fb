import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import { connectRpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import type { AgentProcess } from "../../offchain/cli/agent-process.ts";
import { CertificateVerifier, issueCertificate } from "../../offchain/identity/certificate.ts";
import { fixedKey } from "../../offchain/identity/signing-keys.ts";
import { localWallet } from "../../offchain/identity/wallet.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import type { AgentParts } from "../../offchain/node/agent.ts";
import { parseAgentConfig } from "../../offchain/node/agent-config.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { boundBy } from "../../offchain/node/carry-out.ts";
import { SystemClock } from "../../offchain/node/clock.ts";
import { systemEntropy } from "../../offchain/node/entropy.ts";
import { openAccountsJournal } from "../../offchain/node/journal.ts";
import type { Order } from "../../offchain/ports/connector.ts";
import { statementIn } from "../../offchain/settlement/tab/netting.ts";
import { decodeRecord } from "../../offchain/settlement/tab/record.ts";
import { Tab } from "../../offchain/settlement/tab/tab.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { domainSeparator, settlementDomain } from "../../offchain/terms/eip712.ts";
import { accountIn } from "../../offchain/terms/payment-terms.ts";
import { parley, parleyJson, refuses } from "../offchain/cli/parley.ts";
import { type Acting, DeliveryStage, type Wish } from "./delivery-stage.ts";
import { otherAgreement } from "./other-agreement.ts";

const GOODS = Buffer.from("one street scene ".repeat(100));
const DIGEST = `0x${createHash("sha256").update(GOODS).digest("hex")}`;

/** What every deal here comes to. */
const PRICE = 5_000n;

/** Room for two deals; at that the account is paid. */
const [CREDIT, SETTLE_AT] = ["12000", "10000"];

/** Longer than the time in which any of these deals can be committed, by more than blocks that are made in a hurry are ahead of the clock. */
const COMMIT_S = 3_700;

const WISH_TERMS = {
  ...{ schema: "parley-terms/1", category: "data", digest: DIGEST },
  lines: [{ what: "street scenes", amount: "1", unit: "each" }],
};

describe("deals on a running account between two agents", () => {
  let stage: DeliveryStage;
  let file: string;

  before(async () => {
    stage = await DeliveryStage.prepare();
    file = join(stage.folder, "goods");
    await writeFile(file, GOODS);
  });
  afterEach(() => stage.stopAll());
  after(() => stage.close());

  it("cost nothing up to the limit, and are paid by one deal; the next account follows", async () => {
    const before = await balances();
    const pair = await both("limit");
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
    assert.deepEqual(await moved(before), { buyer: -PRICE, seller: PRICE });
    await stage.rehearsal.passTime(COMMIT_S);
    await buying.event("account", ({ state }) => state === "closed");
    for (const one of [selling, buying]) {
      await one.event("account", ({ state, account }) => state === "open" && account !== firstOf(one));
      const outcomes = one.told.flatMap((event) => (event.event === "outcome" ? [event.outcome] : []));
      assert.deepEqual(outcomes.sort(), ["onAccount", "onAccount", "settled", "settled"]);
    }
    assert.deepEqual(await moved(before), { buyer: -3n * PRICE, seller: 3n * PRICE });
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
    const before = await balances();
    const asked: Order[] = [];
    let isHeld = true;
    const clear = async (order: Order) => {
      asked.push(order);
      return isHeld && statementIn(order.terms ?? {}) !== null ? ("pending" as const) : null;
    };
    const { selling, buying } = await both("superseded", "5000", { clearances: [{ clear }] });
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
    assert.deepEqual(await moved(before), { buyer: -PRICE, seller: PRICE });
  });

  it("are paid once where the buyer is killed after it has signed, and before anybody has heard of it", async () => {
    const terms = await accountsOf("killed");
    const selling = await stage.sell("killed.seller", terms.seller());
    const parts = await terms.buyer(selling);
    const first = await stage.buyApart("killed.buyer", ...parts);
    await selling.event("said", ({ kind }) => kind === "DELIVER");
    await fetched("killed");
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
    assert.deepEqual(await entriesIn("killed.buyer"), ["ours 5000"]);
    assert.deepEqual(await entriesIn("killed.seller"), ["theirs 5000"]);
    await isShown(config);
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

  it("are paid on the chain, and not on account too, where the seller commits them at the last moment", async () => {
    const before = await balances();
    const { selling, buying } = await both("late");
    await buying.event("said", ({ kind }) => kind === "DELIVER");
    const [session] = selling.agent.dealer.sessions;
    assert.ok(session?.state.phase === "agreed");
    const { deal, proofs } = await boundBy(session, session.state);
    assert.ok(proofs !== null);
    const { chain } = stage.rehearsal;
    // A block of the present first: the newest may be a while ago.
    await stage.rehearsal.passTime(0);
    await stage.rehearsal.passTime(deal.commitBy - (await chain.time()) - 20);
    await chain.commit(deal, proofs);
    await stage.rehearsal.passTime(30);
    assert.equal((await buying.event("outcome")).outcome, "settled");
    assert.equal((await selling.event("outcome")).outcome, "settled");
    await stage.stopAll();
    assert.deepEqual(await moved(before), { buyer: -PRICE, seller: PRICE });
    assert.deepEqual(await entriesIn("late.buyer"), []);
  });

  it("end the trust in a buyer that doesn't sign for what was delivered, over a restart too", async () => {
    const terms = await accountsOf("unpaid");
    const selling = await stage.sell("unpaid.seller", terms.seller());
    const parts = await terms.buyer(selling);
    const buying = await stage.buy("unpaid.buyer", ...parts);
    await buying.event("said", ({ kind }) => kind === "DELIVER");
    await stage.stop(buying);
    await stage.rehearsal.passTime(COMMIT_S + 3_600 + 86_400);
    await selling.event("trouble", ({ code }) => code === "AccountUnpaid");
    assert.equal((await selling.event("outcome")).outcome, "unpaid");
    await stage.buy("unpaid.buyer", ...parts);
    await selling.event("account", ({ state }) => state === "paid");
    await stage.stop(selling);
    const again = await stage.sell("unpaid.seller", terms.seller(selling));
    await again.event("outcome", ({ outcome }) => outcome === "unpaid");
    // Longer than it takes to begin another account, where there is one to be begun.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await stage.stopAll();
    for (const { told } of [selling, again]) {
      assert.equal(told.filter((event) => event.event === "account" && event.state === "open").length, 1);
    }
    assert.deepEqual(await entriesIn("unpaid.seller"), ["ours 0 last", "theirs 0 last"]);
  });

  it("end the trust in a buyer that closes the account on what was delivered, and can't pay on the chain either", async () => {
    const before = await balances();
    const terms = await accountsOf("closing");
    const selling = await stage.sell("closing.seller", terms.seller());
    const parts = await terms.buyer(selling);
    const buying = await stage.buy("closing.buyer", ...parts);
    await buying.event("said", ({ kind }) => kind === "DELIVER");
    await stage.stop(buying);
    await emptyBuyer();
    await closeByHand("closing.buyer", parts[2]);
    await stage.buy("closing.buyer", ...parts);
    await selling.event("account", ({ state }) => state === "paid");
    await stage.rehearsal.passTime(60);
    await selling.event("trouble", ({ code }) => code === "BuyerFundsTooLow");
    await stage.rehearsal.passTime(3_600 - 60 - 500);
    await selling.event("act", ({ act }) => act === "declare");
    await stage.rehearsal.passTime(3 * 3_600);
    assert.equal((await selling.event("outcome")).outcome, "defaulted");
    await selling.event("trouble", ({ code }) => code === "AccountUnpaid");
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.equal(selling.told.filter((event) => event.event === "account" && event.state === "open").length, 1);
    await stage.rehearsal.fund(stage.buyer, before.buyer);
  });

  it("pay one account once, though the debtor is killed while it does", async () => {
    const before = await balances();
    const terms = await accountsOf("once", "5000");
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
    assert.deepEqual(await moved(before), { buyer: -PRICE, seller: PRICE });
    assert.equal(selling.told.filter((event) => event.event === "agreed").length, 2);
  });

  it("are paid by another deal where the debtor had no money for the first, and was made to answer for that", async () => {
    const before = await balances();
    const { selling, buying } = await both("defaulted", "5000");
    await buying.event("said", ({ kind }) => kind === "DELIVER");
    await emptyBuyer();
    await stage.rehearsal.passTime(COMMIT_S);
    await agreed(buying, 2);
    await buying.event("trouble", ({ code }) => code === "BuyerFundsTooLow");
    await stage.rehearsal.passTime(60);
    await selling.event("trouble", ({ code }) => code === "BuyerFundsTooLow");
    await stage.rehearsal.passTime(3_600 - 60 - 500);
    await selling.event("act", ({ act }) => act === "declare");
    await stage.rehearsal.passTime(3 * 3_600);
    for (const one of [selling, buying]) await one.event("outcome", ({ outcome }) => outcome === "defaulted");
    await stage.rehearsal.fund(stage.buyer, before.buyer);
    for (const one of [selling, buying]) await one.event("account", ({ state }) => state === "paid");
    assert.deepEqual(await moved(before), { buyer: -PRICE, seller: PRICE });
  });

  it("go by the chain where the other side doesn't mean the same account", async () => {
    const salt = toHex(systemEntropy.bytes(32));
    const terms = await accountsOf("other");
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

  /** As a buyer does whose agent is not the one that we know. */
  async function closeByHand(name: string, { accounts }: JsonObject): Promise<void> {
    const { deployment, token, chain } = stage.rehearsal;
    const { buyer, seller } = stage;
    const { salt } = (accounts as { with: [{ salt: Bytes32 }] }).with[0];
    const parties = [
      { agent: buyer.agent, credit: BigInt(CREDIT) },
      { agent: seller.agent, credit: 0n },
    ] as const;
    const crypto = new NodeCrypto();
    const signer = crypto.sessionSigner(crypto.generateSessionSecret());
    const now = await chain.time();
    const { epoch } = await chain.authority(buyer.agent);
    const validity = { notBefore: now - 3_600, notAfter: now + 86_400, epoch };
    const wallet = localWallet(buyer.wallet);
    const certificate = await issueCertificate(wallet, deployment, buyer.agent, signer.publicKey, validity);
    const journal = openAccountsJournal({ journal: join(stage.folder, `${name}.sqlite`), witness: null });
    const tab = await Tab.open({
      ...{ agent: buyer.agent, crypto, clock: new SystemClock(), journal, keys: fixedKey(signer, certificate) },
      terms: { parties, token, salt },
      separator: domainSeparator(settlementDomain(deployment.chainId, deployment.settlement)),
      certificates: new CertificateVerifier(chain, deployment),
    });
    await tab.close();
    await journal.close();
  }

  async function emptyBuyer(): Promise<void> {
    const { deployment, token, chain } = stage.rehearsal;
    const { agent, wallet } = stage.buyer;
    const rpc = await connectRpc(stage.url);
    const owner = new Operator(rpc, new Sender(rpc, wallet));
    await owner.withdraw(deployment, agent, token, owner.address, await chain.free(agent, token));
  }

  /** Waits until what was bought has come. */
  async function fetched(name: string): Promise<void> {
    const folder = join(stage.folder, `${name}.bought`);
    const isThere = async () => (await readdir(folder)).some((one) => /^0x[0-9a-f]{64}$/.test(one));
    while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Configurations of both sides that mean the same account. */
  async function accountsOf(name: string, settleAt = SETTLE_AT) {
    const { token } = stage.rehearsal;
    const common = { token, salt: toHex(systemEntropy.bytes(32)), settleAt };
    const prices = { [token]: "3000000000" };
    const sold = { ...common, agent: stage.buyer.agent.toString(), ours: "0", theirs: CREDIT };
    let url = "http://127.0.0.1:0";
    const seller = (before?: Acting) => ({
      ...{ prices, accounts: { listen: url, with: [sold] } },
      listen: before?.agent.address ?? "ws://127.0.0.1:0",
      deliver: { artifact: file, listen: before?.agent.delivery.serves ?? "http://127.0.0.1:0" },
    });
    const buyer = async ({ agent, event }: Acting): Promise<[string, Wish, JsonObject]> => {
      const [address, serves] = [agent.address ?? "", agent.delivery.serves ?? ""];
      url = (await event("accounts")).url;
      const bought = { ...common, agent: stage.seller.agent.toString(), ours: CREDIT, theirs: "0", url, address };
      const delivery = { by: "artifact", url: serves, bytes: GOODS.length };
      const intake = { folder: join(stage.folder, `${name}.bought`), allow: [serves] };
      return [address, { terms: { ...WISH_TERMS, delivery } }, { intake, prices, accounts: { with: [bought] } }];
    };
    return { seller, buyer };
  }

  async function both(name: string, settleAt = SETTLE_AT, embedding: AgentParts = {}) {
    const terms = await accountsOf(name, settleAt);
    const selling = await stage.sell(`${name}.seller`, terms.seller());
    const parts = await terms.buyer(selling);
    const buying = await stage.buy(`${name}.buyer`, ...parts, embedding);
    const open = async () => {
      const { open: wanted } = parseAgentConfig(await stage.buyerConfig(`${name}.buyer`, ...parts));
      assert.ok(wanted !== null);
      return await buying.agent.open(wanted);
    };
    return { selling, buying, open };
  }

  /** What a side's journal holds of its accounts, once it has stopped. */
  async function entriesIn(name: string): Promise<string[]> {
    const journal = openAccountsJournal({ journal: join(stage.folder, `${name}.sqlite`), witness: null });
    const streams = (await journal.streams()).filter((stream) => stream.startsWith("tab:"));
    const records = (await Promise.all(streams.map((stream) => journal.read(stream)))).flat();
    await journal.close();
    return records
      .map(decodeRecord)
      .map(({ type, signed: { entry } }) => `${type} ${entry.total}${entry.last ? " last" : ""}`);
  }

  async function balances() {
    const { chain, token } = stage.rehearsal;
    return {
      buyer: await chain.free(stage.buyer.agent, token),
      seller: await chain.free(stage.seller.agent, token),
    };
  }

  async function moved(before: Awaited<ReturnType<typeof balances>>) {
    const now = await balances();
    return { buyer: now.buyer - before.buyer, seller: now.seller - before.seller };
  }
});

/** Waits for so many agreements. */
async function agreed({ told, event }: Acting, count: number): Promise<void> {
  await event("agreed", () => told.filter((one) => one.event === "agreed").length >= count);
}

async function outcomes({ told, event }: Acting, name: string, count: number): Promise<void> {
  const isSo = () => told.filter((one) => one.event === "outcome" && one.outcome === name).length >= count;
  await event("outcome", isSo);
}

function firstOf({ told }: Acting): string | undefined {
  return told.find((event) => event.event === "account")?.account;
}

function acts({ told }: Acting): string[] {
  return told.flatMap((event) => (event.event === "act" ? [event.act] : []));
}

function troubles({ told }: Acting): string[] {
  return told.flatMap((event) => (event.event === "trouble" ? [`${event.code}: ${event.message}`] : []));
}

/** Waits until a process has told something. */
async function until({ events }: AgentProcess, isSo: (event: AgentEvent) => boolean): Promise<void> {
  while (!events.some(isSo)) await new Promise((resolve) => setTimeout(resolve, 10));
}
