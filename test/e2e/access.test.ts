import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { DisputeRecords } from "../../offchain/adapters/chain/dispute-records.ts";
import { connectRpc } from "../../offchain/adapters/chain/rpc.ts";
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import { FileSource } from "../../offchain/adapters/evidence/source.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import { openCase } from "../../offchain/node/case-file.ts";
import type { RehearsalCourt } from "../../offchain/node/rehearsal-court.ts";
import { decide } from "../../offchain/settlement/disputes/rules.ts";
import { tell } from "../../offchain/settlement/disputes/telling.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { parley } from "../offchain/cli/parley.ts";
import { type Acting, DeliveryStage } from "./delivery-stage.ts";

const [CALLS, SECONDS] = [1_000, 3_600];

/** Half of the review is for judging. */
const REVIEW = 2 * SECONDS;

const AVAILABLE = { measure: "availability", bound: "least", amount: "99", unit: "percent" };
const QUICK = { measure: "latency-p95", bound: "most", amount: "20", unit: "second" };

interface Places {
  readonly listen: string;
  readonly serves: string;
}

describe("access to an API that one agent sells to another", () => {
  let stage: DeliveryStage;
  let court: RehearsalCourt;
  let records: DisputeRecords;
  let api: Server;
  let upstream: string;
  let answer: RequestListener;

  before(async () => {
    stage = await DeliveryStage.prepare();
    court = await stage.rehearsal.openCourt(3);
    records = new DisputeRecords(await connectRpc(stage.url), stage.rehearsal.deployment);
    api = createServer((request, response) => answer(request, response));
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    upstream = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  });
  afterEach(() => stage.stopAll());
  after(async () => {
    api.close().closeAllConnections();
    await stage.close();
  });

  it("is accepted and paid once its time is over and the levels were kept, through restarts of either side", async () => {
    answer = (_, response) => response.end("fine");
    const before = await balances();
    const disputes = { open: "auto", evidence: { folder: join(stage.folder, "kept.shelf") } };
    let selling = await sell("kept", disputes);
    const places = placesOf(selling);
    let buying = await buy("kept", places, disputes);
    await callOut(buying, 20);
    await stage.stop(buying);
    buying = await buy("kept", places, disputes);
    await callOut(buying, 20);
    await stage.stop(selling);
    selling = await sell("kept", disputes, places.listen, places.serves);
    await callOut(buying, 20);
    const { dealHash } = dealOf(buying);
    assert.equal((await records.find(dealHash)).status, "Delivered", "nothing is decided while it runs");
    await stage.rehearsal.passTime(SECONDS + 1);
    assert.equal((await buying.event("outcome")).outcome, "settled");
    assert.equal((await selling.event("outcome")).outcome, "settled");
    assert.deepEqual(acts(buying), ["accept"]);
    const now = await balances();
    assert.deepEqual([now.buyer - before.buyer, now.seller - before.seller], [-5_000n, 5_000n]);
    assert.deepEqual(await readdir(join(stage.folder, "kept.bought")), [`${dealHash}.readings.json`]);
    const late = await fetch(buying.agent.delivery.calls ?? "", { headers: { "parley-deal": "newest" } });
    assert.equal(late.status, 502, "no more calls are made for it");
  });

  it("is disputed by itself where the levels were not kept, with the readings for everybody to verify", async () => {
    let asked = 0;
    answer = (_, response) => response.writeHead(++asked % 4 === 0 ? 503 : 200).end("well");
    const shelves = { buyer: join(stage.folder, "b.shelf"), seller: join(stage.folder, "s.shelf") };
    let selling = await sell("broken", { evidence: { folder: shelves.seller } });
    const places = placesOf(selling);
    const disputes = { open: "auto", evidence: { folder: shelves.buyer } };
    let buying = await buy("broken", places, disputes);
    await callOut(buying, 20);
    await stage.stop(selling);
    selling = await sell("broken", { evidence: { folder: shelves.seller } }, places.listen, places.serves);
    await callOut(buying, 20);
    // While the buyer is away, its service ends.
    await stage.stop(buying);
    await stage.rehearsal.passTime(SECONDS + 1);
    buying = await buy("broken", places, disputes);
    await buying.event("act", ({ act }) => act === "dispute");
    await selling.event("act", ({ act }) => act === "answer");
    const { dealHash } = dealOf(buying);
    const { claim, answer: said } = await records.find(dealHash);
    // Of 40 calls 10 came to nothing: each counts with the part of 99 percent that its hour came to.
    assert.equal(claim?.share, 7_575);
    assert.equal(said?.share, 7_575, "the seller states what it has measured itself");
    for (const [shelf, hash] of [
      [shelves.buyer, claim?.evidence],
      [shelves.seller, said?.evidence],
    ] as const) {
      const file = join(shelf, `${hash?.slice(2)}.json`);
      const verified = await parley("evidence", "verify", file);
      assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    }
    const bundle = JSON.parse(await readFile(join(shelves.buyer, `${claim?.evidence.slice(2)}.json`), "utf8"));
    const [attached] = Object.values(bundle.attachments as JsonObject);
    const readings = await readFile(join(stage.folder, "broken.bought", `${dealHash}.readings.json`), "utf8");
    assert.deepEqual(attached, JSON.parse(readings));
    // One signature that is off, and the whole bundle is worth nothing.
    const forged = join(stage.folder, "forged.json");
    const text = JSON.stringify(bundle).replace(/"(ey[\w-]+\.[\w-]+)\.[\w-]+"/, `"$1.${"A".repeat(86)}"`);
    await writeFile(forged, text);
    assert.equal((await parley("evidence", "verify", forged)).code, 1);
    const bytes = await readFile(join(shelves.seller, `${said?.evidence.slice(2)}.json`));
    const summary = await caseOf(dealHash, shelves.buyer, bytes);
    const signed = summary.measured.map(({ by, calls, failures, judgement }) => [by, calls, failures, judgement.share]);
    assert.deepEqual(signed.sort(), [
      ["buyer", 40, 10, 7_575],
      ["seller", 40, 10, 7_575],
    ]);
    assert.equal(summary.isAsAgreed, true, "what was recorded is the access that the terms are about");
    assert.match(tell(summary, String).join("\n"), /the buyer: 40 calls, 10 failures; .*75\.75 % to the seller/);
    const verdict = decide(summary);
    assert.ok("decide" in verdict && verdict.decide === 7_575, JSON.stringify(verdict));
  });

  it("comes to no arbitrator over a trifle: the seller takes the buyer's figure where its own is close to it", async () => {
    let asked = 0;
    answer = (_, response) => response.writeHead(++asked % 4 === 0 ? 503 : 200).end("well");
    const selling = await sell("close", { concedes: 100 });
    // It says that a little less is due than both have measured.
    const disputes = { open: "auto", share: 7_500, evidence: { folder: join(stage.folder, "close.shelf") } };
    const buying = await buy("close", placesOf(selling), disputes);
    await callOut(buying, 40);
    await stage.rehearsal.passTime(SECONDS + 1);
    assert.equal((await buying.event("outcome")).outcome, "split");
    const { claim, answer: said, payout } = await records.find(dealOf(buying).dealHash);
    assert.deepEqual([claim?.share, said?.share, payout?.outcome], [7_500, 7_500, "Agreed"]);
    assert.equal([...acts(buying), ...acts(selling)].includes("refer"), false);
  });

  it("is accepted where so little was missing that it isn't worth a dispute", async () => {
    let asked = 0;
    answer = (_, response) => response.writeHead(++asked === 7 ? 503 : 200).end("well");
    const selling = await sell("trifle");
    const shelf = { folder: join(stage.folder, "trifle.shelf") };
    const buying = await buy("trifle", placesOf(selling), { open: "auto", least: 200, evidence: shelf });
    // 97.5 of 99 percent.
    await callOut(buying, 40);
    await stage.rehearsal.passTime(SECONDS + 1);
    assert.equal((await buying.event("outcome")).outcome, "settled");
    assert.equal(acts(buying).at(-1), "accept");
    assert.equal(acts(buying).includes("dispute"), false);
  });

  it("is accepted though the buyer's process was killed with calls under way: that says nothing about the seller", async () => {
    const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>();
    let [asked, isHeld] = [0, false];
    answer = async (_, response) => {
      asked++;
      if (isHeld) await goOn;
      response.end("fine");
    };
    const selling = await sell("killed");
    const places = placesOf(selling);
    const wish = wishOf(places, [{ ...AVAILABLE, amount: "100" }]);
    const disputes = { open: "auto", evidence: { folder: join(stage.folder, "killed.shelf") } };
    const more = intakeOf("killed", places, disputes);
    const first = await stage.buyApart("killed.buyer", places.listen, wish, more);
    const { calls } = await first.event("delivery");
    await callOutAt(calls ?? "", 5);
    isHeld = true;
    const lost = Promise.allSettled([1, 2, 3].map(() => callAt(calls ?? "")));
    await until(async () => asked === 8);
    first.kill();
    await first.exited;
    await lost;
    letGo();
    isHeld = false;
    const second = await stage.buyApart("killed.buyer", places.listen, wish, more);
    await callOutAt((await second.event("delivery")).calls ?? "", 5);
    await stage.rehearsal.passTime(SECONDS + 1);
    assert.equal((await second.event("outcome")).outcome, "settled");
    assert.equal((await selling.event("outcome")).outcome, "settled");
  });

  it("is left to people where they want it so, with the command; a gate that never served is due nothing", async () => {
    answer = (_, response) => response.end();
    const selling = await sell("shut");
    const places = placesOf(selling);
    const evidence = { folder: join(stage.folder, "shut.shelf") };
    // The gate is gone as soon as it is paid for; the seller's agent may be what it likes.
    const buying = await buy("shut", places, { evidence }, [QUICK]);
    await selling.event("act", ({ act }) => act === "deliver");
    await stage.stop(selling);
    await until(async () => !/NothingBought/.test(await (await callOnce(buying)).text()));
    await stage.rehearsal.passTime(SECONDS + 1);
    const { hint, message } = await buying.event("trouble", ({ code }) => code === "NotAsAgreed");
    assert.match(message, /none of 1 calls was answered/);
    assert.match(hint ?? "", /parley dispute open .*--share 0 --bundle /);
  });

  it("is refused before anybody is bound where the review ends before it can be judged, or it is more than is sold", async () => {
    const selling = await sell("refused");
    const places = placesOf(selling);
    for (const [name, reviewPeriod, calls] of [
      ["long", REVIEW, CALLS + 1],
      ["other", REVIEW, CALLS],
    ] as const) {
      const levels = name === "other" ? [{ ...AVAILABLE, measure: "kindness" }] : [AVAILABLE];
      const wish = wishOf(places, levels, calls);
      const start = stage.buy(
        `${name}.buyer`,
        places.listen,
        { ...wish, deal: { ...wish.deal, reviewPeriod } },
        intakeOf(name, places, {}),
      );
      if (name === "other") await assert.rejects(start, { code: "Malformed", facts: { path: "open.proposal" } });
      else assert.equal((await (await start).event("ended")).code, "ProposalRefused");
    }
    const { intake, ...more } = intakeOf("small", places, {});
    const small = { ...more, intake: { ...(intake as JsonObject), mostCallBytes: 1_000 } };
    await assert.rejects(stage.buy("small.buyer", places.listen, wishOf(places, [AVAILABLE]), small), {
      code: "Malformed",
      facts: { path: "intake.mostCallBytes" },
    });
  });

  function sell(name: string, disputes: JsonObject = {}, listen = "ws://127.0.0.1:0", at = "http://127.0.0.1:0") {
    const access = { upstream, mostCalls: CALLS, mostSeconds: SECONDS };
    return stage.sell(`${name}.seller`, { listen, deliver: { access, listen: at }, disputes });
  }

  function placesOf({ agent }: Acting): Places {
    return { listen: agent.address ?? "", serves: agent.delivery.serves ?? "" };
  }

  function buy(name: string, places: Places, disputes: JsonObject, levels: JsonObject[] = [AVAILABLE, QUICK]) {
    return stage.buy(`${name}.buyer`, places.listen, wishOf(places, levels), intakeOf(name, places, disputes));
  }

  function intakeOf(name: string, { serves }: Places, disputes: JsonObject): JsonObject {
    const folder = join(stage.folder, `${name}.bought`);
    return { intake: { folder, allow: [serves], calls: "http://127.0.0.1:0" }, disputes };
  }

  function wishOf({ serves }: Places, levels: JsonObject[], calls = CALLS) {
    const terms = {
      ...{ category: "api", lines: [{ what: "translations", amount: "1000", unit: "call" }], levels },
      delivery: { by: "access", url: serves, calls, seconds: SECONDS },
    };
    const fees = { arbitrator: court.address, maxFee: court.fee, rulingWithin: court.longestS + 7_200 };
    return { terms, deal: { ...fees, reviewPeriod: REVIEW } };
  }

  function callOnce({ agent }: Acting): Promise<Response> {
    return callAt(agent.delivery.calls ?? "");
  }

  function callAt(calls: string): Promise<Response> {
    return fetch(`${calls}/x`, { headers: { "parley-deal": "newest" } });
  }

  async function callOut({ agent }: Acting, count: number): Promise<void> {
    await callOutAt(agent.delivery.calls ?? "", count);
  }

  /** So many calls that reach the seller, whatever it answers. */
  async function callOutAt(calls: string, count: number): Promise<void> {
    for (let made = 0; made < count; ) {
      const response = await callAt(calls);
      const text = await response.text();
      // The delivery may not be seen yet.
      if (/NothingBought/.test(text)) await pause(20);
      else {
        assert.ok(response.status === 200 || response.status === 503, text);
        made++;
      }
    }
  }

  function dealOf({ agent }: Acting): { readonly dealHash: Bytes32 } {
    const [session] = agent.dealer.sessions;
    assert.ok(session?.state.phase === "agreed");
    return session.state.agreement;
  }

  async function caseOf(dealHash: Bytes32, folder: string, bytes: Uint8Array) {
    const office = { chain: stage.rehearsal.chain, crypto: new NodeCrypto(), source: new FileSource({ folder }) };
    return await openCase(office, await records.find(dealHash), null, [{ origin: "the seller's file", bytes }]);
  }

  async function balances() {
    const { chain, token } = stage.rehearsal;
    const of = ({ agent }: { readonly agent: bigint }) => chain.free(agent, token);
    return { buyer: await of(stage.buyer), seller: await of(stage.seller) };
  }
});

function acts({ told }: Acting): string[] {
  return told.flatMap((event) => (event.event === "act" ? [event.act] : []));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(20);
}
