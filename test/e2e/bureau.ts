import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import { Secret } from "../../offchain/kernel/secret.ts";
import { type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { KeyStore } from "../../offchain/node/keys/key-store.ts";
import { RANDOM_PASSPHRASE_COST } from "../../offchain/node/keys/scrypt.ts";
import type { Participant } from "../../offchain/node/principal.ts";
import type { Deal } from "../../offchain/terms/deal.ts";
import { hashDeal } from "../../offchain/terms/deal.ts";
import { walletAddress } from "../../offchain/terms/wallet-signature.ts";
import { type Agreement, Stage } from "../../scripts/lib/scenario/stage.ts";

const PASSPHRASE = "the keys of these tests are worth nothing";
const PROGRAM = new URL("../../offchain/cli/main.ts", import.meta.url).pathname;

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A buyer and a seller on a chain, each with a configuration and a key file, whose operators use the real command line. */
export class Bureau {
  readonly stage: Stage;
  /** What the participants' key files open with. */
  readonly passphrase = PASSPHRASE;
  readonly folder = mkdtempSync(join(tmpdir(), "parley-operator-"));
  readonly #embedded: EmbeddedChain | null;

  private constructor(stage: Stage, embedded: EmbeddedChain | null) {
    this.stage = stage;
    this.#embedded = embedded;
  }

  /** On the chain at that address; without one on a chain of its own. */
  static async open(url?: string): Promise<Bureau> {
    const embedded = url === undefined ? await startEmbeddedChain() : null;
    const bureau = new Bureau(await Stage.prepare(url ?? embedded?.url ?? ""), embedded);
    await bureau.configure("buyer", bureau.stage.buyer);
    await bureau.configure("seller", bureau.stage.seller);
    return bureau;
  }

  async close(): Promise<void> {
    this.stage.stop();
    await this.#embedded?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes an agent's configuration and key file; returns the configuration's path. */
  async configure(name: string, { agent, wallet }: Participant, more: Record<string, unknown> = {}): Promise<string> {
    const { deployment } = this.stage.rehearsal;
    const keys = this.path(`${name}.keys.json`);
    await this.keyFile(keys, wallet);
    const config = {
      ...{ agent: agent.toString(), rpc: this.stage.rpc.url, deployment, keys, journal: this.path(`${name}.sqlite`) },
      ...more,
    };
    writeFileSync(this.path(`${name}.json`), JSON.stringify(config));
    return this.path(`${name}.json`);
  }

  async keyFile(file: string, wallet: Bytes32, passphrase = PASSPHRASE): Promise<void> {
    try {
      const making = { wallet: new Secret(wallet), cost: RANDOM_PASSPHRASE_COST };
      await KeyStore.create(file, new Secret(passphrase), making);
    } catch (thrown) {
      if (!(thrown instanceof Error && "code" in thrown && thrown.code === "KeysExist")) throw thrown;
    }
  }

  /** A deal that both have signed, and that is on the chain. */
  async committed(changes: Partial<Deal> = {}): Promise<Agreement & { readonly hash: Bytes32 }> {
    const agreement = await this.stage.agree(changes);
    await this.stage.rehearsal.chain.commit(agreement.deal, agreement.proofs);
    return { ...agreement, hash: hashDeal(agreement.deal) };
  }

  /** Runs `parley` as an operator of one side does. */
  as(name: string, ...args: readonly string[]): Promise<Ran> {
    return this.run(...args, "--config", this.path(`${name}.json`));
  }

  async json(name: string, ...args: readonly string[]) {
    const { code, stdout, stderr } = await this.as(name, ...args, "--json");
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  }

  run(...args: readonly string[]): Promise<Ran> {
    return this.with({ PARLEY_PASSPHRASE: PASSPHRASE }, ...args);
  }

  /** The same in another environment. */
  with(more: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ran> {
    const env = { ...process.env, NODE_OPTIONS: "", ...more };
    const { promise, resolve } = Promise.withResolvers<Ran>();
    const command = ["--disable-warning=ExperimentalWarning", PROGRAM, ...args];
    const child = execFile(process.execPath, command, { env, timeout: 60_000 }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end();
    return promise;
  }

  /** Asserts that a command is refused by name, with what to do, and that the account has sent nothing. */
  async refuses(code: string, exit: number, sender: Participant, command: () => Promise<Ran>): Promise<void> {
    const before = await this.sentBy(sender);
    const ran = await command();
    assert.match(ran.stderr, new RegExp(`parley: [^\\n]+ \\[${code}\\]\\n {2}[^\\n]+\\n$`), ran.stderr + ran.stdout);
    assert.deepEqual([ran.code, ran.stdout], [exit, ""], code);
    assert.equal(await this.sentBy(sender), before, `${code}: no transaction was sent`);
  }

  /** How many transactions an account has sent, those under way too. */
  sentBy({ wallet }: Participant): Promise<number> {
    return this.stage.rpc.reads.getTransactionCount({ address: walletAddress(wallet), blockTag: "pending" });
  }
}
