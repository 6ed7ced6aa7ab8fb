import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, it } from "node:test";
import { MemoryJournal } from "../../../../offchain/adapters/journal/memory/journal.ts";
import { prepaid } from "../../../../offchain/settlement/metering/access.ts";
import { CallLog } from "../../../../offchain/settlement/metering/call-log.ts";
import { readingsFrom } from "../../../../offchain/settlement/metering/readings.ts";
import { SellerMeter } from "../../../../offchain/settlement/metering/seller-meter.ts";
import { echo, meterRig, NAME } from "./metered-api.ts";

describe("a gate to access that is paid beforehand", () => {
  const { api, closing, clock, open, address, raw } = meterRig();

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

  it("keeps the connection of a call, and has one for another buyer, however many strangers come", async () => {
    const rate = prepaid(10);
    const until = Number.POSITIVE_INFINITY;
    const meter = new SellerMeter(new MemoryJournal(), clock);
    await meter.serve({ ...NAME, buyer: 1n, rate, until, receipted: () => rate.price, isMeasured: true });
    const hanging: ServerResponse[] = [];
    api.answer = (_, response) => void hanging.push(response);
    const gate = await open(meter, []);
    const called = raw(gate.url, 1);
    while (hanging.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const { port } = new URL(gate.url);
    const head = (token: string) => `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`;
    // Nothing, a part of a request, a bad token, another agent's, a body that never comes.
    const heads = ["", head("forged"), `${head("forged")}\r\n`, `${head("agent 7")}\r\n`];
    heads.push(`${head("agent 7").replace("GET", "POST")}Content-Length: 9\r\n\r\n`);
    for (let count = 0; count < 300; count++) {
      const stranger = connect(Number(port), "127.0.0.1").on("error", () => undefined);
      closing.push(() => void stranger.destroy());
      await once(stranger, "connect");
      stranger.write(heads[count % heads.length] ?? "");
    }
    api.answer = echo;
    assert.equal((await raw(gate.url, 2)).status, 200);
    hanging[0]?.end("a");
    assert.equal(await (await called).text(), "a");
  });

  it("has places for others, however many calls of one buyer hang, and a free number for who waits", async () => {
    const rate = prepaid(10_000);
    const until = Number.POSITIVE_INFINITY;
    const meter = new SellerMeter(new MemoryJournal(), clock);
    const deals = ["01", "02", "03", "04"].map((hex) => ({ ...NAME, dealHash: `0x${hex.repeat(32)}` as const }));
    const [first, second, third, others] = deals;
    assert.ok(first && second && third && others);
    for (const deal of deals) {
      const buyer = deal === others ? 2n : 1n;
      await meter.serve({ ...deal, buyer, rate, until, receipted: () => rate.price, isMeasured: true });
    }
    const hanging: ServerResponse[] = [];
    api.answer = (request, response) => {
      if (request.url === "/v1/hang") hanging.push(response);
      else echo(request, response);
    };
    const gate = await open(meter, []);
    const { port } = new URL(gate.url);
    const ask = async (agent: number, { dealHash, transcript }: typeof NAME, number: number, path: string) => {
      const headers = { authorization: `Bearer agent ${agent}`, "parley-call": String(number) };
      const request = httpRequest({ port, host: "127.0.0.1", path: `/${dealHash}/${transcript}/${path}`, headers });
      closing.push(() => void request.destroy());
      request.on("error", () => undefined).end();
      const [response] = (await once(request, "response")) as [IncomingMessage];
      response.resume();
      return [response.statusCode, response.headers["parley-refused"]];
    };
    const served = () => deals.reduce((sum, deal) => sum + meter.underWay(deal).size, 0);
    const refused = [429, "TooManyCalls"];
    for (let number = 1; number <= 96; number++) void ask(1, first, number, "hang").catch(() => undefined);
    while (hanging.length < 96) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await ask(1, first, 97, "quick"), refused);
    let turnedAway = 0;
    for (const deal of [second, third]) {
      const count = () => turnedAway++;
      for (let number = 1; number <= 96; number++) void ask(1, deal, number, "hang").then(count, () => undefined);
    }
    while (hanging.length + turnedAway < 3 * 96) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(hanging.length, 256);
    assert.deepEqual(await ask(1, third, 97, "quick"), refused, "so many of all deals of a buyer");
    assert.equal(served(), 256);
    assert.deepEqual(await ask(2, others, 1, "quick"), [200, undefined]);
    hanging[0]?.end();
    while (meter.underWay(first).size === 96) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await ask(1, first, 97, "quick"), [200, undefined], "what was refused was not counted");
  });

  it("doesn't count as its failure what fails since the buyer never sends the rest of it", async () => {
    const journal = new MemoryJournal();
    const meter = new SellerMeter(journal, clock);
    const rate = prepaid(10);
    const until = Number.POSITIVE_INFINITY;
    await meter.serve({ ...NAME, buyer: 1n, rate, until, receipted: () => rate.price, isMeasured: true });
    const waits: Record<string, number> = { dripped: 2_200, prompt: 50 };
    const upstream = createServer((request, response) => {
      const [, how = "", name = ""] = (request.url ?? "").split("/");
      setTimeout(
        () => (how === "reset" ? request.socket.destroy() : response.writeHead(503).end("a")),
        name === "unread" ? 2_300 : waits[name],
      );
      if (name !== "unread") request.resume();
    });
    await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
    closing.push(() => void upstream.close().closeAllConnections());
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const gate = await open(meter, ["CallFailed"], url);
    let number = 0;
    const send = async (path: string, length: number, sent: Uint8Array) => {
      const headers = { authorization: "Bearer agent 1", "parley-call": String(++number), "content-length": length };
      const request = httpRequest(address(gate.url).replace("/hello", path), { method: "POST", headers });
      closing.push(() => void request.destroy());
      request.on("error", () => undefined).write(sent);
      const [response] = (await once(request, "response")) as [IncomingMessage];
      // Too late: the API has failed by now.
      request.write("b");
      response.resume();
      return [response.statusCode, response.headers["parley-refused"]];
    };
    const [part, large] = [Buffer.from("a"), Buffer.alloc(32 * 1024 * 1024)];
    const answers = await Promise.all([
      ...[send("/reset/dripped", 2, part), send("/answer/dripped", 2, part), send("/reset/prompt", 2, part)],
      ...[send("/answer/prompt", 2, part), send("/answer/unread", large.length + 1, large)],
    ]);
    assert.deepEqual(answers, [
      ...[
        [502, "RequestLate"],
        [503, undefined],
        [502, "Failed"],
        [503, undefined],
        [503, undefined],
      ],
    ]);
    while (meter.underWay(NAME).size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const { entries } = await CallLog.open(journal, NAME);
    const subject = { deal: NAME.dealHash, transcript: NAME.transcript, reader: 2n };
    const readings = readingsFrom(entries, subject, 86_400);
    assert.deepEqual(
      [1, 2, 3, 4, 5].map((one) => entries.flatMap((entry) => (entry.number === one ? [entry.what] : []))),
      [["begun", "cancelled", "void"], ["begun", "cancelled", "void"], ...Array(3).fill(["begun", "cancelled"])],
    );
    assert.deepEqual(
      readings.reduce((sum, { calls, failures }) => [(sum[0] ?? 0) + calls, (sum[1] ?? 0) + failures], [0, 0]),
      [3, 3],
    );
    assert.equal(meter.calls(NAME), 0, "nobody pays for what failed, whoever made it fail");
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
