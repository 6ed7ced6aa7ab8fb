import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { FileSource } from "../../../../offchain/adapters/evidence/source.ts";
import { utf8 } from "../../../../offchain/kernel/bytes.ts";
import { sha256 } from "../../../../offchain/kernel/hash.ts";

const LIMITS = { mostBytes: 1_000, timeoutMs: 2_000 };
const rehearsing = new FileSource({ allowPrivate: true });

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe("where evidence is read from", () => {
  it("is the web, no further than so many bytes, within so much time", async (t) => {
    const url = await serve(t, ({ url: path }, response) => {
      if (path === "/good") response.end("evidence");
      if (path === "/long") response.end("x".repeat(LIMITS.mostBytes + 1));
      if (path === "/gone") response.writeHead(404).end();
      if (path === "/away") response.writeHead(302, { location: "/good" }).end();
      // What is asked under /slow begins, and never ends.
      if (path === "/slow") response.write("x");
    });
    assert.equal(utf8.decode(await rehearsing.fetch(`${url}good`, LIMITS)), "evidence");
    const short = { ...LIMITS, timeoutMs: 200 };
    for (const [path, code] of [
      ["long", "EvidenceRefused"],
      ["gone", "EvidenceUnreachable"],
      ["away", "EvidenceRefused"],
      ["slow", "EvidenceUnreachable"],
    ] as const) {
      await assert.rejects(rehearsing.fetch(`${url}${path}`, path === "slow" ? short : LIMITS), { code });
    }
  });

  it("is nobody who changes to another protocol, or ends without an answer", async (t) => {
    const url = await serve(t, ({ url: path, socket }) => {
      if (path === "/ended") socket.end();
      else socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: silence\r\n\r\n");
    });
    for (const path of ["changed", "ended"]) {
      await assert.rejects(rehearsing.fetch(`${url}${path}`, LIMITS), { code: "EvidenceUnreachable" }, path);
    }
  });

  it("is no address inside a network, by whatever spelling, and nothing without TLS", async (t) => {
    let asked = 0;
    const url = await serve(t, (_request, response) => {
      asked++;
      response.end();
    });
    const port = new URL(url).port;
    const source = new FileSource();
    for (const uri of [
      url,
      ...[`https://127.0.0.1:${port}/`, `https://2130706433:${port}/`, `https://[::ffff:127.0.0.1]:${port}/`],
      ...[`https://localhost:${port}/`, `https://user@example.org/`, "https://169.254.169.254/"],
      ...["file:///etc/passwd", "/etc/passwd", "ftp://example.org/x", "ipfs://bafy/x", ""],
    ]) {
      await assert.rejects(source.fetch(uri, LIMITS), { code: "EvidenceRefused" }, uri);
    }
    assert.equal(asked, 0);
  });

  it("is the address itself, where that holds it", async () => {
    const read = async (uri: string) => utf8.decode(await rehearsing.fetch(uri, LIMITS));
    assert.equal(await read("data:application/json,%7B%22a%22%3A1%7D"), '{"a":1}');
    assert.equal(await read("data:application/json;charset=utf-8;base64,eyJhIjoxfQ=="), '{"a":1}');
    for (const uri of ["data:,", "data:text/plain", "data:,%E0%A4%A", `data:,${"x".repeat(LIMITS.mostBytes + 1)}`]) {
      await assert.rejects(rehearsing.fetch(uri, LIMITS), { code: "EvidenceRefused" });
    }
  });

  it("is a folder, by the hash alone", async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "parley-files-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const file = utf8.encode("came by mail");
    writeFileSync(join(folder, "any-name"), file);
    symlinkSync("nowhere", join(folder, "a-link"));
    const source = new FileSource({ folder });
    assert.deepEqual(await source.atHand(sha256(file)), file);
    assert.equal(await source.atHand(sha256(utf8.encode("another"))), null);
    writeFileSync(join(folder, "any-name"), "changed since");
    assert.equal(await source.atHand(sha256(file)), null);
  });

  it("is looked at anew for what people put there meanwhile, but no more than once a second", async (t) => {
    const folder = join(mkdtempSync(join(tmpdir(), "parley-files-")), "evidence");
    t.after(() => rmSync(join(folder, ".."), { recursive: true }));
    let milliseconds = performance.now();
    t.mock.method(performance, "now", () => milliseconds);
    const source = new FileSource({ folder });
    const file = utf8.encode("came by mail");
    await assert.rejects(source.atHand(sha256(file)), { code: "FileUnreadable" });
    mkdirSync(folder);
    assert.equal(await source.atHand(sha256(file)), null, "that it failed once isn't kept");
    writeFileSync(join(folder, "any-name"), file);
    assert.equal(await source.atHand(sha256(file)), null, "within the same second");
    milliseconds += 1_001;
    const both = await Promise.all([source.atHand(sha256(file)), source.atHand(sha256(file))]);
    assert.deepEqual(both, [file, file]);
  });
});
