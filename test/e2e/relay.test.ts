import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { RemoteRelay } from "../../offchain/adapters/chain/remote-relay.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { SettlementChain } from "../../offchain/adapters/chain/settlement.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import type { ParleyError } from "../../offchain/kernel/errors.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import { Secret } from "../../offchain/kernel/secret.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { type RelayEvent, type RunningRelay, startRelay } from "../../offchain/node/relay.ts";
import { parseRelayConfig } from "../../offchain/node/relay-config.ts";
import { agreementToJson } from "../../offchain/terms/agreement-json.ts";
import { canonicalJson, type JsonObject } from "../../offchain/terms/canonical-json.ts";
import { type Agreement, Stage } from "../../scripts/lib/scenario/stage.ts";
import { DeliveryStage } from "./delivery-stage.ts";
import { type MoodyNode, startMoodyNode } from "./moody-node.ts";

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: { readonly code?: string; readonly transaction?: Bytes32 };
}

describe("a relay for other agents", () => {
  let embedded: EmbeddedChain;
  let node: MoodyNode;
  let stage: Stage;
  let folder: string;
  const wallet = new Secret(toHex(randomBytes(32)) as Bytes32);
  let running: RunningRelay[] = [];
  let told: RelayEvent[] = [];

  before(async () => {
    embedded = await startEmbeddedChain();
    node = await startMoodyNode(embedded.url);
    stage = await Stage.prepare(embedded.url);
    folder = await mkdtemp(join(tmpdir(), "parley-relay-"));
    const payer = new Sender(stage.rpc, wallet.reveal()).address;
    await new Sender(stage.rpc, DEVELOPMENT_KEY).pay("funding the relay", payer, 10n ** 18n);
  });
  afterEach(async () => {
    node.mood = () => "answer";
    for (const one of running.splice(0)) await one.stop();
    told = [];
  });
  after(async () => {
    stage.stop();
    await node.close();
    await embedded.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("commits what comes together in one transaction, and pays for it", async () => {
    const { url } = await start("together", { batch: { most: 3, waitMs: 5_000 } });
    const before = await nonceOfBuyer();
    const agreements = [await stage.agree(), await stage.agree(), await stage.agree()];
    const answers = await Promise.all(agreements.map((one) => post(url, textOf(one))));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    assert.equal(new Set(answers.map(({ body }) => body.transaction)).size, 1);
    assert.deepEqual(await statuses(agreements), ["Committed", "Committed", "Committed"]);
    assert.equal(await nonceOfBuyer(), before);
  });

  it("sends nothing of what isn't an agreement, or that the contract would refuse, and says why", async () => {
    const { url } = await start("refusing");
    const good = await stage.agree();
    const other = await stage.agree();
    const json = agreementToJson(good);
    const { buyer } = good.proofs;
    const forged = { ...buyer, message: { ...buyer.message, signature: `0x${"11".repeat(64)}` as const } };
    const stolen = { ...good.proofs.seller, certificate: other.proofs.buyer.certificate };
    const cases: readonly (readonly [body: string, status: number, code: string])[] = [
      ["", 400, "Malformed"],
      ["{}", 400, "Malformed"],
      [JSON.stringify(json, null, 1), 400, "Malformed"],
      [canonicalJson({ ...json, more: 1 }), 400, "Malformed"],
      [`"${"x".repeat(20_000)}"`, 400, "Malformed"],
      [textOf({ ...good, deal: { ...good.deal, price: 99n } }), 400, "BadAgreement"],
      [textOf({ ...good, proofs: other.proofs }), 400, "BadAgreement"],
      [textOf({ ...good, proofs: { ...good.proofs, buyer: forged } }), 400, "BadAgreement"],
      [textOf({ ...good, proofs: { ...good.proofs, seller: stolen } }), 400, "BadAgreement"],
      [textOf({ ...good, proofs: { buyer: good.proofs.buyer, seller: good.proofs.buyer } }), 400, "BadAgreement"],
      [textOf(await stage.agree({ price: 10n ** 12n })), 422, "DealLimitExceeded"],
    ];
    const block = await stage.rpc.reads.getBlockNumber({ cacheTime: 0 });
    for (const [body, status, code] of cases) {
      const answer = await post(url, body);
      assert.deepEqual([answer.status, answer.body.code], [status, code], body.slice(0, 80));
    }
    assert.equal((await fetch(`${url}/commitments`)).status, 405);
    assert.equal((await fetch(url, { method: "POST", body: "{}" })).status, 404);
    assert.equal(await stage.rpc.reads.getBlockNumber({ cacheTime: 0 }), block, "nothing was sent");
    assert.equal((await post(url, textOf(good))).status, 200);
    assert.deepEqual((await post(url, textOf(good))).body.code, "NegotiationUsed");
  });

  it("asks to come again who comes too often, or where too much is under way", async () => {
    const few = await start("few", { perMinute: 2 });
    const answers = [await post(few.url, "{}"), await post(few.url, "{}"), await post(few.url, "{}")];
    assert.deepEqual(
      answers.map(({ status }) => status),
      [400, 400, 429],
    );
    assert.deepEqual([answers[2]?.body.code, answers[2]?.retryAfter], ["TooManyRequests", "60"]);
    const full = await start("full", { mostWaiting: 1, batch: { most: 2, waitMs: 1_500 } });
    const first = post(full.url, textOf(await stage.agree()));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const second = await post(full.url, textOf(await stage.agree()));
    assert.deepEqual([second.status, second.body.code], [429, "QueueFull"]);
    assert.equal((await first).status, 200);
  });

  it("brings what it has signed to its end after a crash, though nobody asks for it again", async () => {
    const agreements = [await stage.agree(), await stage.agree()];
    const dying = await start("dying", { batch: { most: 2, waitMs: 5_000 } }, node.url);
    node.mood = ([method]) => (method === "eth_sendRawTransaction" ? "hangUp" : "answer");
    const answers = agreements.map((one) => post(dying.url, textOf(one)).catch(() => null));
    await until(async () => told.some((one) => one.event === "trouble" && one.code === "NotTaken"));
    await dying.stop();
    running = [];
    for (const one of await Promise.all(answers)) assert.notEqual(one?.status, 200);
    assert.deepEqual(await statuses(agreements), ["None", "None"]);
    node.mood = () => "answer";
    await start("dying", {}, node.url);
    await until(async () => (await statuses(agreements)).join() === "Committed,Committed");
  });

  it("is gone around by an agent where it doesn't answer, lies, or is asked too late", async () => {
    const troubles: ParleyError[] = [];
    const { deployment } = stage.rehearsal;
    let asked = 0;
    const [earlier] = [await stage.agree()];
    const { transaction } = await stage.rehearsal.chain.commit(earlier.deal, earlier.proofs);
    const liar = createServer((_request, response) => {
      asked++;
      response.end(JSON.stringify({ transaction, block: "1", gasUsed: "1" }));
    });
    await new Promise<void>((resolve) => liar.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    const own = new SettlementChain(stage.rpc, new Sender(stage.rpc, stage.buyer.wallet), deployment);
    const onTrouble = (error: ParleyError) => troubles.push(error);
    const lied = new RemoteRelay(stage.rpc, deployment, own, { url, onTrouble });
    const soon = (await stage.rehearsal.chain.time()) + 200;
    const agreements = [await stage.agree(), await stage.agree({ commitBy: soon }), await stage.agree()];
    for (const { deal, proofs } of agreements.slice(0, 2)) await lied.commit(deal, proofs);
    assert.equal(asked, 1, "what is urgent is left to nobody");
    assert.match(troubles[0]?.message ?? "", /doesn't commit the deal/);
    liar.close().closeAllConnections();
    const [, , last] = agreements as [Agreement, Agreement, Agreement];
    await lied.commit(last.deal, last.proofs);
    assert.deepEqual(
      troubles.map(({ code }) => code),
      ["RelayFailed", "RelayFailed"],
    );
    assert.deepEqual(await statuses(agreements), ["Committed", "Committed", "Committed"]);
    const { url: good } = await start("good");
    const kept = new RemoteRelay(stage.rpc, deployment, own, { url: good, onTrouble });
    const helped = await stage.agree();
    const nonce = await nonceOfBuyer();
    assert.equal((await kept.commit(helped.deal, helped.proofs)).gasUsed, 0n);
    assert.deepEqual(await statuses([helped]), ["Committed"]);
    assert.equal(await nonceOfBuyer(), nonce);
    assert.equal(troubles.length, 2);
  });

  it("is waited for no longer once the agent stops, which then signs nothing by itself", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const own = { commit: () => assert.fail("it was stopped") };
    const onTrouble = (error: ParleyError) => assert.fail(error);
    const relay = new RemoteRelay(stage.rpc, stage.rehearsal.deployment, own, { url, onTrouble });
    const { deal, proofs } = await stage.agree();
    const arrived = new Promise((resolve) => silent.once("request", resolve));
    const committing = relay.commit(deal, proofs);
    await arrived;
    relay.stop();
    await assert.rejects(committing, { code: "Stopped", retryable: true });
    silent.close().closeAllConnections();
  });

  async function start(name: string, more: JsonObject = {}, rpc = embedded.url): Promise<RunningRelay> {
    const config = parseRelayConfig({
      ...{ rpc, deployment: { ...stage.rehearsal.deployment }, keys: "none", listen: "http://127.0.0.1:0" },
      ...{ journal: join(folder, `${name}.sqlite`), batch: { most: 2, waitMs: 10 }, ...more },
    });
    const relay = await startRelay(config, wallet, (event) => told.push(event));
    running.push(relay);
    return relay;
  }

  async function statuses(agreements: readonly Agreement[]): Promise<string[]> {
    const { chain } = stage.rehearsal;
    const positions = agreements.map(({ deal, transcript }) => chain.position(deal, transcript));
    return (await Promise.all(positions)).map(({ status }) => status);
  }

  function nonceOfBuyer(): Promise<number> {
    const { address } = new Sender(stage.rpc, stage.buyer.wallet);
    return stage.rpc.reads.getTransactionCount({ address });
  }
});

describe("an agent that leaves its commitments to a relay", () => {
  it("settles as ever, and the relay has committed", async () => {
    const stage = await DeliveryStage.prepare();
    const told: RelayEvent[] = [];
    const digest = `0x${"ee".repeat(32)}`;
    const config = parseRelayConfig({
      ...{ rpc: stage.url, deployment: { ...stage.rehearsal.deployment }, keys: "none" },
      ...{ listen: "http://127.0.0.1:0", journal: join(stage.folder, "relay.sqlite") },
      batch: { most: 2, waitMs: 10 },
    });
    const relay = await startRelay(config, new Secret(DEVELOPMENT_KEY), (event) => told.push(event));
    const selling = await stage.sell("relayed", { deliver: digest });
    const wish = { terms: { category: "data", digest, lines: [{ what: "pictures", amount: "1", unit: "each" }] } };
    const buying = await stage.buy("relayed.buyer", selling.agent.address ?? "", wish, { relay: relay.url });
    for (const side of [selling, buying]) assert.equal((await side.event("outcome")).outcome, "settled");
    const act = await buying.event("act", (one) => one.act === "commit");
    const committed = told.find((one) => one.event === "committed");
    assert.equal(committed?.event === "committed" && committed.transaction, act.transaction);
    assert.deepEqual(
      buying.told.filter(({ event }) => event === "trouble"),
      [],
    );
    await relay.stop();
    await stage.close();
  });
});

function textOf({ deal, proofs }: Agreement): string {
  return canonicalJson(agreementToJson({ deal, proofs }));
}

async function post(url: string, body: string): Promise<Answer> {
  const response = await fetch(`${url}/commitments`, { method: "POST", body });
  const retryAfter = response.headers.get("retry-after");
  return { status: response.status, retryAfter, body: (await response.json()) as Answer["body"] };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}
