import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { MeterClient } from "../../../../offchain/adapters/connector/meter/client.ts";
import { MemoryJournal } from "../../../../offchain/adapters/journal/memory/journal.ts";
import { echo, HELLO, meterRig, NAME, wallet } from "./metered-api.ts";

describe("a metered API", () => {
  const { api, closing, clock, sell, buy, address, raw } = meterRig();

  it("serves a thousand calls for ten receipts, while either side starts anew in between", async () => {
    const money = wallet();
    const [sold, bought] = [new MemoryJournal(), new MemoryJournal()];
    for (let part = 0; part < 4; part++) {
      const seller = await sell(money, sold);
      const buyer = await buy(seller.gate.url, money, bought);
      const caller = async () => {
        for (let call = 0; call < 50; call++) await buyer.call();
      };
      await Promise.all([caller(), caller(), caller(), caller(), caller()]);
      assert.equal(seller.meter.calls(NAME), 250 * (part + 1));
      assert.equal(buyer.meter.calls.answered, 250 * (part + 1));
      // Neither says that it goes: what they know afterwards is what was written down.
      await seller.gate.close();
      buyer.meter.stop();
      closing.length = 0;
    }
    const last = await buy("http://127.0.0.1:9", money, bought);
    await last.meter.close();
    assert.equal(api.served, 1_000);
    assert.equal(money.total, 5_000n);
    assert.ok(money.receipts <= 15 && money.receipts >= 10, `${money.receipts} receipts`);
    assert.deepEqual(last.meter.calls, { answered: 1_000, lost: 0 });
    await assert.rejects(last.call(), { code: "MeterClosed" });
  });

  it("serves a buyer that doesn't pay one interval, and says what it wants", async () => {
    const { gate } = await sell(wallet(), new MemoryJournal());
    const answers: number[] = [];
    for (let number = 1; number <= 120; number++) answers.push((await raw(gate.url, number)).status);
    assert.equal(answers.filter((status) => status === 200).length, 100);
    assert.equal(api.served, 100);
    const refused = await raw(gate.url, 121);
    assert.deepEqual(
      [refused.status, (await refused.json()) as unknown],
      [402, { code: "ReceiptDue", hint: "say a receipt over `due` in all, then call again", due: "5" }],
    );
  });

  it("counts a call once, whatever is repeated, and serves nobody else", async () => {
    const { gate, meter } = await sell(wallet(), new MemoryJournal());
    assert.equal((await raw(gate.url, 1)).status, 200);
    const repeated = await raw(gate.url, 1);
    assert.deepEqual([repeated.status, ((await repeated.json()) as { next: number }).next], [409, 2]);
    assert.equal((await raw(gate.url, 2, "Bearer agent 77")).status, 404);
    assert.equal((await raw(gate.url, 2, "Bearer forged")).status, 401);
    for (const number of ["0", "-1", "1.5", "x", "9".repeat(15)]) {
      assert.equal((await raw(gate.url, number)).status, 400, number);
    }
    assert.equal(meter.calls(NAME), 1);
    meter.end(NAME);
    assert.equal((await raw(gate.url, 2)).status, 404);
  });

  it("passes on what was asked and answered, but not who we are to each other", async () => {
    let heard: IncomingMessage["headers"] = {};
    api.answer = (request, response, body) => {
      heard = request.headers;
      response.writeHead(201, { "x-answer": "42", "parley-refused": "ReceiptDue" }).end(`${request.url} ${body}`);
    };
    const { gate } = await sell(wallet(), new MemoryJournal());
    const buyer = await buy(gate.url, wallet(), new MemoryJournal());
    const body = Buffer.from("what is six times seven");
    const headers = { "content-type": "text/plain", authorization: "Basic ours" };
    const answer = await buyer.call({ method: "POST", path: "/ask?quick=1", headers, body });
    assert.equal(answer.status, 201);
    assert.equal(answer.headers["x-answer"], "42");
    assert.equal(answer.headers["parley-refused"], undefined);
    assert.equal(Buffer.from(answer.body).toString(), "/v1/ask?quick=1 what is six times seven");
    assert.equal(heard["content-type"], "text/plain");
    assert.equal(heard.authorization, undefined);
    await assert.rejects(async () => {
      const { status, body: said } = await buyer.call({ ...HELLO, path: "/../../elsewhere" });
      assert.equal(status, 502);
      throw new Error(Buffer.from(said).toString());
    }, /BadPath/);
  });

  it("is left by no path, however that is spelled", async () => {
    const asked: (string | undefined)[] = [];
    api.answer = (request, response) => {
      asked.push(request.url);
      response.end();
    };
    const { gate, meter } = await sell(wallet(), new MemoryJournal());
    const { hostname, port } = new URL(gate.url);
    let number = 0;
    const status = async (rest: string) => {
      const headers = { authorization: "Bearer agent 1", "parley-call": String(++number) };
      // As it stands: fetch would resolve some of it.
      const path = `/${NAME.dealHash}/${NAME.transcript}${rest}`;
      const [response] = (await once(httpRequest({ hostname, port, path, headers }).end(), "response")) as [
        IncomingMessage,
      ];
      response.resume();
      return response.statusCode;
    };
    for (const rest of [
      ...["/..", "/../admin", "/a/../../admin", "/%2e%2e/admin", "/.%2E/admin", "/..%2fadmin", "/a%2F..%2F..%2fadmin"],
      ...["/..\\admin", "/a\\..\\..\\admin", "/..%5cadmin", "/%252e%252e/admin", "/..;/admin", "/..%3b/admin"],
      `/%${"25".repeat(9)}2e./admin`,
    ]) {
      assert.equal(await status(rest), 400, rest);
    }
    assert.equal(meter.calls(NAME), 0, "what isn't served isn't counted");
    for (const rest of ["/a..b", "/...", "/a%2Fb", "/100%25", "/x?next=/../y"])
      assert.equal(await status(rest), 200, rest);
    assert.deepEqual(asked, ["/v1/a..b", "/v1/...", "/v1/a%2Fb", "/v1/100%25", "/v1/x?next=/../y"]);
  });

  it("takes nothing for a call that failed at the seller's, and the buyer knows", async () => {
    const money = wallet();
    const { gate, meter } = await sell(money, new MemoryJournal());
    const buyer = await buy(gate.url, money, new MemoryJournal());
    api.answer = (_, response) => void response.writeHead(500).end("no");
    for (let call = 0; call < 150; call++) assert.equal((await buyer.call()).status, 500);
    api.answer = (_, response) => void response.destroy();
    assert.equal((await buyer.call()).status, 502);
    api.answer = echo;
    assert.equal((await buyer.call()).status, 200);
    await buyer.meter.close();
    assert.equal(meter.calls(NAME), 1);
    assert.deepEqual([money.total, buyer.meter.calls], [5n, { answered: 1, lost: 0 }]);
  });

  it("is paid for by a buyer that hangs up on it", async () => {
    const { gate, meter } = await sell(wallet(), new MemoryJournal());
    const hung = Promise.withResolvers<void>();
    api.answer = (_, response) => {
      response.once("close", () => hung.resolve());
      request.destroy();
    };
    const request = httpRequest(address(gate.url), {
      headers: { authorization: "Bearer agent 1", "parley-call": "1" },
    });
    request.on("error", () => undefined).end();
    await hung.promise;
    assert.equal(meter.calls(NAME), 1);
  });

  it("that loses every answer on the way is paid for one interval, and then no more", async () => {
    const money = wallet();
    const journal = new MemoryJournal();
    const { gate } = await sell(money, new MemoryJournal(), { everyCalls: 5 });
    // It cuts each answer off; the calls were served.
    const wire = createServer((request, response) => {
      const { url = "", method, headers } = request;
      const onward = httpRequest(`${gate.url}${url}`, { method, headers }, (answer) => {
        if (answer.statusCode === 200)
          response.writeHead(200, { "content-length": 100 }).write("ha", () => response.destroy());
        else answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers));
        answer.resume();
      });
      onward.end();
    });
    await new Promise<void>((resolve) => wire.listen(0, "127.0.0.1", resolve));
    closing.push(() => void wire.close().closeAllConnections());
    const url = `http://127.0.0.1:${(wire.address() as AddressInfo).port}`;
    const buyer = await buy(url, money, journal, { everyCalls: 5 });
    for (let call = 0; call < 10; call++) await assert.rejects(buyer.call(), { code: "CallLost" });
    await assert.rejects(buyer.call(), { code: "CreditUsedUp" });
    await buyer.meter.close();
    assert.equal(money.total, 25n);
    assert.deepEqual(buyer.meter.calls, { answered: 0, lost: 10 });
  });

  it("is paid in time by a buyer that calls no more", async () => {
    const money = wallet();
    const { gate } = await sell(money, new MemoryJournal(), { everySeconds: 1 });
    const buyer = await buy(gate.url, money, new MemoryJournal(), { everySeconds: 1 });
    await buyer.call();
    assert.equal(money.total, 0n);
    await money.paid;
    assert.equal(money.total, 5n);
    assert.equal((await buyer.call()).status, 200);
  });

  it("holds a call no longer than its time, nor more of its answer than there is memory for", async () => {
    const { gate } = await sell(wallet(), new MemoryJournal(), {}, ["CallFailed"]);
    const introduce = async () => "Bearer agent 1";
    const limits = { mostBytes: 1_000, idleMs: 5_000, wholeMs: 100 };
    const client = new MeterClient({
      url: gate.url,
      name: NAME,
      allow: new Set([gate.url]),
      introduce,
      clock,
      ...limits,
    });
    api.answer = (_, response) => {
      response.write("a");
      const timer = setInterval(() => response.write("a"), 10);
      response.once("close", () => clearInterval(timer));
    };
    const dripped = await client.send(1, HELLO);
    assert.deepEqual([dripped.what, "error" in dripped && dripped.error.code], ["lost", "CallLost"]);
    api.answer = (_, response) => void response.end("a".repeat(1_001));
    const long = await client.send(2, HELLO);
    assert.deepEqual([long.what, "error" in long && long.error.code], ["lost", "AnswerTooLarge"]);
  });

  it("holds a call that hangs no longer than two tries", async () => {
    let asked = 0;
    const hanging = createServer(() => void asked++);
    await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
    closing.push(() => void hanging.close().closeAllConnections());
    const url = `http://127.0.0.1:${(hanging.address() as AddressInfo).port}`;
    const introduce = async () => "Bearer agent 1";
    const allow = new Set([url]);
    const client = new MeterClient({ url, name: NAME, allow, introduce, clock, mostBytes: 1_000, idleMs: 50 });
    const { what } = await client.send(1, HELLO);
    assert.deepEqual([what, asked], ["lost", 2]);
  });

  it("waits for a place under the same number, but not for ever", async () => {
    const numbers: unknown[] = [];
    let full = 2;
    const gate = createServer(({ headers }, response) => {
      numbers.push(headers["parley-call"]);
      if (full-- > 0) response.writeHead(429, { "parley-refused": "TooManyCalls" });
      response.end("a");
    });
    await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve));
    closing.push(() => void gate.close().closeAllConnections());
    const url = `http://127.0.0.1:${(gate.address() as AddressInfo).port}`;
    const introduce = async () => "Bearer agent 1";
    const allow = new Set([url]);
    const client = new MeterClient({ url, name: NAME, allow, introduce, clock, mostBytes: 1_000, idleMs: 5_000 });
    assert.equal((await client.send(1, HELLO)).what, "answered");
    assert.deepEqual(numbers, ["1", "1", "1"]);
    full = Number.POSITIVE_INFINITY;
    const refused = await client.send(2, HELLO);
    assert.deepEqual([refused.what, "error" in refused && refused.error?.code], ["cancelled", "GateFull"]);
  });

  it("stands still where it can't write down what it counts", async () => {
    const journal = new MemoryJournal();
    const { gate } = await sell(wallet(), journal, {}, ["JournalClosed"]);
    assert.equal((await raw(gate.url, 1)).status, 200);
    await journal.close();
    assert.deepEqual([(await raw(gate.url, 2)).status, (await raw(gate.url, 3)).status], [503, 503]);
    assert.equal(api.served, 1);
  });

  it("ends with the price, on both sides", async () => {
    const money = wallet();
    const { gate, meter } = await sell(money, new MemoryJournal(), { price: 12n });
    const buyer = await buy(gate.url, money, new MemoryJournal(), { price: 12n });
    for (let call = 0; call < 2; call++) assert.equal((await buyer.call()).status, 200);
    await assert.rejects(buyer.call(), { code: "DealUsedUp" });
    await money.paid;
    assert.equal((await raw(gate.url, 3)).status, 410);
    assert.equal(meter.calls(NAME), 2);
    assert.equal(money.total, 10n);
  });
});
