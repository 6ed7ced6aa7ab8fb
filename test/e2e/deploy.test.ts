import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { createTestClient, type Hex, http, publicActions } from "viem";
import { DEVELOPMENT_KEY } from "../../offchain/node/embedded-chain.ts";
import { compile, type Input } from "../../scripts/lib/contracts/solc.ts";
import { FACTORY } from "../../scripts/lib/deploy/factory.ts";
import { type Anvil, startAnvil } from "./anvil.ts";
import { DeployCommand, type Result, ROOT } from "./deploy-command.ts";

const SEPOLIA = 11_155_111;
/** The first two accounts of development chains: who deploys, and who might pause. */
const DEPLOYER: Hex = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const STRANGER: Hex = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

function clientOf({ url }: Anvil) {
  return createTestClient({ mode: "anvil", transport: http(url) }).extend(publicActions);
}

function sentBy(anvil: Anvil): Promise<number> {
  return clientOf(anvil).getTransactionCount({ address: DEPLOYER });
}

describe("deploying the contracts", { concurrency: 2, timeout: 150_000 }, () => {
  const command = new DeployCommand();
  let local: Anvil;
  let onLocal: Result;

  before(async () => {
    local = await startAnvil();
    onLocal = await command.deploy("--network", local.url);
  });

  after(async () => {
    await local?.stop();
    command.close();
  });

  // The longest comes first, beside the others.
  it("deploys to a testnet by the key in the keystore, and keeps what explorers need", async () => {
    const sepolia = await startAnvil("--chain-id", String(SEPOLIA));
    const chain = clientOf(sepolia);
    const onSepolia = ["--network", "sepolia", "--yes"];
    // Opening the keystore takes a second of one processor. The environment comes before it, so most runs use that.
    const env = { SEPOLIA_RPC_URL: sepolia.url, SEPOLIA_PRIVATE_KEY: DEVELOPMENT_KEY };
    const refusal = async (args: readonly string[], code: number, pattern: RegExp, by: NodeJS.ProcessEnv = env) => {
      const ran = await command.run(args, by);
      assert.match(ran.stderr, pattern);
      assert.equal(ran.code, code);
    };
    try {
      await refusal(onSepolia, 1, /sepolia needs SEPOLIA_RPC_URL.*keystore set SEPOLIA_RPC_URL/s, {});
      await refusal(onSepolia, 1, /CreateX isn't at 0xba5Ed0/);
      await chain.setCode({ address: FACTORY, bytecode: await codeOnLocal(FACTORY) });
      await chain.setBalance({ address: DEPLOYER, value: 1n });
      await refusal(onSepolia, 1, /0xf39F\w+ has 0\.000000000000000001 ETH on sepolia.*send it \d+\.\d+ ETH/s);
      await chain.setBalance({ address: DEPLOYER, value: 10n ** 19n });
      await refusal(["--network", "sepolia"], 2, /say --yes/);
      assert.equal(await sentBy(sepolia), 0);

      await command.keep("SEPOLIA_RPC_URL", sepolia.url);
      await command.keep("SEPOLIA_PRIVATE_KEY", DEVELOPMENT_KEY);
      const first = await deployBehindAnother(sepolia, onSepolia);
      assert.equal(first.chainId, SEPOLIA);
      assert.deepEqual(first.addresses, onLocal.addresses, "the same addresses on both chains");
      const record = kept(`${SEPOLIA}.json`);
      checkRecord(record, first);
      checkVerifyInput("Anchor");

      const sent = await sentBy(sepolia);
      const again = command.resultOf(await command.run(onSepolia, env));
      assert.deepEqual([again.addresses, again.sent, again.written], [first.addresses, [], []]);
      assert.deepEqual([await sentBy(sepolia), kept(`${SEPOLIA}.json`)], [sent, record]);

      const other = [...onSepolia, "--check", "--guardian", STRANGER];
      await refusal(other, 1, /^SettlementExtension, Settlement, ReputationRegistry, HandOver, Lens not on sepolia/m);
    } finally {
      await sepolia.stop();
    }
  });

  it("puts the same contracts at the same addresses on every chain, once, and finds by name what is wired wrongly", async () => {
    assert.equal(onLocal.sent.length, Object.keys(onLocal.addresses).length);
    const rehearsed = await command.deploy();
    assert.deepEqual(rehearsed.addresses, onLocal.addresses);
    assert.ok(rehearsed.p256Precompile && onLocal.p256Precompile);

    const sent = await sentBy(local);
    const again = await command.deploy("--network", local.url);
    assert.deepEqual([again.addresses, again.sent], [onLocal.addresses, []]);
    assert.equal(await sentBy(local), sent, "nothing is sent the second time");
    assert.deepEqual([rehearsed.written, onLocal.written, again.written], [[], [], []], "these chains don't last");

    await spoil();
    const { code, stdout } = await command.run(["--network", local.url, "--check"]);
    assert.equal(code, 1);
    const wrong = (JSON.parse(stdout) as Result).findings.filter(({ ok }) => !ok);
    assert.deepEqual(wrong.map(({ what }) => what).sort(), ["Anchor.registry()", "code of Court"]);
  });

  it("goes on where it was interrupted", async () => {
    const anvil = await startAnvil();
    try {
      const { child, ended } = command.start(["--network", anvil.url]);
      child.stderr?.on("data", (text: string) => {
        if (/✓ AgentRegistry/.test(text)) child.kill("SIGKILL");
      });
      const { code, stdout } = await ended;
      assert.deepEqual([code, stdout], [null, ""], "it was killed");

      const rest = await command.deploy("--network", anvil.url);
      assert.ok(rest.sent.length > 0 && !rest.sent.includes("AgentRegistry"), rest.sent.join());
      assert.deepEqual(rest.addresses, onLocal.addresses);
      assert.equal(await sentBy(anvil), Object.keys(rest.addresses).length, "each was sent once");
    } finally {
      await anvil.stop();
    }
  });

  it("refuses a node that is on another chain than its name says", async () => {
    const env = { SEPOLIA_RPC_URL: local.url, SEPOLIA_PRIVATE_KEY: DEVELOPMENT_KEY };
    const { code, stderr } = await command.run(["--network", "sepolia", "--yes"], env);
    assert.equal(code, 1);
    assert.match(stderr, /the node of sepolia is on another chain/);
    assert.ok(!stderr.includes(local.url), "the URL, which may hold a key, isn't shown");
  });

  it("says what is wrong with a network that it can't use", async () => {
    const { code, stderr } = await command.run(["--network", "nowhere"]);
    assert.equal(code, 2);
    assert.match(stderr, /--network takes a URL \(http:\/\/\.\.\.\) or one of: .*sepolia/);

    const dead = await command.run(["--network", "http://127.0.0.1:9/a-secret"]);
    assert.equal(dead.code, 1);
    assert.equal(dead.stderr, "the node of 127.0.0.1:9 can't be reached; is it running, and is its URL right?\n");
  });

  /** As after an interruption: a transaction of the deployer is still on its way when the command begins. */
  async function deployBehindAnother(anvil: Anvil, args: readonly string[]): Promise<Result> {
    const chain = clientOf(anvil);
    await chain.setAutomine(false);
    await chain.sendUnsignedTransaction({ from: DEPLOYER, to: STRANGER });
    const { child, ended } = command.start(args);
    let mining: Promise<void> | undefined;
    child.stderr?.on("data", (text: string) => {
      if (/sepolia hasn't taken 1 of 0xf39F\w+'s transactions yet/.test(text)) mining ??= chain.setAutomine(true);
    });
    const ran = await ended;
    assert.ok(mining !== undefined, ran.stderr);
    await mining;
    return command.resultOf(ran);
  }

  async function codeOnLocal(address: Hex): Promise<Hex> {
    return (await clientOf(local).getCode({ address })) ?? "0x";
  }

  /** An Anchor of another registry, which differs only in an immutable, and a Court that lacks its last byte. */
  async function spoil(): Promise<void> {
    const { AgentRegistry = "0x", Anchor = "0x", Court = "0x" } = onLocal.addresses;
    const word = (address: Hex) => address.slice(2).toLowerCase();
    const anchor = (await codeOnLocal(Anchor)).replaceAll(word(AgentRegistry), word(STRANGER));
    const court = (await codeOnLocal(Court)).slice(0, -2);
    await clientOf(local).setCode({ address: Anchor, bytecode: anchor as Hex });
    await clientOf(local).setCode({ address: Court, bytecode: court as Hex });
  }

  function kept(file: string): string {
    return readFileSync(join(command.folder, "deployments", file), "utf8");
  }

  function checkRecord(text: string, { addresses }: Result): void {
    for (const secret of [ROOT.slice(0, -1), command.folder, DEVELOPMENT_KEY.slice(2), "127.0.0.1"]) {
      assert.ok(!text.includes(secret), secret);
    }
    const record = JSON.parse(text);
    assert.deepEqual([record.chainId, record.network, record.guardian], [SEPOLIA, "sepolia", DEPLOYER]);
    assert.deepEqual(Object.keys(record.contracts), Object.keys(addresses));
    for (const [name, contract] of Object.entries<Record<string, unknown>>(record.contracts)) {
      assert.equal(contract["address"], addresses[name]);
      assert.match(String(contract["transaction"]), /^0x[0-9a-f]{64}$/);
      assert.ok(Number(contract["block"]) > 0);
    }
    assert.equal(record.contracts.Anchor.arguments.registry, addresses["AgentRegistry"]);
    assert.equal(record.contracts.Court.arguments.given.seedDelay, 65);
    assert.equal(record.contracts.SettlementExtension.compiler.settings.optimizer.runs, 1);
    const inputs = readdirSync(join(command.folder, "deployments", String(SEPOLIA), "verify"));
    assert.deepEqual(new Set(inputs), new Set(Object.keys(addresses).map((name) => `${name}.json`)));
  }

  /** What an explorer does: it compiles the input anew, and compares. */
  function checkVerifyInput(name: string): void {
    const text = kept(`${SEPOLIA}/verify/${name}.json`);
    assert.ok(!text.includes(ROOT.slice(0, -1)));
    const input: Input = JSON.parse(text);
    assert.ok(Object.keys(input.sources).length < 12, "only what the contract imports");
    const source = `project/contracts/${name}.sol`;
    const compiled = compile(input, { [source]: [name] }).contracts[source]?.[name];
    const artifact = JSON.parse(readFileSync(join(ROOT, `artifacts/contracts/${name}.sol/${name}.json`), "utf8"));
    assert.ok(`0x${compiled?.evm.bytecode.object}` === artifact.bytecode, "the same code");
  }
});
