import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer, get, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import { ArtifactIntake } from "../../../../offchain/adapters/connector/artifact/artifact-intake.ts";
import { ArtifactServer } from "../../../../offchain/adapters/connector/artifact/artifact-server.ts";
import { ArtifactSupply } from "../../../../offchain/adapters/connector/artifact/artifact-supply.ts";
import { readRange } from "../../../../offchain/adapters/connector/artifact/range.ts";
import { ParleyError } from "../../../../offchain/kernel/errors.ts";
import { type Bytes32, ZERO_32 } from "../../../../offchain/kernel/ids.ts";
import { SystemClock } from "../../../../offchain/node/clock.ts";
import type { Authenticator } from "../../../../offchain/ports/authenticator.ts";
import type { Order } from "../../../../offchain/ports/connector.ts";
import { hashJson, type Json } from "../../../../offchain/terms/canonical-json.ts";
import type { Deal } from "../../../../offchain/terms/deal.ts";
import { PROPOSAL } from "../../../vectors/scene.ts";

const DEAL: Deal = {
  ...PROPOSAL.deal,
  ...{ buyer: 1n, seller: 2n, price: 100n, terms: ZERO_32, negotiation: ZERO_32, reviewPeriod: 3_600 },
};

const GOODS = Buffer.from("forty thousand street scenes ".repeat(20_000));
const DIGEST = digest(GOODS);

/** Agents by a word that stands for their token; `test/e2e/delivery.test.ts` has real ones. */
const byWord: Authenticator = {
  challenge: "Bearer",
  authenticate: async ({ authorization }) => {
    if (authorization === null) return null;
    const agent = /^Bearer agent (\d+)$/.exec(authorization)?.[1];
    if (agent === undefined) throw new ParleyError("BadSignature", "no good");
    return BigInt(agent);
  },
};

