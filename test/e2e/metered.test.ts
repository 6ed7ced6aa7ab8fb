import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { ZERO_32 } from "../../offchain/kernel/ids.ts";
import { gatherEvidence, negotiationsIn } from "../../offchain/node/evidence.ts";
import { openJournal } from "../../offchain/node/journal.ts";
import { verifier } from "../../offchain/node/verifier.ts";
import { judgeLevels } from "../../offchain/settlement/metering/sla.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { readingsIn } from "../../offchain/transcript/evidence/attached-readings.ts";
import { bundleFromJson, bundleToJson } from "../../offchain/transcript/evidence/bundle.ts";
import { type Acting, DeliveryStage, type Wish } from "./delivery-stage.ts";

/** One interval is 100 calls, at 5 each: the price of 5,000 pays for a thousand. */
const [UNIT_PRICE, EVERY] = [5, 100];

/** Calls that are made at a time. */
const CALLERS = 4;

const METERED = { reviewPeriod: 0, deliverWithin: 3_600 };

interface Places {
  readonly listen: string;
  readonly serves: string;
}

describe("calls that are sold by one agent to another", () => {
  let stage: DeliveryStage;
  let api: Server;
  let upstream: string;
  let served = 0;

  before(async () => {
    stage = await DeliveryStage.prepare();
    api = createServer((request, response) => {
      served++;
      response.end(request.url);
    });
    await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
    upstream = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    await stage.stopAll();
    served = 0;
  });
  after(async () => {
    api.close().closeAllConnections();
    await stage.close();
  });

  it("are a thousand, with a receipt for each hundred, through restarts of either side, and one claim at the end", async () => {
    const before = await balances();
    let selling = await sell("thousand");
    const places = { listen: selling.agent.address ?? "", serves: selling.agent.delivery.serves ?? "" };
    let buying = await buy("thousand", places);
    await callOut(buying, 300);
    await stage.stop(buying);
    buying = await buy("thousand", places);
    await callOut(buying, 250);
    await stage.stop(selling);
    selling = await sell("thousand", places.listen, places.serves);
    await callOut(buying, 450);
    assert.equal(served, 1_000);
    // The price is used up, so the buyer signs for all of it, and nothing is left to wait for.
    assert.equal((await selling.event("outcome")).outcome, "settled");
    assert.equal((await buying.event("outcome")).outcome, "settled");
    const now = await balances();
    assert.deepEqual([now.buyer - before.buyer, now.seller - before.seller], [-5_000n, 5_000n]);
    const acts = [...selling.told].flatMap((event) => (event.event === "act" ? [event.act] : []));
    assert.deepEqual(acts, ["close"], "all receipts are worth one claim");
    await stage.stop(buying);
    await hasReadings("thousand", 1_000);
  });

  it("are counted and paid right, though both processes are killed while they call", async () => {
    const before = await balances();
    const first = await stage.sellApart("killed.seller", sellerOf());
    const [{ address }, { serves }] = [await first.event("ready"), await first.event("delivery")];
    const places = { listen: address ?? "", serves: serves ?? "" };
    const wish = wishOf(places, 2);
    const buyer = await stage.buyApart("killed.buyer", places.listen, wish, intakeOf("killed", places));
    const { calls } = await buyer.event("delivery");
    let answered = 0;
    const calling = callAt(calls ?? "", 600).then(() => {
      answered = 600;
    });
    await until(() => served >= 150);
    first.kill();
    await first.exited;
    const second = await stage.sellApart("killed.seller", sellerOf(places.listen, places.serves));
    await until(() => served >= 400);
    buyer.kill();
    await buyer.exited;
    const heir = await stage.buyApart("killed.buyer", places.listen, wish, intakeOf("killed", places, calls ?? ""));
    await calling;
    // The last receipt is signed before two seconds are over; then nothing more is said.
    const receipts = () => second.events.filter((event) => event.event === "said" && event.kind === "RECEIPT").length;
    await settled(receipts, 80);
    await stage.rehearsal.passTime(METERED.deliverWithin + 1);
    assert.equal((await second.event("outcome")).outcome, "settled");
    const now = await balances();
    const paid = Number(now.seller - before.seller);
    assert.equal(Number(before.buyer - now.buyer), paid);
    assert.equal(answered, 600);
    assert.ok(served >= 600);
    // What was under way at a kill may be counted and not served, or served and its answer lost: it is paid for, up to one interval in all.
    const underWay = 2 * CALLERS;
    assert.ok(paid <= UNIT_PRICE * (served + underWay), `${paid} paid for ${served} served`);
    assert.ok(paid >= UNIT_PRICE * 600, `${paid} paid for ${served} served`);
    await heir.stop();
  });

  it("are paid by a claim of what was receipted, where they are fewer than the price is for", async () => {
    const before = await balances();
    const selling = await sell("fewer");
    const places = { listen: selling.agent.address ?? "", serves: selling.agent.delivery.serves ?? "" };
    const buying = await buy("fewer", places, 1);
    await callOut(buying, 30);
    await selling.event("said", ({ kind, by }) => kind === "RECEIPT" && by === "peer");
    await stage.rehearsal.passTime(METERED.deliverWithin + 1);
    assert.equal((await buying.event("outcome")).outcome, "settled");
    const now = await balances();
    const [session] = buying.agent.dealer.sessions;
    assert.ok(session?.state.phase === "agreed");
    const { receipted } = session.state.fulfilment;
    assert.ok(receipted > 0n && receipted <= 150n, String(receipted));
    assert.deepEqual([now.buyer - before.buyer, now.seller - before.seller], [-receipted, receipted]);
  });

  it("go on for one interval where the buyer stops paying", async () => {
    const selling = await sell("unpaid");
    const places = { listen: selling.agent.address ?? "", serves: selling.agent.delivery.serves ?? "" };
    const buying = await buy("unpaid", places);
    await callOut(buying, 150);
    // What was said stays said; from now on nothing it says arrives.
    const { dealHash, transcript } = await buying.event("agreed");
    const [session] = buying.agent.dealer.sessions;
    assert.ok(session?.state.phase === "agreed");
    const paid = Number(session.state.fulfilment.receipted) / UNIT_PRICE;
    session.speak = () => new Promise(() => undefined);
    const url = `${buying.agent.delivery.calls}/x`;
    let more = 0;
    const calling = (async () => {
      for (;;) {
        await fetch(url, { headers: { "parley-deal": dealHash } });
        more++;
      }
    })().catch(() => undefined);
    await settled(() => served);
    assert.equal(served - paid, EVERY, "it serves no more than one interval on credit");
    assert.equal((await fetch(`${places.serves}/${dealHash}/${transcript}/x`)).status, 401);
    assert.ok(more > 0);
    await stage.stopAll();
    await calling;
  });

  function sell(name: string, listen?: string, serving?: string): Promise<Acting> {
    return stage.sell(`${name}.seller`, sellerOf(listen, serving));
  }

  function sellerOf(listen = "ws://127.0.0.1:0", serving = "http://127.0.0.1:0"): JsonObject {
    const meter = { upstream, leastUnitPrice: String(UNIT_PRICE), mostCredit: String(UNIT_PRICE * EVERY) };
    return { listen, deliver: { meter, listen: serving } };
  }

  function buy(name: string, places: Places, everySeconds?: number): Promise<Acting> {
    return stage.buy(`${name}.buyer`, places.listen, wishOf(places, everySeconds), intakeOf(name, places));
  }

  function intakeOf(name: string, { serves }: Places, calls = "http://127.0.0.1:0"): JsonObject {
    return { intake: { folder: join(stage.folder, `${name}.bought`), allow: [serves], calls } };
  }

  function wishOf({ serves }: Places, everySeconds = 3_600): Wish {
    const terms = {
      ...{ category: "api", lines: [{ what: "translations", amount: "1000", unit: "call" }] },
      delivery: {
        ...{ by: "meter", url: serves, unit: "call", unitPrice: String(UNIT_PRICE) },
        ...{ everyCalls: EVERY, everySeconds },
      },
    };
    return { terms, deal: METERED };
  }

  /** Makes so many calls as an application does, some at a time. */
  async function callOut({ agent }: Acting, count: number): Promise<void> {
    await callAt(agent.delivery.calls ?? "", count);
  }

  async function callAt(calls: string, count: number): Promise<void> {
    const url = `${calls}/translate?word=bond`;
    let left = count;
    const caller = async () => {
      while (left-- > 0) {
        for (;;) {
          const response = await fetch(url, { headers: { "parley-deal": "newest" } }).catch(() => null);
          if (response?.status === 200) break;
          // The deal may not be on the chain yet, or one of the two not back.
          const because = /NothingBought|UnknownDeal|SellerUnreachable|CallLost|ReceiptUnheard|Interrupted|MeterClosed/;
          if (response !== null) assert.match(await response.text(), because);
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
  }

  /** What the buyer has measured, as evidence that anybody can verify. */
  async function hasReadings(name: string, calls: number): Promise<void> {
    const folder = join(stage.folder, `${name}.bought`);
    const [file = ""] = (await readdir(folder)).filter((one) => one.endsWith(".readings.json"));
    const document = JSON.parse(await readFile(join(folder, file), "utf8")) as JsonObject;
    const journal = openJournal({ journal: join(stage.folder, `${name}.buyer.sqlite`), witness: null });
    const { deployment } = stage.rehearsal;
    const [kept] = await negotiationsIn(journal, deployment);
    const shown = { proposal: true, terms: true };
    const bundle = await gatherEvidence(journal, deployment, kept?.half ?? ZERO_32, shown, null, verifier);
    await journal.close();
    const attached = bundleFromJson(bundleToJson({ ...bundle, attachments: [document] }));
    const readings = await readingsIn(verifier, attached);
    // What failed while the seller was away was tried again.
    assert.equal(
      readings.reduce((sum, reading) => sum + reading.calls - reading.failures, 0),
      calls,
    );
    assert.ok(readings.every(({ reader }) => reader === stage.buyer.agent));
    const quick = { measure: "latency-p99", bound: "most", amount: "0", unit: "second" } as const;
    assert.ok(judgeLevels([quick], readings).share < 10_000, "a level that nobody can keep is breached");
    const [first] = (document["readings"] as string[]).map((one) => one.split("."));
    const forged = { ...document, readings: [[first?.[0], first?.[1], "A".repeat(86)].join(".")] };
    await assert.rejects(readingsIn(verifier, { ...bundle, attachments: [forged] }), { code: "ReadingRefused" });
    const renamed = bundleToJson({ ...bundle, attachments: [document] });
    const swapped = { ...renamed, attachments: { [ZERO_32]: document } };
    assert.throws(() => bundleFromJson(swapped), { code: "Malformed" });
    assert.equal(bundleToJson(bundle)["version"], 1);
  }

  async function balances() {
    const { chain, token } = stage.rehearsal;
    return {
      buyer: await chain.free(stage.buyer.agent, token),
      seller: await chain.free(stage.seller.agent, token),
    };
  }
});

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Waits until a figure has stood still for so many looks. */
async function settled(look: () => number, looks = 20): Promise<void> {
  for (let [last, still] = [look(), 0]; still < looks; ) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    still = look() === last ? still + 1 : 0;
    last = look();
  }
}
