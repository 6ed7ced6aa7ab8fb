import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { createPublicClient, type Hex, http, keccak256 } from "viem";
import { DEVELOPMENT_KEY } from "../../offchain/node/embedded-chain.ts";
import { compile, type Input } from "../../scripts/lib/contracts/solc.ts";
import { FACTORY } from "../../scripts/lib/deploy/factory.ts";
import { type Anvil, startAnvil } from "./anvil.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HARDHAT = join(ROOT, "node_modules/hardhat/dist/src/cli.js");
const SEPOLIA = 11_155_111;
const PASSWORD = "only for this test";
/** The first account of development chains, and who else might pause. */
const DEPLOYER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
const STRANGER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Finding {
  readonly what: string;
  readonly ok: boolean;
}

interface Result {
  readonly chainId: number;
  readonly addresses: Readonly<Record<string, Hex>>;
  readonly sent: readonly string[];
  readonly p256Precompile: boolean;
  readonly findings: readonly Finding[];
  readonly written: readonly string[];
}

describe("deploying the contracts", { timeout: 150_000 }, () => {
  let folder: string;
  let local: Anvil;
  let sepolia: Anvil;
  let running: ChildProcess[] = [];

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "parley-deploy-test-"));
    [local, sepolia] = await Promise.all([startAnvil(), startAnvil("--chain-id", String(SEPOLIA))]);
  });

  after(async () => {
    for (const child of running) child.kill("SIGKILL");
    await Promise.all([local?.stop(), sepolia?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  /** A program in the tree, with a keystore of its own. What asks for a secret gets the next answer. */
  function start(
    program: string,
    args: readonly string[],
    answers: readonly string[] = [],
  ): [ChildProcess, Promise<Ran>] {
    const { CI: _ci, GITHUB_ACTIONS: _actions, ...rest } = process.env; // where these are set, Hardhat has no keystore
    const env = { ...rest, HOME: folder, XDG_CONFIG_HOME: join(folder, "config"), HARDHAT_DISABLE_TELEMETRY: "true" };
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...args], {
      env,
      cwd: ROOT,
    });
    running.push(child);
    const waiting = [...answers];
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
        if (/(password|secret)[^:\n]*: $/i.test(text)) child.stdin.write(`${waiting.shift() ?? ""}\n`);
      });
    }
    const ran = new Promise<Ran>((resolve) => {
      child.once("close", (code) => {
        running = running.filter((other) => other !== child);
        resolve({ code, ...said });
      });
    });
    return [child, ran];
  }

  function deploy(args: readonly string[], answers: readonly string[] = []): Promise<Ran> {
    return start(
      join(ROOT, "scripts/deploy.ts"),
      [...args, "--out", join(folder, "deployments"), "--json"],
      answers,
    )[1];
  }

  async function deployed(args: readonly string[], answers: readonly string[] = []): Promise<Result> {
    const ran = await deploy(args, answers);
    assert.equal(ran.code, 0, ran.stderr);
    const result: Result = JSON.parse(ran.stdout);
    assert.deepEqual(
      result.findings.filter(({ ok }) => !ok),
      [],
    );
    assert.ok(result.findings.length > 20);
    return result;
  }

  const onSepolia = (...args: string[]) => deployed(["--network", "sepolia", "--yes", ...args], [PASSWORD]);

  it("puts the same contracts at the same addresses on every chain, once", async () => {
    const [rehearsed, first] = await Promise.all([deployed([]), deployed(["--network", local.url])]);
    assert.deepEqual(first.addresses, rehearsed.addresses);
    assert.equal(first.sent.length, Object.keys(first.addresses).length);
    assert.ok(rehearsed.p256Precompile && first.p256Precompile);
    assert.deepEqual([...rehearsed.written, ...first.written], [], "nothing is kept of chains that don't last");

    const nonce = await sentBy(local);
    const again = await deployed(["--network", local.url]);
    assert.deepEqual(again.addresses, first.addresses);
    assert.deepEqual(again.sent, []);
    assert.equal(await sentBy(local), nonce, "nothing is sent the second time");
  });

  it("goes on where it was interrupted", async () => {
    const anvil = await startAnvil();
    try {
      const [child, ended] = start(join(ROOT, "scripts/deploy.ts"), ["--network", anvil.url]);
      child.stderr?.on("data", (text: string) => {
        if (/✓ AgentRegistry/.test(text)) child.kill("SIGKILL");
      });
      const { code, stdout } = await ended;
      assert.deepEqual([code, stdout], [null, ""], "it was killed");

      const rest = await deployed(["--network", anvil.url]);
      const all = Object.keys(rest.addresses);
      assert.ok(rest.sent.length > 0 && rest.sent.length < all.length, `${rest.sent.length} sent`);
      assert.ok(!rest.sent.includes("AgentRegistry"));
      assert.equal(await sentBy(anvil), all.length, "each was sent once");
    } finally {
      await anvil.stop();
    }
  });

  it("finds what is wired wrongly, by name", async () => {
    const anvil = await startAnvil();
    try {
      const { addresses } = await deployed(["--network", anvil.url]);
      const { AgentRegistry = "0x", Anchor = "0x", Court = "0x" } = addresses;
      const reads = createPublicClient({ transport: http(anvil.url) });
      // An Anchor of another registry differs from ours only in an immutable; the Court loses its last byte.
      const anchor = (await reads.getCode({ address: Anchor })) ?? "0x";
      const court = (await reads.getCode({ address: Court })) ?? "0x";
      const [own, other] = [AgentRegistry, STRANGER].map((address) => address.slice(2).toLowerCase());
      await call(anvil, "anvil_setCode", [Anchor, anchor.replaceAll(own ?? "", other ?? "")]);
      await call(anvil, "anvil_setCode", [Court, court.slice(0, -2)]);

      const { code, stdout } = await deploy(["--network", anvil.url, "--check"]);
      assert.equal(code, 1);
      const wrong = (JSON.parse(stdout) as Result).findings.filter(({ ok }) => !ok);
      assert.deepEqual(wrong.map(({ what }) => what).sort(), ["Anchor.registry()", "code of Court"]);
    } finally {
      await anvil.stop();
    }
  });

  it("deploys to a testnet by the key in the keystore, and keeps what explorers need", async () => {
    const missing = await deploy(["--network", "sepolia", "--yes"]);
    assert.equal(missing.code, 1);
    assert.match(missing.stderr, /sepolia needs SEPOLIA_RPC_URL.*keystore set SEPOLIA_RPC_URL/s);
    await keystore("SEPOLIA_RPC_URL", sepolia.url, [PASSWORD, PASSWORD]);
    await keystore("SEPOLIA_PRIVATE_KEY", DEVELOPMENT_KEY, [PASSWORD]);

    const barren = await deploy(["--network", "sepolia", "--yes"], [PASSWORD]);
    assert.equal(barren.code, 1);
    assert.match(barren.stderr, /CreateX isn't at 0xba5Ed0/);
    await bringFactory();

    await call(sepolia, "anvil_setBalance", [DEPLOYER, "0x1"]);
    const poor = await deploy(["--network", "sepolia", "--yes"], [PASSWORD]);
    assert.equal(poor.code, 1);
    assert.match(poor.stderr, /0xf39F\w+ has 0\.000000000000000001 ETH on sepolia.*send it \d+\.\d+ ETH/s);
    await call(sepolia, "anvil_setBalance", [DEPLOYER, "0x8ac7230489e80000"]);

    const unasked = await deploy(["--network", "sepolia"], [PASSWORD]);
    assert.equal(unasked.code, 2);
    assert.match(unasked.stderr, /say --yes/);
    assert.equal(await sentBy(sepolia), 0);

    const first = await onSepolia();
    const elsewhere = await deployed(["--network", local.url]);
    assert.equal(first.chainId, SEPOLIA);
    assert.deepEqual(first.addresses, elsewhere.addresses, "the same addresses on both chains");
    const record = readFileSync(join(folder, "deployments", `${SEPOLIA}.json`), "utf8");
    checkRecord(record, first);
    checkVerifyInput("Anchor");

    const nonce = await sentBy(sepolia);
    const again = await onSepolia();
    assert.deepEqual([again.addresses, again.sent, again.written], [first.addresses, [], []]);
    assert.equal(await sentBy(sepolia), nonce);
    assert.equal(readFileSync(join(folder, "deployments", `${SEPOLIA}.json`), "utf8"), record);

    const other = await deploy(["--network", "sepolia", "--check", "--guardian", STRANGER], [PASSWORD]);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /SettlementExtension, Settlement, ReputationRegistry not on sepolia/);
  });

  it("refuses a node that is on another chain than its name says", async () => {
    await keystore("SEPOLIA_RPC_URL", local.url, [PASSWORD], "--force");
    const { code, stderr } = await deploy(["--network", "sepolia", "--yes"], [PASSWORD]);
    assert.equal(code, 1);
    assert.match(stderr, /sepolia is on another chain/);
    assert.ok(!stderr.includes(local.url), "the URL, which may hold a key, isn't shown");
  });

  it("says how it is used", async () => {
    const wrong = await deploy(["--network", "nowhere"]);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /--network takes a URL \(http:\/\/\.\.\.\) or one of: .*sepolia/);
  });

  async function keystore(name: string, value: string, passwords: readonly string[], ...more: string[]): Promise<void> {
    const [, ended] = start(HARDHAT, ["keystore", "set", ...more, name], [...passwords, value]);
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 0, `${stdout}${stderr}`);
  }

  /** Testnets have the factory. Its code is what Ignition's own presigned transaction made on the local chain. */
  async function bringFactory(): Promise<void> {
    await deployed(["--network", local.url]);
    const code = await createPublicClient({ transport: http(local.url) }).getCode({ address: FACTORY });
    await call(sepolia, "anvil_setCode", [FACTORY, code]);
  }

  function checkRecord(text: string, { addresses }: Result): void {
    assert.ok(!text.includes(ROOT.slice(0, -1)) && !text.includes(folder) && !text.includes(DEVELOPMENT_KEY.slice(2)));
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
    const inputs = readdirSync(join(folder, "deployments", String(SEPOLIA), "verify"));
    assert.deepEqual(
      inputs.sort(),
      Object.keys(addresses)
        .map((name) => `${name}.json`)
        .sort(),
    );
  }

  /** An explorer compiles it anew and compares. */
  function checkVerifyInput(name: string): void {
    const text = readFileSync(join(folder, "deployments", String(SEPOLIA), "verify", `${name}.json`), "utf8");
    assert.ok(!text.includes(ROOT.slice(0, -1)) && !text.includes(folder));
    const input: Input = JSON.parse(text);
    const source = `project/contracts/${name}.sol`;
    assert.ok(Object.keys(input.sources).length < 12, "only what the contract imports");
    const compiled = compile(input, { [source]: [name] }).contracts[source]?.[name];
    const artifact = JSON.parse(readFileSync(join(ROOT, `artifacts/contracts/${name}.sol/${name}.json`), "utf8"));
    assert.equal(keccak256(`0x${compiled?.evm.bytecode.object}`), keccak256(artifact.bytecode));
  }
});

async function call(anvil: Anvil, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(anvil.url, { method: "POST", headers: { "content-type": "application/json" }, body });
  const { result, error }: { result?: unknown; error?: { message: string } } = await response.json();
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}

async function sentBy(anvil: Anvil): Promise<number> {
  return createPublicClient({ transport: http(anvil.url) }).getTransactionCount({ address: DEPLOYER });
}
