import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openJournal } from "../../../offchain/node/journal.ts";
import { World } from "../dealing/fixture.ts";
import { parley, parleyUnder } from "./parley.ts";

const ADDRESS = `0x${"ab".repeat(20)}`;

describe("parley evidence", () => {
  const folder = mkdtempSync(join(tmpdir(), "parley-evidence-"));
  const config = join(folder, "seller.json");
  const bundle = join(folder, "deal.evidence.json");
  let negotiation = "";

  before(async () => {
    const path = join(folder, "seller.sqlite");
    const journal = openJournal({ journal: path, witness: null });
    const world = await World.create({ journals: { seller: journal } });
    await world.open();
    await world.quiet();
    negotiation = world.session("seller").state.negotiation;
    await journal.close();
    writeFileSync(
      config,
      JSON.stringify({
        agent: "2",
        rpc: "http://127.0.0.1:9",
        deployment: { chainId: 31337, registry: `0x${"11".repeat(20)}`, settlement: `0x${"22".repeat(20)}` },
        keys: "none",
        journal: path,
        listen: "ws://127.0.0.1:7700",
        respond: {
          role: "seller",
          token: ADDRESS,
          mostBond: "200",
          strategy: { kind: "time-dependent", from: "1500", limit: "950", pace: "0.8" },
        },
        deliver: null,
      }),
    );
  });

  after(() => rmSync(folder, { recursive: true }));

  const exported = (...flags: string[]) =>
    parley("evidence", "export", "--config", config, "--negotiation", negotiation, "--offline", ...flags);

  it("lists what a journal holds", async () => {
    const { code, stdout } = await parley("evidence", "export", "--config", config);
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`^${negotiation} {2}agreed {6}20[-0-9]+T[:.0-9]+Z {2}agent 1 {2}price [0-9]+\n$`));
  });

  it("takes a negotiation out, verifies it and tells of it", async () => {
    assert.equal((await exported("--out", bundle)).code, 0);
    const verified = await parley("evidence", "verify", bundle, "--json");
    assert.equal(verified.code, 0);
    const { verified: isGood, agreement, faults, opener } = JSON.parse(verified.stdout);
    assert.equal(isGood, true);
    assert.equal(agreement.deal.negotiation, negotiation);
    assert.deepEqual([faults, opener.standing], [[], "unknown"]);
    const { code, stdout } = await parley("evidence", "show", bundle, "--decimals", "2");
    assert.equal(code, 0);
    assert.match(stdout, /Agreed: agent 1 buys of agent 2 for [0-9.]+;/);
    assert.match(stdout, /What is sold[^\n]+\n {2}[^\n]+an hour of transcription/);
  });

  it("writes over nothing unless it is told to", async () => {
    const { code, stderr } = await exported("--out", bundle);
    assert.equal(code, 1);
    assert.match(stderr, /is there already \[FileExists\]\n.*--force/);
    assert.equal((await exported("--out", bundle, "--force")).code, 0);
  });

  it("says that the file's account of the chain is its maker's claim, and where it can't be true", async () => {
    await exported("--out", bundle, "--force");
    const content = JSON.parse(readFileSync(bundle, "utf8"));
    const findings = JSON.parse((await parley("evidence", "verify", bundle, "--json")).stdout);
    assert.deepEqual([findings.source, findings.discrepancies], [null, []]);
    const { opener, responder, agreement } = findings;
    const { dealHash, transcript, deal } = agreement;
    const forged = {
      asOf: 2_000_000_000,
      opener: { wallet: opener.wallet, epoch: opener.epoch },
      responder: { wallet: responder.wallet, epoch: responder.epoch },
      position: { status: "Committed", since: 1_900_000_000, ours: true },
      committed: { dealHash, transcript, price: deal.price },
      payout: null,
    };
    const verify = async (chain: unknown) => {
      writeFileSync(bundle, JSON.stringify({ ...content, chain }));
      return await parley("evidence", "verify", bundle);
    };
    const claimed = await verify(forged);
    assert.equal(claimed.code, 0);
    assert.match(
      claimed.stdout,
      /^verified: .*both wallets claimed by the file, not checked against the chain \(use --rpc\)/,
    );
    const cheaper = await verify({ ...forged, committed: { ...forged.committed, price: "1" } });
    assert.equal(cheaper.code, 1);
    assert.match(cheaper.stdout, /^NOT verified: .*\n {2}NOT TRUE: chain\.committed\.price: the file says 1,/);
    assert.match((await parley("evidence", "show", bundle)).stdout, /^NOT verified: /);
  });

  it("withholds the proposal, and so the terms; what is left is verified all the same", async () => {
    for (const part of ["proposal", "terms"]) {
      const { stdout } = await exported("--withhold", part);
      assert.ok(!stdout.includes(Buffer.from("an hour of transcription").toString("hex")));
      writeFileSync(bundle, stdout);
      assert.equal(stdout.includes("an hour of transcription"), part === "proposal");
      assert.match((await parley("evidence", "verify", bundle)).stdout, /^verified: /);
    }
  });

  it("says which part of a changed file is not good, and exits with 1", async () => {
    await exported("--out", bundle, "--force");
    const content = JSON.parse(readFileSync(bundle, "utf8"));
    content.opener[1] = content.opener[1].replace(/..$/, "00");
    writeFileSync(bundle, JSON.stringify(content));
    const { code, stdout } = await parley("evidence", "verify", bundle, "--json");
    assert.equal(code, 1);
    const { verified, facts } = JSON.parse(stdout);
    assert.deepEqual([verified, facts.side, facts.place], [false, "opener", 1]);
    for (const name of ["verify", "show"]) {
      const told = await parley("evidence", name, bundle);
      assert.equal(told.code, 1);
      assert.match(told.stdout, /^NOT verified: .*the opener's message 1: /);
    }
    writeFileSync(bundle, "{");
    assert.match((await parley("evidence", "verify", bundle)).stdout, /^NOT verified: .*not JSON/);
  });

  it("tells a file that can't be read from one that was altered, and reads none that is too large", async () => {
    const missing = await parley("evidence", "verify", join(folder, "none.json"));
    assert.deepEqual([missing.code, missing.stdout], [66, ""]);
    const json = await parley("evidence", "verify", join(folder, "none.json"), "--json");
    assert.deepEqual([json.code, JSON.parse(json.stdout).verified], [66, null]);
    const giant = join(folder, "giant.json");
    writeFileSync(giant, "");
    truncateSync(giant, 3 * 1024 ** 3);
    const began = performance.now();
    const { code, stderr } = await parleyUnder(["--max-old-space-size=64"], "evidence", "verify", giant);
    assert.equal(code, 66);
    assert.match(stderr, /has 3221225472 bytes, more than/);
    assert.ok(performance.now() - began < 15_000);
  });

  it("says what is wrong with how it was called", async () => {
    for (const [args, words] of [
      [["evidence"], /export, verify, show/],
      [["evidence", "verify"], /takes a FILE/],
      [["evidence", "export"], /--config/],
      [["evidence", "export", "--config", config, "--negotiation", "0x12"], /32 bytes/],
      [["evidence", "export", "--config", config, "--withhold", "prices"], /proposal, terms/],
    ] as const) {
      const { code, stderr } = await parley(...args);
      assert.equal(code, 2);
      assert.match(stderr, words);
    }
    const elsewhere = join(folder, "elsewhere.json");
    const moved = { ...JSON.parse(readFileSync(config, "utf8")), journal: join(folder, "none.sqlite") };
    writeFileSync(elsewhere, JSON.stringify(moved));
    assert.match((await parley("evidence", "export", "--config", elsewhere)).stderr, /there is no journal/);
    const { code, stderr } = await parley(
      "evidence",
      "export",
      "--config",
      config,
      "--negotiation",
      ADDRESS.padEnd(66, "0"),
      "--offline",
    );
    assert.equal(code, 1);
    assert.match(stderr, /holds no negotiation/);
  });
});
