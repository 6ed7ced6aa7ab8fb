import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { type Acting, DeliveryStage } from "./delivery-stage.ts";

const GOODS = Buffer.from("forty thousand street scenes ".repeat(5_000));
const DIGEST = `0x${createHash("sha256").update(GOODS).digest("hex")}`;

describe("an artifact that is sold by one agent to another", () => {
  let stage: DeliveryStage;
  let file: string;

  before(async () => {
    stage = await DeliveryStage.prepare();
    file = join(stage.folder, "goods");
  });
  afterEach(() => stage.stopAll());
  after(() => stage.close());

  it("is fetched, found good and paid for", async () => {
    const selling = await sell("good");
    const buying = await buy("good", selling);
    assert.equal((await buying.event("outcome")).outcome, "settled");
    assert.equal((await selling.event("outcome")).outcome, "settled");
    const { dealHash } = await buying.event("agreed");
    assert.deepEqual(await readFile(join(stage.folder, "good.bought", dealHash)), GOODS);
    assert.deepEqual(acts(buying), ["commit", "accept"]);
  });

  it("is served by a seller that starts anew after it has delivered", async () => {
    const first = await sell("anew");
    // A buyer that fetches nothing yet, since it may not ask there.
    const denied = await buy("anew", first, {}, { allow: [] });
    await first.event("act", ({ act }) => act === "deliver");
    await denied.event("trouble", ({ code }) => code === "AddressRefused");
    await stage.stop(denied);
    const { serves } = first.agent.delivery;
    const [address, listen] = [first.agent.address ?? "", serves ?? ""];
    await stage.stop(first);
    const second = await sell("anew", { listen: address, deliver: { artifact: file, listen } });
    const buying = await buy("anew", second);
    assert.equal((await buying.event("outcome")).outcome, "settled");
    assert.ok(!acts(second).includes("deliver"), "it was delivered before");
  });

  it("of other bytes than were agreed is disputed, where the deal names an arbitrator", async () => {
    const court = await stage.rehearsal.openCourt(3);
    const selling = await sell("bad");
    await writeFile(file, Buffer.alloc(GOODS.length));
    const deal = { arbitrator: court.address, maxFee: court.fee, rulingWithin: court.longestS + 7_200 };
    const disputes = { open: "auto", evidence: { folder: join(stage.folder, "bad.shelf") } };
    const buying = await buy("bad", selling, deal, {}, {}, { disputes });
    await buying.event("act", ({ act }) => act === "dispute");
    await selling.event("act", ({ act }) => act === "answer");
    const { dealHash } = await buying.event("agreed");
    const kept = (await readdir(join(stage.folder, "bad.bought"))).sort();
    assert.deepEqual(kept, [`${dealHash}.asked`, `${dealHash}.rejected`, `${dealHash}.report.json`]);
  });

  it("that the seller hasn't got is refused before anybody is bound", async () => {
    const selling = await sell("other");
    const buying = await buy("other", selling, {}, {}, { digest: `0x${"0d".repeat(32)}` });
    const { code, by } = await buying.event("ended");
    assert.deepEqual([code, by], ["ProposalRefused", "peer"]);
  });

  async function sell(name: string, more: JsonObject = {}): Promise<Acting> {
    await writeFile(file, GOODS);
    const deliver = { artifact: file, listen: "http://127.0.0.1:0" };
    return await stage.sell(`${name}.seller`, { deliver, ...more });
  }

  function buy(
    name: string,
    { agent }: Acting,
    deal = {},
    intake: JsonObject = {},
    terms: JsonObject = {},
    more: JsonObject = {},
  ): Promise<Acting> {
    const url = agent.delivery.serves ?? "";
    const sold: JsonObject = {
      ...{ category: "data", digest: DIGEST, lines: [{ what: "street scenes", amount: "40000", unit: "each" }] },
      ...{ delivery: { by: "artifact", url, bytes: GOODS.length }, ...terms },
    };
    const folder = join(stage.folder, `${name}.bought`);
    return stage.buy(
      `${name}.buyer`,
      agent.address ?? "",
      { terms: sold, deal },
      { intake: { folder, allow: [url], ...intake }, ...more },
    );
  }
});

function acts({ told }: Acting): string[] {
  return told.flatMap((event) => (event.event === "act" ? [event.act] : []));
}
