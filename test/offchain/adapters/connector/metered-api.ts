import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, afterEach, before } from "node:test";
import type { HttpListening } from "../../../../offchain/adapters/connector/http/server.ts";
import { type CallRequest, MeterClient } from "../../../../offchain/adapters/connector/meter/client.ts";
import { openGate } from "../../../../offchain/adapters/connector/meter/gate.ts";
import { upstreamOf } from "../../../../offchain/adapters/connector/meter/upstream.ts";
import { ParleyError } from "../../../../offchain/kernel/errors.ts";
import type { Bytes32 } from "../../../../offchain/kernel/ids.ts";
import { SystemClock } from "../../../../offchain/node/clock.ts";
import type { Authenticator } from "../../../../offchain/ports/authenticator.ts";
import type { Journal } from "../../../../offchain/ports/journal.ts";
import { BuyerMeter } from "../../../../offchain/settlement/metering/buyer-meter.ts";
import { CallLog } from "../../../../offchain/settlement/metering/call-log.ts";
import type { Rate } from "../../../../offchain/settlement/metering/rate.ts";
import { SellerMeter } from "../../../../offchain/settlement/metering/seller-meter.ts";

export const NAME = { dealHash: `0x${"d1".repeat(32)}` as Bytes32, transcript: `0x${"7a".repeat(32)}` as Bytes32 };
const RATE: Rate = { unitPrice: 5n, everyCalls: 100, everySeconds: 3_600, price: 5_000n };
export const HELLO: CallRequest = { method: "GET", path: "/hello?a=b", headers: {}, body: new Uint8Array() };

const byWord: Authenticator = {
  challenge: "Bearer",
  authenticate: async ({ authorization }) => {
    const agent = /^Bearer agent (\d+)$/.exec(authorization ?? "")?.[1];
    if (agent === undefined && authorization !== null) throw new ParleyError("BadSignature", "no good");
    return agent === undefined ? null : BigInt(agent);
  },
};

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** An API behind a gate, for the tests of one `describe`: call it there. What the tests open is closed after each. */
export function meterRig() {
  const clock = new SystemClock();
  const closing: (() => Promise<void> | void)[] = [];
  const api: { url: string; served: number; answer: Answer } = { url: "", served: 0, answer: echo };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += piece;
    api.served++;
    api.answer(request, response, body);
  });

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    api.answer = echo;
    api.served = 0;
  });
  after(() => server.close().closeAllConnections());

  return { api, closing, clock, open, sell, buy, address, raw };

  /** A gate for what a meter serves. */
  async function open(meter: SellerMeter, troubles: readonly string[], behind = api.url): Promise<HttpListening> {
    const handler = upstreamOf({ url: new URL(behind), idleMs: 5_000 });
    const gate = await openGate("http://127.0.0.1:0", {
      ...{ authenticator: byWord, meter, handler },
      onTrouble: ({ code }) => assert.ok(troubles.includes(code), code),
    });
    closing.push(() => gate.close());
    return gate;
  }

  async function sell(money: Wallet, journal: Journal, changes: Partial<Rate> = {}, troubles = ["CallFailed"]) {
    const meter = new SellerMeter(journal, clock);
    const rate = { ...RATE, ...changes };
    await meter.serve({ ...NAME, buyer: 1n, rate, until: clock.now() + 3_600_000, receipted: () => money.total });
    return { gate: await open(meter, troubles), meter };
  }

  async function buy(url: string, money: Wallet, journal: Journal, changes: Partial<Rate> = {}) {
    const introduce = async () => "Bearer agent 1";
    const allow = new Set([url]);
    const client = new MeterClient({ url, name: NAME, allow, introduce, clock, mostBytes: 10_000, idleMs: 5_000 });
    const opened = await CallLog.open(journal, NAME);
    const meter = new BuyerMeter({
      ...{ rate: { ...RATE, ...changes }, ...opened, clock, until: clock.now() + 3_600_000 },
      receipted: () => money.total,
      sign: money.sign,
      onTrouble: (thrown) => assert.fail(String(thrown)),
    });
    closing.push(() => meter.stop());
    return { meter, call: (call = HELLO) => meter.call((number) => client.send(number, call)) };
  }

  function address(url: string): string {
    return `${url}/${NAME.dealHash}/${NAME.transcript}/hello`;
  }

  function raw(url: string, number: number | string, authorization = "Bearer agent 1"): Promise<Response> {
    return fetch(address(url), { headers: { authorization, "parley-call": String(number) } });
  }
}

export interface Wallet {
  total: bigint;
  receipts: number;
  readonly paid: Promise<void>;
  readonly sign: (total: bigint) => Promise<void>;
}

/** What the two sides know of receipts; `test/e2e/metered.test.ts` has them signed, and heard over a wire. */
export function wallet(): Wallet {
  const paid = Promise.withResolvers<void>();
  const money: Wallet = {
    ...{ total: 0n, receipts: 0, paid: paid.promise },
    sign: async (total) => {
      assert.ok(total > money.total, "receipts grow");
      money.total = total;
      money.receipts++;
      paid.resolve();
    },
  };
  return money;
}

export function echo(request: IncomingMessage, response: ServerResponse): void {
  response.end(request.url);
}
