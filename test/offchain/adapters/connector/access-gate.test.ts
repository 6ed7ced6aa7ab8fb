import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { describe, it } from "node:test";
import { MemoryJournal } from "../../../../offchain/adapters/journal/memory/journal.ts";
import { prepaid } from "../../../../offchain/settlement/metering/access.ts";
import { CallLog } from "../../../../offchain/settlement/metering/call-log.ts";
import { SellerMeter } from "../../../../offchain/settlement/metering/seller-meter.ts";
import { echo, meterRig, NAME } from "./metered-api.ts";

describe("a gate to access that is paid beforehand", () => {
  const { api, clock, open, address, raw } = meterRig();

  it("serves what was sold, counts no failure, and knows how each call ended", async () => {
    const journal = new MemoryJournal();
    const meter = new SellerMeter(journal, clock);
    const rate = prepaid(3);
    let until = Number.POSITIVE_INFINITY;
    const served = { ...NAME, buyer: 1n, rate, receipted: () => rate.price, isMeasured: true };
    await meter.serve({ ...served, until: () => until });
    const gate = await open(meter, []);
    api.answer = (_, response) => void response.writeHead(503).end();
    assert.equal((await raw(gate.url, 1)).status, 503);
    api.answer = echo;
    for (const number of [2, 3]) assert.equal((await raw(gate.url, number)).status, 200);
    until = clock.now() - 1;
    assert.equal((await raw(gate.url, 4)).status, 410, "its time is over");
    until = Number.POSITIVE_INFINITY;
    const hung = Promise.withResolvers<void>();
    api.answer = (_, response) => {
      response.once("close", () => hung.resolve());
      request.destroy();
    };
    const headers = { authorization: "Bearer agent 1", "parley-call": "4" };
    const request = httpRequest(address(gate.url), { headers });
    request.on("error", () => undefined).end();
    await hung.promise;
    assert.equal((await raw(gate.url, 5)).status, 410, "all that was sold is used up");
    const endings = async () =>
      (await CallLog.open(journal, NAME)).entries.flatMap(({ what, number }) =>
        what === "begun" ? [] : [`${number} ${what}`],
      );
    while ((await endings()).length < 4) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual((await endings()).sort(), ["1 cancelled", "2 answered", "3 answered", "4 void"]);
  });

  it("is no slower for a buyer that takes its time to ask", async () => {
    const journal = new MemoryJournal();
    const meter = new SellerMeter(journal, clock);
    const rate = prepaid(1);
    const until = Number.POSITIVE_INFINITY;
    await meter.serve({ ...NAME, buyer: 1n, rate, until, receipted: () => rate.price, isMeasured: true });
    const gate = await open(meter, []);
    const headers = { authorization: "Bearer agent 1", "parley-call": "1", "content-length": 1 };
    const request = httpRequest(address(gate.url), { method: "POST", headers });
    request.flushHeaders();
    while (meter.underWay(NAME).size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const dripped = 1_000;
    await new Promise((resolve) => setTimeout(resolve, dripped));
    request.end("a");
    const [response] = (await once(request, "response")) as [IncomingMessage];
    response.resume();
    while (meter.underWay(NAME).size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const [begun, answered] = (await CallLog.open(journal, NAME)).entries;
    assert.equal(answered?.what, "answered");
    assert.ok((answered?.at ?? 0) - (begun?.at ?? 0) < dripped, "what the buyer took isn't the API's");
  });

  it("is no slower for a buyer that takes its time to read", async () => {
    const journal = new MemoryJournal();
    const meter = new SellerMeter(journal, clock);
    const rate = prepaid(2);
    const until = Number.POSITIVE_INFINITY;
    await meter.serve({ ...NAME, buyer: 1n, rate, until, receipted: () => rate.price, isMeasured: true });
    const gate = await open(meter, []);
    // More than a connection holds by itself, in two parts of which the API takes its time for the second.
    const [part, made, unread] = [Buffer.alloc(16 * 1024 * 1024), 300, 1_000];
    api.answer = (_, response) => {
      response.write(part);
      setTimeout(() => response.end(part), made);
    };
    for (const number of [1, 2]) {
      const headers = { authorization: "Bearer agent 1", "parley-call": String(number) };
      const request = httpRequest(address(gate.url), { headers }).end();
      const [response] = (await once(request, "response")) as [IncomingMessage];
      if (number === 2) await new Promise((resolve) => setTimeout(resolve, made + unread));
      response.resume();
      await once(response, "end");
    }
    while (meter.underWay(NAME).size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const { entries } = await CallLog.open(journal, NAME);
    const took = [1, 2].map((number) => {
      const [begun, answered] = entries.filter((entry) => entry.number === number);
      assert.equal(answered?.what, "answered");
      return (answered?.at ?? 0) - (begun?.at ?? 0);
    });
    assert.ok((took[0] ?? 0) >= made, "what the API takes is the API's");
    assert.ok((took[1] ?? 0) < unread, `it took ${took[1]} ms, of which the buyer let ${unread} pass`);
  });
});
