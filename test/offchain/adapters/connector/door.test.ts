import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { openDoor } from "../../../../offchain/adapters/connector/meter/door.ts";
import { MemoryJournal } from "../../../../offchain/adapters/journal/memory/journal.ts";
import { ParleyError } from "../../../../offchain/kernel/errors.ts";
import { meterRig, wallet } from "./metered-api.ts";

describe("a door to calls that were bought", () => {
  const { api, closing, sell, buy } = meterRig();

  it("is for programs of this machine, and for no web page", async () => {
    const money = wallet();
    const { gate } = await sell(money, new MemoryJournal());
    const buyer = await buy(gate.url, money, new MemoryJournal());
    const troubles: string[] = [];
    const door = await openDoor("http://127.0.0.1:0", {
      call: (deal, request) => {
        if (deal === "0x00") throw new ParleyError("NothingBought", "no such deal", { hint: "name another" });
        return buyer.call(request);
      },
      ...{ mostBytes: 1_000, mostCalls: 10 },
      onTrouble: ({ code }) => troubles.push(code),
    });
    closing.push(() => door.close());
    const named = { "parley-deal": "newest" };
    const post = (length: number) =>
      fetch(`${door.url}/hello?x=1`, { method: "POST", headers: named, body: "a".repeat(length) });
    const answer = await post(1_000);
    assert.deepEqual([answer.status, await answer.text()], [200, "/v1/hello?x=1"]);
    assert.equal((await post(1_001)).status, 413);
    // What a page can have a browser send: with an origin, with where it is from, or, by an image in an old one, with neither.
    const ofPages = [
      { origin: "https://evil.example", ...named },
      ...["cross-site", "same-site"].map((site) => ({ "sec-fetch-site": site, ...named })),
      {},
    ];
    for (const headers of ofPages) assert.equal(await statusOf(headers), 403, JSON.stringify(headers));
    for (const site of ["none", "same-origin"]) assert.equal(await statusOf({ "sec-fetch-site": site, ...named }), 200);
    async function statusOf(headers: Record<string, string>): Promise<number | undefined> {
      // Not fetch, which leaves some of these out.
      const [response] = (await once(httpRequest(door.url, { headers }).end(), "response")) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    }
    const { port } = new URL(door.url);
    const rebound = httpRequest({ host: "127.0.0.1", port, headers: { host: "evil.example", ...named } }).end();
    const [refused] = (await once(rebound, "response")) as [IncomingMessage];
    assert.equal(refused.statusCode, 403);
    refused.resume();
    assert.equal((await fetch(door.url, { headers: { "parley-deal": "0x00" } })).status, 502);
    assert.deepEqual(troubles, ["NothingBought"]);
    // One that is cut off in the middle of its body harms nobody.
    const cut = httpRequest(door.url, { method: "POST", headers: { "content-length": 500, ...named } });
    cut.on("error", () => undefined).write("half of it");
    setTimeout(() => cut.destroy(), 20);
    await new Promise((resolve) => cut.once("close", resolve));
    assert.equal((await fetch(door.url, { headers: named })).status, 200);
    assert.equal(api.served, 4);
  });

  it("lets in so many at a time as memory is there for", async () => {
    const { promise: goOn, resolve: letGo } = Promise.withResolvers<void>();
    const { promise: bothIn, resolve: areIn } = Promise.withResolvers<void>();
    let underWay = 0;
    const door = await openDoor("http://127.0.0.1:0", {
      call: async () => {
        if (++underWay === 2) areIn();
        await goOn;
        return { status: 200, headers: {}, body: new Uint8Array() };
      },
      ...{ mostBytes: 1_000, mostCalls: 2 },
      onTrouble: (error) => assert.fail(error),
    });
    closing.push(() => door.close());
    const call = () => fetch(door.url, { headers: { "parley-deal": "newest" } });
    const both = [call(), call()];
    await bothIn;
    const third = await call();
    assert.deepEqual([third.status, third.headers.get("parley-refused")], [503, "TooManyCalls"]);
    letGo();
    assert.deepEqual(
      (await Promise.all(both)).map(({ status }) => status),
      [200, 200],
    );
    assert.equal((await call()).status, 200);
  });
});
