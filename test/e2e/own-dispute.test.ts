import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { DisputeRecords } from "../../offchain/adapters/chain/dispute-records.ts";
import { connectRpc } from "../../offchain/adapters/chain/rpc.ts";
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import { FileSource } from "../../offchain/adapters/evidence/source.ts";
import { utf8 } from "../../offchain/kernel/bytes.ts";
import { sha256 } from "../../offchain/kernel/hash.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import { openCase } from "../../offchain/node/case-file.ts";
import type { RehearsalCourt } from "../../offchain/node/rehearsal-court.ts";
import type { DisputeRecord } from "../../offchain/ports/dispute-record.ts";
import { decide } from "../../offchain/settlement/disputes/rules.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { bundleFromJson } from "../../offchain/transcript/evidence/bundle.ts";
import { parley } from "../offchain/cli/parley.ts";
import { type Acting, DeliveryStage } from "./delivery-stage.ts";

const GOODS = utf8.encode("forty thousand street scenes");
const AGREED = sha256(GOODS);
const OTHER = sha256(utf8.encode("thirty thousand street scenes"));

const LINES = { category: "data", lines: [{ what: "street scenes", amount: "40000", unit: "each" }] };

/** By the seller's recorded word, which isn't what both signed, the buyer owes nothing. */
const NOTHING = 1n;

