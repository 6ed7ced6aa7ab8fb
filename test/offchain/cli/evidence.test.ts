import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { openJournal } from "../../../offchain/node/journal.ts";
import { World } from "../dealing/fixture.ts";
import { parley } from "./parley.ts";

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
    assert.equal(stdout, `${negotiation}  agreed\n`);
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
    await exported("--out", bundle);
    const content = JSON.parse(readFileSync(bundle, "utf8"));
    content.opener[1] = content.opener[1].replace(/..$/, "00");
    writeFileSync(bundle, JSON.stringify(content));
    const { code, stdout } = await parley("evidence", "verify", bundle, "--json");
    assert.equal(code, 1);
    assert.equal(JSON.parse(stdout).verified, false);
    assert.equal((await parley("evidence", "show", bundle)).code, 1);
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