describe("an artifact over HTTP", () => {
  let folder: string;
  let shop: string;
  let server: ArtifactServer;
  let supply: ArtifactSupply;
  const troubles: ParleyError[] = [];
  const closing: (() => Promise<void>)[] = [];

  before(async () => {
    shop = await mkdtemp(join(tmpdir(), "parley-shop-"));
    await writeFile(join(shop, "goods"), GOODS);
    const onTrouble = (error: ParleyError) => troubles.push(error);
    server = await ArtifactServer.listen("http://127.0.0.1:0", { authenticator: byWord, onTrouble });
    supply = new ArtifactSupply(join(shop, "goods"), server);
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-intake-"));
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    await rm(folder, { recursive: true });
  });
  after(async () => {
    await server.close();
    await rm(shop, { recursive: true });
  });

  it("is served to its buyer, who finds it good and keeps it under the deal's hash", async () => {
    const order = orderFor(server.url);
    assert.equal(await supply.reserve(order), null);
    assert.equal(await supply.deliver(order), DIGEST);
    assert.deepEqual(await intake().inspect(order), { good: true });
    assert.deepEqual(await readFile(join(folder, order.dealHash)), GOODS);
    await supply.release(order);
    assert.deepEqual(await intake().inspect(order), { good: true }, "what is there needn't be fetched again");
  });

  it("is nobody else's, and not there before it is delivered", async () => {
    const order = orderFor(server.url);
    await rejects(intake().inspect(order), "NotServed", 404);
    await supply.resume(order);
    await rejects(intake({ introduce: async () => "Bearer agent 77" }).inspect(order), "NotServed", 404);
    await rejects(intake({ introduce: async () => "Bearer stolen" }).inspect(order), "NotServed", 401);
    await rejects(intake({ introduce: async () => "" }).inspect(order), "NotServed", 401);
    assert.equal((await fetch(`${server.url}/${order.dealHash}/${order.transcript}`, { method: "POST" })).status, 405);
  });

  it("is fetched by its buyer a few times at once, however many ask for it and take nothing", async () => {
    const [file, bytes] = [join(shop, "large"), 64 * 1024 * 1024];
    await writeFile(file, "");
    await truncate(file, bytes);
    const [name, other] = [ZERO_32, DIGEST].map((transcript) => ({ dealHash: DIGEST, transcript }));
    assert.ok(name !== undefined && other !== undefined);
    for (const one of [name, other]) server.offer({ ...one, buyer: 1n, file, bytes, digest: DIGEST });
    const ask = async ({ dealHash, transcript }: typeof name) => {
      const headers = { authorization: "Bearer agent 1" };
      const request = get(`${server.url}/${dealHash}/${transcript}`, { headers });
      closing.push(async () => void request.destroy());
      const [response] = (await once(
        request.on("error", () => undefined),
        "response",
      )) as [IncomingMessage];
      return response.on("error", () => undefined);
    };
    const slow = await Promise.all(Array.from({ length: 8 }, () => ask(name)));
    assert.deepEqual(new Set(slow.map(({ statusCode }) => statusCode)), new Set([200]));
    assert.equal((await ask(name)).statusCode, 429);
    assert.equal((await ask(other)).statusCode, 200);
    for (const one of slow) one.destroy();
    while ((await ask(name)).statusCode !== 200) await new Promise((resolve) => setTimeout(resolve, 5));
    for (const one of [name, other]) server.withdraw(one);
  });

  it("that isn't what the terms name is not for sale", async () => {
    const other = orderFor(server.url, { digest: `0x${"0d".repeat(32)}` });
    assert.equal((await supply.reserve(other))?.code, "NotForSale");
    assert.equal((await supply.reserve({ ...other, terms: null }))?.code, "NotForSale");
  });

  it("goes on where it broke off, also for a process that starts anew", async () => {
    const asked: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      asked.push(request.headers.range);
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const headers = { "content-length": GOODS.length - from };
      if (from === 0) response.writeHead(200, headers);
      else
        response.writeHead(206, { ...headers, "content-range": `bytes ${from}-${GOODS.length - 1}/${GOODS.length}` });
      if (asked.length === 3) response.end(GOODS.subarray(from));
      else response.write(GOODS.subarray(from, from + 100_000), () => setTimeout(() => response.destroy(), 20));
    });
    const order = orderFor(url);
    await rejects(intake().inspect(order), "Interrupted");
    await rejects(intake().inspect(order), "Interrupted");
    assert.deepEqual(await intake().inspect(order), { good: true });
    assert.deepEqual(asked, [undefined, "bytes=100000-", "bytes=200000-"]);
  });

  it("that doesn't fit what came before is fetched anew before anybody is blamed", async () => {
    const order = orderFor(server.url);
    await supply.resume(order);
    await writeFile(join(folder, `${order.dealHash}.part`), "not its beginning");
    await rejects(intake().inspect(order), "ArtifactMixed");
    assert.deepEqual(await intake().inspect(order), { good: true });
    await rm(join(folder, order.dealHash));
    await writeFile(join(folder, `${order.dealHash}.part`), GOODS);
    assert.deepEqual(
      await intake().inspect(order),
      { good: true },
      "all of it had come, and only the rename was missing",
    );
  });

  it("of other bytes is found bad, and what came is kept with a report that the evidence names", async () => {
    const url = await serve((_, response) => response.end("something else"));
    const order = orderFor(url);
    const finding = await intake().inspect(order);
    assert.ok(finding !== null && !finding.good);
    assert.equal(finding.share, 0);
    const report = JSON.parse(await readFile(join(folder, `${order.dealHash}.report.json`), "utf8")) as Json;
    assert.equal(finding.evidence, hashJson(report));
    assert.equal(await readFile(join(folder, `${order.dealHash}.rejected`), "utf8"), "something else");
  });

  it("of more bytes than were agreed is found bad without taking them", async () => {
    let sent = 0;
    const url = await serve((_, response) => {
      const more = () => {
        sent += 65_536;
        if (!response.destroyed && response.write(Buffer.alloc(65_536))) setImmediate(more);
        else response.once("drain", more);
      };
      more();
    });
    const order = orderFor(url, {}, { bytes: 1_000 });
    const finding = await intake().inspect(order);
    assert.equal(finding?.good, false);
    assert.ok(sent < 100 * 65_536, "the rest was not taken");
    assert.ok(!(await readdir(folder)).some((name) => name.endsWith(".part")));
    await rejects(intake({ mostBytes: 1_000 }).inspect(orderFor(url)), "ArtifactTooLarge");
  });

  it("that isn't served is found bad when half of the review is over, not before", async () => {
    const order = orderFor(await serve((_, response) => response.writeHead(404).end()));
    const { clock, pass } = movingClock();
    await rejects(intake({ clock }).inspect(order), "NotServed");
    pass(order.deal.reviewPeriod * 400);
    await rejects(intake({ clock }).inspect(order), "NotServed");
    pass(order.deal.reviewPeriod * 101);
    assert.equal((await intake({ clock }).inspect(order))?.good, false);
  });

  it("that isn't served is found bad before the review is over, however late it was first asked for", async () => {
    const order = orderFor(await serve((_, response) => response.writeHead(404).end()));
    const { clock, pass } = movingClock();
    const left = order.deal.reviewPeriod * 200;
    const ends = clock.now() + left;
    const options = { clock, reviewEndsAt: () => ends };
    await rejects(intake(options).inspect(order), "NotServed");
    pass(left - order.deal.reviewPeriod * 125);
    assert.equal((await intake(options).inspect(order))?.good, false);
  });

  it("is left to people where the seller can't be reached: it may be our own network", async () => {
    const breaking = await serve((_, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("half", () => response.destroy());
    });
    for (const [url, because] of [
      ["http://127.0.0.1:9", "SellerUnreachable"],
      [breaking, "Interrupted"],
    ] as const) {
      const order = { ...orderFor(url), dealHash: hashJson(url) };
      const { clock, pass } = movingClock();
      await rejects(intake({ clock }).inspect(order), because);
      pass(order.deal.reviewPeriod * 501);
      await assert.rejects(intake({ clock }).inspect(order), {
        code: "DeliveryUndecided",
        facts: { dealHash: order.dealHash, because },
      });
      assert.deepEqual(
        (await readdir(folder)).filter((name) => name.endsWith(".report.json")),
        [],
      );
      // While others answer us it is the seller who doesn't.
      const found = await intake({ clock, isOnline: () => true }).inspect(order);
      assert.deepEqual(found?.good === false && found.share, 0);
      await rm(join(folder, `${order.dealHash}.report.json`));
    }
  });

  it("is never found bad for what fails on our own side", async () => {
    const order = orderFor(server.url);
    await supply.resume(order);
    const { clock, pass } = movingClock();
    const away = new ParleyError("ChainUnreachable", "our node is away", { retryable: true });
    const own = [
      ["ArtifactTooLarge", intake({ clock, mostBytes: 1_000 })],
      ["AddressRefused", intake({ clock, allow: new Set() })],
      ["ChainUnreachable", intake({ clock, introduce: () => Promise.reject(away) })],
    ] as const;
    for (const [code, one] of own) await rejects(one.inspect(order), code);
    pass(order.deal.reviewPeriod * 501);
    for (const [code, one] of own) await rejects(one.inspect(order), code);
    // Something stands where it is to grow.
    await rm(join(folder, `${order.dealHash}.part`), { force: true });
    await mkdir(join(folder, `${order.dealHash}.part`));
    await assert.rejects(intake({ clock }).inspect(order), { code: "IntakeUnavailable", retryable: true });
    await rm(join(folder, `${order.dealHash}.part`), { recursive: true });
    assert.deepEqual(await intake({ clock }).inspect(order), { good: true });
  });

  it("is tried again where its report can't be written", async () => {
    const order = orderFor(await serve((_, response) => response.end("something else")));
    await mkdir(join(folder, `${order.dealHash}.report.json`));
    await rejects(intake().inspect(order), "IntakeUnavailable");
  });

  it("is tried again where what comes can't be written", { skip: process.platform !== "linux" }, async () => {
    const order = orderFor(server.url);
    await supply.resume(order);
    // The kernel lets anybody read this file, and takes nothing like the goods.
    await symlink("/proc/self/oom_score_adj", join(folder, `${order.dealHash}.part`));
    await rejects(intake().inspect(order), "IntakeUnavailable");
  });

  it("is given up on where the server only drips", async () => {
    const url = await serve((_, response) => {
      response.write("a");
      const timer = setInterval(() => response.write("a"), 10);
      response.once("close", () => clearInterval(timer));
    });
    await rejects(intake({ wholeMs: 150, idleMs: 100 }).inspect(orderFor(url)), "Interrupted");
    const silent = await serve(() => undefined);
    await rejects(intake({ idleMs: 50 }).inspect(orderFor(silent)), "SellerUnreachable");
  });

  it("is not waited for where the server changes to another protocol, or ends without an answer", async () => {
    const changing = await serve(({ socket }) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: silence\r\n\r\n");
    });
    await rejects(intake().inspect(orderFor(changing)), "NotServed", 101);
    const ending = await serve(({ socket }) => void socket.end());
    await rejects(intake().inspect(orderFor(ending)), "SellerUnreachable");
  });

  it("is not fetched from where the terms must not lead", async () => {
    const hits: string[] = [];
    const inner = await serve((request, response) => {
      hits.push(request.url ?? "");
      response.end();
    });
    const leading = await serve((_, response) => response.writeHead(302, { location: inner }).end());
    await rejects(intake().inspect(orderFor(leading)), "NotServed", 302);
    const nobody = { allow: new Set<string>() };
    for (const address of [inner, "https://127.0.0.1", "https://[::ffff:10.0.0.1]", "https://169.254.169.254/latest"]) {
      await rejects(intake(nobody).inspect(orderFor(address)), "AddressRefused");
    }
    // A name that leads to this machine.
    const named = intake(nobody).inspect(orderFor(`https://localhost:${new URL(inner).port}`));
    await assert.rejects(named, /an address inside a network/);
    assert.deepEqual(hits, []);
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closing.push(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return url;
  }

  function intake(changes: Partial<ConstructorParameters<typeof ArtifactIntake>[0]> = {}): ArtifactIntake {
    return new ArtifactIntake({
      folder,
      allow: { has: (origin: string) => origin.startsWith("http://127.0.0.1:") } as ReadonlySet<string>,
      introduce: async () => `Bearer agent ${DEAL.buyer}`,
      clock: new SystemClock(),
      mostBytes: 10_000_000,
      ...changes,
    });
  }
});

