import assert from "node:assert/strict";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { settlementAbi } from "../../offchain/adapters/chain/abis.ts";
import type { Finding } from "../../offchain/node/doctor/finding.ts";
import { openJournal } from "../../offchain/node/journal.ts";
import { type DealTemplate, encodeProposal } from "../../offchain/terms/proposal.ts";
import { proposalFor } from "../proposal.ts";
import { Bureau } from "./bureau.ts";

describe("parley doctor", () => {
  let bureau: Bureau;

  before(async () => {
    bureau = await Bureau.open();
  });

  after(() => bureau.close());

  const selling = () => ({
    listen: "ws://127.0.0.1:0",
    respond: {
      ...{ role: "seller", token: bureau.stage.rehearsal.token, mostBond: "200" },
      strategy: { kind: "time-dependent", from: "1500", limit: "950", pace: "0.8" },
    },
    deliver: null,
  });

  /** What is said of an agent with such a configuration, by what was looked at. */
  async function examined(more: Record<string, unknown> = {}) {
    await bureau.configure("seller", bureau.stage.seller, { ...selling(), ...more });
    const { code, stdout, stderr } = await bureau.as("seller", "doctor", "--json");
    assert.equal(stderr, "");
    const { well, findings }: { well: boolean; findings: Finding[] } = JSON.parse(stdout);
    assert.equal(code, well ? 0 : 1);
    assert.equal(
      well,
      findings.every(({ level }) => level !== "bad"),
    );
    return new Map(findings.map((finding) => [finding.check, finding]));
  }

  /** Asserts that this alone is bad, and that something is said of what to do. */
  async function isBad(check: string, says: RegExp, more: Record<string, unknown> = {}): Promise<void> {
    const findings = await examined(more);
    const wrong = [...findings.values()].filter(({ level }) => level === "bad");
    assert.deepEqual(
      wrong.map((one) => one.check),
      [check],
      JSON.stringify(wrong),
    );
    assert.match(wrong[0]?.says ?? "", says);
    assert.ok(wrong[0]?.hint);
  }

  const money = (name: string) => `${name} ${bureau.stage.rehearsal.token.slice(0, 10)}`;

  it("finds nothing bad about a healthy agent, and says what it has looked at", async () => {
    const findings = await examined();
    const bad = [...findings.values()].filter(({ level }) => level === "bad");
    assert.deepEqual(bad, []);
    for (const check of [
      "node",
      "configuration",
      "keys",
      "journal",
      "rpc",
      "chain",
      "contracts",
      "agent",
      "wallet",
      "gas",
    ]) {
      assert.equal(findings.get(check)?.level, "ok", check);
    }
    for (const check of ["free", "stake", "mandate"]) assert.equal(findings.get(money(check))?.level, "ok", check);
    const told = await bureau.as("seller", "doctor");
    assert.equal(told.code, 0);
    assert.match(told.stdout, /\n0 bad, [0-9]+ warnings, [0-9]+ ok\n$/);
  });

  it("lets a running agent have its journal", async () => {
    const journal = openJournal({ journal: bureau.path("seller.sqlite"), witness: null });
    try {
      assert.match((await examined()).get("journal")?.says ?? "", /in use: the agent runs/);
    } finally {
      await journal.close();
    }
    assert.match((await examined()).get("journal")?.says ?? "", /nobody has it open/);
    rmSync(bureau.path("seller.sqlite.witness"));
    assert.equal((await examined()).get("witness")?.level, "warn");
    rmSync(bureau.path("seller.sqlite"));
  });

  it("looks at what is sold, and at where it and bought calls are served", async () => {
    const goods = bureau.path("goods.bin");
    const deliver = { artifact: goods, listen: "http://127.0.0.1:0" };
    await isBad("goods", /can't be read: .* \[ArtifactUnavailable\]/, { deliver });
    writeFileSync(goods, "goods");
    await isBad("goods", /is no file/, { deliver: { ...deliver, artifact: bureau.folder } });
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(taken.address() as AddressInfo).port}`;
    const intake = { folder: bureau.path("bought"), calls: address };
    try {
      await isBad("serving", /is taken by another program/, { deliver: { ...deliver, listen: address } });
      await isBad("calls", /is taken by another program/, { intake });
      await isBad("accounts", /is taken by another program/, { accounts: { ...accounts("1"), listen: address } });
    } finally {
      await new Promise((resolve) => taken.close(resolve));
    }
    const findings = await examined({ deliver: { ...deliver, listen: address }, intake: { folder: intake.folder } });
    assert.deepEqual([findings.get("goods")?.level, findings.get("serving")?.level], ["ok", "ok"]);
    assert.equal(findings.has("calls"), false);
  });

  it("looks whether the arbitrator of what is to be opened could rule", async () => {
    const { rehearsal, buyer } = bureau.stage;
    const commitBy = (await rehearsal.chain.time()) + 3_600;
    const opening = (changes: Partial<DealTemplate>) => {
      const usual = proposalFor({ commitBy, rounds: 6, token: rehearsal.token });
      const proposal = JSON.parse(encodeProposal({ ...usual, deal: { ...usual.deal, ...changes } }));
      const strategy = { kind: "time-dependent", from: "50", limit: "100", pace: "1" };
      return { open: { peer: buyer.agent.toString(), address: "ws://127.0.0.1:9", proposal, strategy } };
    };
    assert.equal((await examined(opening({}))).has("arbitrator"), false, "it names none");
    const court = await rehearsal.openCourt(3);
    const spare = { arbitrator: court.address, maxFee: court.fee, rulingWithin: court.longestS + 3 * 3_600 };
    const level = async (changes: Partial<DealTemplate>) => (await examined(opening(changes))).get("arbitrator")?.level;
    assert.equal(await level(spare), "ok");
    assert.equal(await level({ ...spare, rulingWithin: court.longestS + 3_601 }), "warn", "it leaves a second");
    await isBad("arbitrator", /needs more than \d+ s.*\[ArbitratorUnfit\]/, opening({ ...spare, rulingWithin: 60 }));
    await isBad("arbitrator", /there is no contract/, opening({ ...spare, arbitrator: `0x${"ab".repeat(20)}` }));
    const few = await rehearsal.openCourt(2);
    const trusting = (arbitrators: readonly string[]) => ({ respond: { ...selling().respond, arbitrators } });
    assert.equal((await examined(trusting([court.address]))).get("arbitrator")?.level, "ok");
    await isBad("arbitrator", /there is no contract/, trusting([`0x${"ab".repeat(20)}`]));
    assert.equal(await level({ ...spare, arbitrator: few.address }), "warn", "it lacks a seat");
    const { address: foreign } = await rehearsal.openForeignArbitrator(7n);
    assert.equal(await level({ arbitrator: foreign, maxFee: 7n, rulingWithin: 60 }), "warn", "its time isn't known");
  });

  it("looks whether what may be owed on running accounts can be paid", async () => {
    const much = await examined({ accounts: accounts(String(10n ** 30n)) });
    assert.equal(much.get(money("free"))?.level, "warn");
    const little = await examined({ accounts: accounts("1") });
    assert.deepEqual([little.get(money("free"))?.level, little.get(money("stake"))?.level], ["ok", "ok"]);
  });

  function accounts(ours: string) {
    const peer = { agent: "999", url: "http://127.0.0.1:9", address: "ws://127.0.0.1:9" };
    const { token } = bureau.stage.rehearsal;
    return { with: [{ ...peer, token, salt: `0x${"5a".repeat(32)}`, ours, theirs: "0", settleAt: "1" }] };
  }

  it("finds each kind of damage, and looks at the rest all the same", async () => {
    const { rehearsal } = bureau.stage;
    const elsewhere = await examined({ deployment: { ...rehearsal.deployment, chainId: 5 } });
    assert.match(elsewhere.get("chain")?.says ?? "", /WrongChain/);
    assert.equal(elsewhere.get("agent and money")?.level, "unknown");
    await isBad("contracts", /no contract/, {
      deployment: { ...rehearsal.deployment, settlement: `0x${"11".repeat(20)}` },
    });
    await isBad("rpc", /does not answer \[ChainUnreachable\]/, { rpc: "http://127.0.0.1:9" });
    await isBad("agent", /no agent 999/, { agent: "999" });
    const nowhere = await examined({ journal: bureau.path("nowhere/seller.sqlite") });
    assert.match(nowhere.get("journal")?.says ?? "", /no folder/);
    const stake = { ...selling().respond, mostBond: "2000000" };
    await isBad(money("stake"), /StakeTooSmall/, { respond: stake });
    await isBad("configuration", /not an agent id/, { agent: "nobody" });
    await bureau.keyFile(bureau.path("stranger.keys.json"), `0x${"5b".repeat(32)}`);
    const stranger = await examined({ keys: bureau.path("stranger.keys.json") });
    assert.equal(stranger.get("wallet")?.level, "bad");
    assert.match(stranger.get("gas")?.says ?? "", /can send nothing/);
    assert.equal(stranger.get(money("stake"))?.level, "ok", "looked at all the same");
    writeFileSync(bureau.path("note.sqlite"), "this is no database, and nobody may write over it");
    assert.equal((await examined({ journal: bureau.path("note.sqlite") })).get("journal")?.level, "bad");
    const open = { ...selling(), listen: "tcp://127.0.0.1:7700" };
    assert.match((await examined(open)).get("listen")?.says ?? "", /no transport is known/);
  });

  it("looks at each of several nodes, and at the one that tells of new blocks", async () => {
    const findings = await examined({
      rpc: [bureau.stage.rpc.url, "http://127.0.0.1:9"],
      live: bureau.stage.rpc.url.replace(/^http/, "ws"),
    });
    assert.deepEqual(
      ["rpc", "node 1", "node 2", "live"].map((check) => findings.get(check)?.level),
      ["ok", "ok", "bad", "ok"],
    );
    assert.equal((await examined({ live: "ws://127.0.0.1:9" })).get("live")?.level, "bad");
  });

  it("says that keys are exposed, or don't open", async () => {
    const keys = bureau.path("seller.keys.json");
    chmodSync(keys, 0o644);
    assert.match((await examined()).get("keys")?.says ?? "", /others can get at .*\[KeysExposed\]/);
    chmodSync(keys, 0o600);
    assert.match((await examined({ keys: bureau.path("none.json") })).get("keys")?.says ?? "", /none\.json/);
    await bureau.configure("seller", bureau.stage.seller, selling());
    const doctor = ["doctor", "--json", "--config", bureau.path("seller.json")];
    const wrong = await bureau.with({ PARLEY_PASSPHRASE: "some other passphrase" }, ...doctor);
    assert.match(wrong.stdout, /WrongPassphrase/);
    assert.doesNotMatch(wrong.stdout, /some other passphrase/);
    const unopened = await bureau.with({}, ...doctor);
    assert.equal(unopened.code, 0, "whoever looks after it need not know the passphrase");
  });

  it("tells an address that another program has taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    try {
      await isBad("listen", /taken by another program/, { listen: `ws://127.0.0.1:${port}` });
    } finally {
      other.close();
    }
  });

  it("tells a mandate that has ended, and a chain whose time is far from ours", async () => {
    await bureau.stage.rehearsal.passTime(31 * 86_400);
    const findings = await examined();
    assert.match(findings.get(money("mandate"))?.says ?? "", /MandateExpired/);
    assert.equal(findings.get("clock")?.level, "warn");
    const { deployment, token } = bureau.stage.rehearsal;
    const category = `0x${"00".repeat(32)}` as const;
    const call = { address: deployment.settlement, abi: settlementAbi, functionName: "removeMandate" } as const;
    const { seller } = bureau.stage;
    await bureau.stage.sender(seller).send("removing the mandate", { ...call, args: [seller.agent, token, category] });
    assert.equal((await examined()).get(money("mandate"))?.level, "bad");
  });
});