describe("a dispute between two agents that nobody looks after", () => {
  let stage: DeliveryStage;
  let court: RehearsalCourt;
  let records: DisputeRecords;

  before(async () => {
    stage = await DeliveryStage.prepare();
    court = await stage.rehearsal.openCourt(3);
    records = new DisputeRecords(await connectRpc(stage.url), stage.rehearsal.deployment);
    process.env["PARLEY_PASSPHRASE"] = "the keys of these tests are worth nothing";
  });
  afterEach(() => stage.stopAll());
  after(() => stage.close());

  it("goes by itself from another digest than was agreed to the ruling that both sides' files lead to", async () => {
    const before = await balances();
    const shelf = { folder: join(stage.folder, "shelf"), uri: "https://evidence.example/" };
    const disputes = { open: "auto", evidence: shelf };
    const selling = await stage.sell("auto.seller", { deliver: OTHER, disputes });
    // Whose process ends before it has filed anything: it doesn't know yet where its files can be had.
    const first = await buy("auto", selling, { disputes: { ...disputes, evidence: { folder: shelf.folder } } });
    const { dealHash } = await first.event("agreed");
    await referred(first, selling);
    await eventually(dealHash, ({ submissions }) => submissions.length === 1);
    await stage.stop(first);
    const second = await buy("auto", selling, { disputes });
    const filed = await eventually(dealHash, ({ submissions }) => submissions.length === 2);
    assert.deepEqual([filed.claim?.share, filed.answer?.share], [0, 10_000]);
    assert.deepEqual(new Set(filed.submissions.map(({ side }) => side)), new Set(["buyer", "seller"]));
    // Each file lies there under the hash that the chain has.
    for (const said of [filed.claim, filed.answer]) {
      const bytes = await readFile(join(shelf.folder, `${said?.evidence.slice(2)}.json`));
      assert.equal(sha256(bytes), said?.evidence);
    }
    await stage.stop(second);
    const third = await buy("auto", selling, { disputes });
    await court.draw();
    const verdict = decide(await caseOf(dealHash, shelf.folder));
    assert.ok("decide" in verdict && verdict.decide === 0, JSON.stringify(verdict));
    await court.vote([verdict.decide, verdict.decide, verdict.decide]);
    assert.equal(await court.rule(), NOTHING);
    assert.equal((await third.event("outcome")).outcome, "ruled");
    assert.equal((await selling.event("outcome")).outcome, "ruled");
    const { submissions, payout } = await records.find(dealHash);
    assert.equal(submissions.length, 2, "what was filed is not filed again");
    assert.deepEqual(payout, { outcome: "Ruled", toBuyer: 5_030n, toSeller: 0n });
    const after = await balances();
    assert.deepEqual([after.buyer - before.buyer, after.seller - before.seller], [20n, -20n], "a bond of 20 moved");
    assert.equal((await readdir(shelf.folder)).length, 1, "both hold the same words, to the byte");
  });

  it("is for people where they want it so, who dispute while the agent runs; the rest goes by itself", async () => {
    const file = join(stage.folder, "goods");
    await writeFile(file, GOODS);
    const deliver = { artifact: file, listen: "http://127.0.0.1:0" };
    const selling = await stage.sell("people.seller", { deliver });
    await writeFile(file, Buffer.alloc(GOODS.length));
    const url = selling.agent.delivery.serves ?? "";
    const shelf = { folder: join(stage.folder, "people.shelf"), uri: "https://evidence.example/" };
    const intake = { folder: join(stage.folder, "bought"), allow: [url] };
    const terms = { delivery: { by: "artifact", url, bytes: GOODS.length } };
    const buying = await buy("people", selling, { intake, disputes: { evidence: shelf } }, terms);
    const { hint } = await buying.event("trouble", ({ code }) => code === "NotAsAgreed");
    const { dealHash, negotiation } = await buying.event("agreed");
    assert.match(hint ?? "", /^until \d{4}-\d\d-\d\dT/);
    const command = / (parley dispute open [^;]+);/.exec(hint ?? "")?.[1] ?? "";
    assert.match(command, new RegExp(`--deal ${dealHash} --share 0 --bundle .+ --uri https://evidence.example/`));
    assert.equal((await records.find(dealHash)).claim, null, "the agent leaves it to people");
    const args = command
      .replace(" FILE", ` ${await configOf("people.buyer")}`)
      .split(" ")
      .slice(1);
    // Without a bundle it would have to be taken from the journal, which the agent has open.
    const without = args.slice(0, args.indexOf("--bundle"));
    assert.match((await parley(...without)).stderr, /\[JournalLocked\]\n {2}give a bundle/);
    const opened = await parley(...args);
    assert.equal(opened.code, 0, opened.stderr);
    // Said again, as after a crash, it sends nothing.
    const again = await parley(...args);
    assert.match(again.stdout, /nothing is to be sent/, again.stderr);
    const configured = await configOf("people.buyer", { disputes: { evidence: shelf } });
    const looked = await parley("dispute", "show", "--config", configured, "--deal", dealHash);
    assert.match(looked.stdout, /verified: \d+ signatures/, "it reads the folder of the configuration");
    await referred(buying, selling);
    const record = await records.find(dealHash);
    assert.deepEqual([record.submissions.length, record.answer?.evidence], [1, AGREED]);
    const shown = JSON.parse(await readFile(join(shelf.folder, `${record.claim?.evidence.slice(2)}.json`), "utf8"));
    const [report] = bundleFromJson(shown).attachments ?? [];
    assert.deepEqual([report?.["because"], report?.["deal"]], ["WrongDigest", dealHash], "with what the intake found");
    const { transcript } = await buying.agent.evidence(negotiation);
    assert.deepEqual(bundleFromJson(shown).transcript, transcript);
  });

  async function buy(name: string, { agent }: Acting, more: JsonObject, terms: JsonObject = {}): Promise<Acting> {
    const deal = { arbitrator: court.address, maxFee: court.fee, rulingWithin: court.longestS + 7_200 };
    const wish = { deal, terms: { digest: AGREED, ...LINES, ...terms } };
    return await stage.buy(`${name}.buyer`, agent.address ?? "", wish, more);
  }

  /** Either side may be the first. */
  async function referred(...sides: readonly Acting[]): Promise<void> {
    await Promise.race(sides.map((side) => side.event("act", ({ act }) => act === "refer")));
  }

  async function configOf(name: string, more: JsonObject = {}): Promise<string> {
    const path = join(stage.folder, `${name}.json`);
    const { agent } = stage.buyer;
    const keys = join(stage.folder, `${agent}.keys.json`);
    const { deployment } = stage.rehearsal;
    const journal = join(stage.folder, `${name}.sqlite`);
    const config = { agent: agent.toString(), rpc: stage.url, deployment, keys, journal, ...more };
    await writeFile(path, JSON.stringify(config));
    return path;
  }

  async function caseOf(dealHash: Bytes32, folder: string) {
    const source = new FileSource({ folder });
    const office = { chain: stage.rehearsal.chain, crypto: new NodeCrypto(), source };
    return await openCase(office, await records.find(dealHash), null);
  }

  async function eventually(dealHash: Bytes32, isSo: (record: DisputeRecord) => boolean): Promise<DisputeRecord> {
    for (;;) {
      const record = await records.find(dealHash).catch(() => null);
      if (record !== null && isSo(record)) return record;
      await pause(100);
    }
  }

  async function balances() {
    const { chain, token } = stage.rehearsal;
    const of = ({ agent }: { readonly agent: bigint }) => chain.free(agent, token);
    return { buyer: await of(stage.buyer), seller: await of(stage.seller) };
  }
});