describe("a Range header", () => {
  it("is read as RFC 9110 has it", () => {
    assert.deepEqual(readRange("bytes=2-", 10), { from: 2, to: 9 });
    assert.deepEqual(readRange("bytes=2-4", 10), { from: 2, to: 4 });
    assert.deepEqual(readRange("bytes=2-99", 10), { from: 2, to: 9 });
    assert.deepEqual(readRange("bytes=-3", 10), { from: 7, to: 9 });
    assert.deepEqual(readRange("bytes=-30", 10), { from: 0, to: 9 });
    for (const far of ["bytes=10-", "bytes=10-12", "bytes=-0"]) assert.equal(readRange(far, 10), "unsatisfiable", far);
    for (const odd of [undefined, "", "bytes=-", "bytes=4-2", "bytes=1-2,4-5", "lines=1-2", "bytes=a-"]) {
      assert.equal(readRange(odd, 10), null, odd);
    }
  });
});

function movingClock() {
  let ahead = 0;
  const pass = (milliseconds: number) => {
    ahead += milliseconds;
  };
  return { clock: new SystemClock(() => Date.now() + ahead), pass };
}

function orderFor(url: string, terms: { digest?: Bytes32 } = {}, delivery: { bytes?: number } = {}): Order {
  return {
    id: "settlement:1",
    deal: DEAL,
    dealHash: `0x${"d1".repeat(32)}`,
    transcript: `0x${"7a".repeat(32)}`,
    terms: {
      ...{ schema: "parley-terms/1", salt: `0x${"5a".repeat(32)}`, category: "data", digest: DIGEST },
      lines: [{ what: "street scenes", amount: "40000", unit: "each" }],
      delivery: { by: "artifact", url, ...delivery },
      ...terms,
    },
  };
}

function digest(bytes: Uint8Array): Bytes32 {
  return `0x${createHash("sha256").update(bytes).digest("hex")}`;
}

async function rejects(promise: Promise<unknown>, code: string, status?: number): Promise<void> {
  await assert.rejects(promise, (thrown) => {
    assert.ok(thrown instanceof ParleyError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    if (status !== undefined) assert.equal(thrown.facts["status"], status);
    return true;
  });
}
