import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import { connectRpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import type { AgentProcess } from "../../offchain/cli/agent-process.ts";
import { CertificateVerifier, issueCertificate } from "../../offchain/identity/certificate.ts";
import { fixedKey } from "../../offchain/identity/signing-keys.ts";
import { localWallet } from "../../offchain/identity/wallet.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import type { AgentParts } from "../../offchain/node/agent.ts";
import { parseAgentConfig } from "../../offchain/node/agent-config.ts";
import type { AgentEvent } from "../../offchain/node/agent-event.ts";
import { SystemClock } from "../../offchain/node/clock.ts";
import { systemEntropy } from "../../offchain/node/entropy.ts";
import { openAccountsJournal } from "../../offchain/node/journal.ts";
import { decodeRecord } from "../../offchain/settlement/tab/record.ts";
import { Tab } from "../../offchain/settlement/tab/tab.ts";
import type { JsonObject } from "../../offchain/terms/canonical-json.ts";
import { domainSeparator, settlementDomain } from "../../offchain/terms/eip712.ts";
import { type Acting, DeliveryStage, type Wish } from "./delivery-stage.ts";

const GOODS = Buffer.from("one street scene ".repeat(100));
export const DIGEST = `0x${createHash("sha256").update(GOODS).digest("hex")}`;

/** What every deal here comes to. */
export const PRICE = 5_000n;

/** Room for two deals; at that the account is paid. */
const [CREDIT, SETTLE_AT] = ["12000", "10000"];

/** Longer than the time in which any of these deals can be committed, by more than blocks that are made in a hurry are ahead of the clock. */
export const COMMIT_S = 3_700;

const WISH_TERMS = {
  ...{ schema: "parley-terms/1", category: "data", digest: DIGEST },
  lines: [{ what: "street scenes", amount: "1", unit: "each" }],
};

interface Balances {
  readonly buyer: bigint;
  readonly seller: bigint;
}

/** Agents that keep running accounts, on a chain of their own. */
export class AccountStage {
  readonly stage: DeliveryStage;
  /** What is sold. */
  readonly #file: string;

  private constructor(stage: DeliveryStage, file: string) {
    this.stage = stage;
    this.#file = file;
  }

  static async prepare(): Promise<AccountStage> {
    const stage = await DeliveryStage.prepare();
    const file = join(stage.folder, "goods");
    await writeFile(file, GOODS);
    return new AccountStage(stage, file);
  }

  /** As a buyer does whose agent is not the one that we know. */
  async closeByHand(name: string, { accounts }: JsonObject): Promise<void> {
    const { deployment, token, chain } = this.stage.rehearsal;
    const { buyer, seller } = this.stage;
    const { salt } = (accounts as { with: [{ salt: Bytes32 }] }).with[0];
    const parties = [
      { agent: buyer.agent, credit: BigInt(CREDIT) },
      { agent: seller.agent, credit: 0n },
    ] as const;
    const crypto = new NodeCrypto();
    const signer = crypto.sessionSigner(crypto.generateSessionSecret());
    const now = await chain.time();
    const { epoch } = await chain.authority(buyer.agent);
    const validity = { notBefore: now - 3_600, notAfter: now + 86_400, epoch };
    const wallet = localWallet(buyer.wallet);
    const certificate = await issueCertificate(wallet, deployment, buyer.agent, signer.publicKey, validity);
    const journal = openAccountsJournal({ journal: join(this.stage.folder, `${name}.sqlite`), witness: null });
    const tab = await Tab.open({
      ...{ agent: buyer.agent, crypto, clock: new SystemClock(), journal, keys: fixedKey(signer, certificate) },
      terms: { parties, token, salt },
      separator: domainSeparator(settlementDomain(deployment.chainId, deployment.settlement)),
      certificates: new CertificateVerifier(chain, deployment),
    });
    await tab.close();
    await journal.close();
  }

  async emptyBuyer(): Promise<void> {
    const { deployment, token, chain } = this.stage.rehearsal;
    const { agent, wallet } = this.stage.buyer;
    const rpc = await connectRpc(this.stage.url);
    const owner = new Operator(rpc, new Sender(rpc, wallet));
    await owner.withdraw(deployment, agent, token, owner.address, await chain.free(agent, token));
  }

  /** Waits until what was bought has come. */
  async fetched(name: string): Promise<void> {
    const folder = join(this.stage.folder, `${name}.bought`);
    const isThere = async () => (await readdir(folder)).some((one) => /^0x[0-9a-f]{64}$/.test(one));
    while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Configurations of both sides that mean the same account. */
  async accountsOf(name: string, settleAt = SETTLE_AT) {
    const { token } = this.stage.rehearsal;
    const common = { token, salt: toHex(systemEntropy.bytes(32)), settleAt };
    const prices = { [token]: "3000000000" };
    const sold = { ...common, agent: this.stage.buyer.agent.toString(), ours: "0", theirs: CREDIT };
    let url = "http://127.0.0.1:0";
    const seller = (before?: Acting) => ({
      ...{ prices, accounts: { listen: url, with: [sold] } },
      listen: before?.agent.address ?? "ws://127.0.0.1:0",
      deliver: { artifact: this.#file, listen: before?.agent.delivery.serves ?? "http://127.0.0.1:0" },
    });
    const buyer = async ({ agent, event }: Acting): Promise<[string, Wish, JsonObject]> => {
      const [address, serves] = [agent.address ?? "", agent.delivery.serves ?? ""];
      url = (await event("accounts")).url;
      const bought = { ...common, agent: this.stage.seller.agent.toString(), ours: CREDIT, theirs: "0", url, address };
      const delivery = { by: "artifact", url: serves, bytes: GOODS.length };
      const intake = { folder: join(this.stage.folder, `${name}.bought`), allow: [serves] };
      return [address, { terms: { ...WISH_TERMS, delivery } }, { intake, prices, accounts: { with: [bought] } }];
    };
    return { seller, buyer };
  }

  async both(name: string, settleAt = SETTLE_AT, embedding: AgentParts = {}) {
    const terms = await this.accountsOf(name, settleAt);
    const selling = await this.stage.sell(`${name}.seller`, terms.seller());
    const parts = await terms.buyer(selling);
    const buying = await this.stage.buy(`${name}.buyer`, ...parts, embedding);
    const open = async () => {
      const { open: wanted } = parseAgentConfig(await this.stage.buyerConfig(`${name}.buyer`, ...parts));
      assert.ok(wanted !== null);
      return await buying.agent.open(wanted);
    };
    return { selling, buying, open };
  }

  /** What a side's journal holds of its accounts, once it has stopped. */
  async entriesIn(name: string): Promise<string[]> {
    const journal = openAccountsJournal({ journal: join(this.stage.folder, `${name}.sqlite`), witness: null });
    const streams = (await journal.streams()).filter((stream) => stream.startsWith("tab:"));
    const records = (await Promise.all(streams.map((stream) => journal.read(stream)))).flat();
    await journal.close();
    return records
      .map(decodeRecord)
      .map(({ type, signed: { entry } }) => `${type} ${entry.total}${entry.last ? " last" : ""}`);
  }

  async balances(): Promise<Balances> {
    const { chain, token } = this.stage.rehearsal;
    return {
      buyer: await chain.free(this.stage.buyer.agent, token),
      seller: await chain.free(this.stage.seller.agent, token),
    };
  }

  async moved(before: Balances) {
    const now = await this.balances();
    return { buyer: now.buyer - before.buyer, seller: now.seller - before.seller };
  }
}

/** Waits for so many agreements. */
export async function agreed({ told, event }: Acting, count: number): Promise<void> {
  await event("agreed", () => told.filter((one) => one.event === "agreed").length >= count);
}

export async function outcomes({ told, event }: Acting, name: string, count: number): Promise<void> {
  const isSo = () => told.filter((one) => one.event === "outcome" && one.outcome === name).length >= count;
  await event("outcome", isSo);
}

export function firstOf({ told }: Acting): string | undefined {
  return told.find((event) => event.event === "account")?.account;
}

export function acts({ told }: Acting): string[] {
  return told.flatMap((event) => (event.event === "act" ? [event.act] : []));
}

export function troubles({ told }: Acting): string[] {
  return told.flatMap((event) => (event.event === "trouble" ? [`${event.code}: ${event.message}`] : []));
}

/** Waits until a process has told something. */
export async function until({ events }: AgentProcess, isSo: (event: AgentEvent) => boolean): Promise<void> {
  while (!events.some(isSo)) await new Promise((resolve) => setTimeout(resolve, 10));
}
