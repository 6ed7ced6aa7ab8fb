import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";
import { parseAbi } from "viem";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender, type SenderOptions } from "../../offchain/adapters/chain/sender.ts";
import { MemoryJournal } from "../../offchain/adapters/journal/memory/journal.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import type { ParleyError } from "../../offchain/kernel/errors.ts";
import type { Address, Bytes32 } from "../../offchain/kernel/ids.ts";
import { DEVELOPMENT_KEY } from "../../offchain/node/embedded-chain.ts";
import type { Journal } from "../../offchain/ports/journal.ts";
import { type Anvil, startAnvil } from "./anvil.ts";
import { type MoodyNode, startMoodyNode } from "./moody-node.ts";

const COIN = 10n ** 18n;

/** Code that refuses whatever it is called for. */
const REVERTS = "0x60006000fd";

const newKey = () => toHex(randomBytes(32)) as Bytes32;

const newAddress = () => toHex(randomBytes(20)) as Address;

describe("a sender", () => {
  let anvil: Anvil;
  let node: MoodyNode;
  let direct: Rpc;
  let rpc: Rpc;
  let bank: Sender;
  let troubles: ParleyError[];

  before(async () => {
    anvil = await startAnvil("--slots-in-an-epoch", "1");
    node = await startMoodyNode(anvil.url);
    direct = await connectRpc(anvil.url);
    rpc = await connectRpc(node.url);
    bank = new Sender(direct, DEVELOPMENT_KEY);
  });

  beforeEach(async () => {
    troubles = [];
    node.mood = () => "answer";
    await request("evm_setAutomine", true);
  });

  after(async () => {
    await node.close();
    await anvil.stop();
  });

  it("pays each once, however many at a time", async () => {
    const sender = await funded();
    const payees = Array.from({ length: 40 }, newAddress);
    await Promise.all(payees.map((payee) => sender.pay("paying", payee, 1n)));
    assert.deepEqual(await Promise.all(payees.map(balance)), Array(40).fill(1n));
  });

  it("pays once where the node takes a transaction and its answer is lost", async () => {
    const sender = await funded();
    node.mood = ([method]) => (method === "eth_sendRawTransaction" ? "doAndHangUp" : "answer");
    const payee = newAddress();
    await sender.pay("paying", payee, 5n);
    assert.equal(await balance(payee), 5n);
    assert.deepEqual(codes(), ["NotTaken"]);
  });

  it("pays once where a node says that the nonce is used, which it was by that very payment, or wasn't at all", async () => {
    const sender = await funded({ journal: new MemoryJournal() });
    for (const mood of ["doTwice", "nonceUsed", "answer"] as const) {
      let left = 1;
      node.mood = ([method]) => (method === "eth_sendRawTransaction" && left-- > 0 ? mood : "answer");
      const payee = newAddress();
      await sender.pay("paying", payee, 5n);
      assert.equal(await balance(payee), 5n, mood);
    }
    assert.equal(await direct.reads.getTransactionCount({ address: sender.address }), 3);
    await sender.stop();
  });

  it("hands it over again where the node never got it, or refused it for its own reasons", async () => {
    const sender = await funded();
    for (const mood of ["hangUp", "refuse"] as const) {
      let left = 3;
      node.mood = ([method]) => (method === "eth_sendRawTransaction" && left-- > 0 ? mood : "answer");
      const payee = newAddress();
      await sender.pay("paying", payee, 5n);
      assert.equal(await balance(payee), 5n);
    }
  });

  it("goes on through a node that fails at four of ten questions", async () => {
    const sender = await funded();
    let asked = 0;
    node.mood = () => ((asked++ * 7) % 10 < 4 ? "refuse" : "answer");
    const payees = Array.from({ length: 10 }, newAddress);
    await Promise.all(payees.map((payee) => payStubbornly(sender, payee)));
    assert.deepEqual(await Promise.all(payees.map(balance)), Array(10).fill(1n));
  });

  it("offers more for what isn't included, and only one of the offers counts", async () => {
    const sender = await funded();
    await request("evm_setAutomine", false);
    const payee = newAddress();
    const paid = sender.pay("paying", payee, 7n);
    await until(async () => (await pendingCount(sender.address)) > 0);
    const [first] = await pendingOf(sender.address);
    await until(async () => (await pendingOf(sender.address))[0] !== first);
    await request("anvil_mine", "0x1");
    const { transaction } = await paid;
    assert.notEqual(transaction, first);
    assert.equal(await balance(payee), 7n);
    await request("anvil_mine", "0x3");
    assert.equal(await balance(payee), 7n);
  });

  it("never offers more than it is allowed to, and waits until the chain asks for less", async () => {
    const { baseFeePerGas } = await direct.reads.getBlock();
    const cap = (baseFeePerGas ?? 1n) + 10n ** 9n;
    const sender = await funded({ mostFeePerGas: cap });
    await request("anvil_setNextBlockBaseFeePerGas", toHexNumber(cap * 4n));
    await request("anvil_mine", "0x1");
    const payee = newAddress();
    const paid = sender.pay("paying", payee, 7n);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(await balance(payee), 0n);
    await request("anvil_setNextBlockBaseFeePerGas", toHexNumber(1n));
    await request("anvil_mine", "0x1");
    const { transaction } = await paid;
    const { maxFeePerGas } = await direct.reads.getTransaction({ hash: transaction });
    assert.ok((maxFeePerGas ?? 0n) <= cap);
    assert.equal(await balance(payee), 7n);
  });

  it("hands over again what nodes have dropped", async () => {
    const sender = await funded();
    await request("evm_setAutomine", false);
    const payee = newAddress();
    const paid = sender.pay("paying", payee, 7n);
    await until(async () => (await pendingCount(sender.address)) > 0);
    for (const hash of await pendingOf(sender.address)) await request("anvil_dropTransaction", hash);
    assert.deepEqual(await pendingOf(sender.address), []);
    await until(async () => (await pendingCount(sender.address)) > 0);
    await request("anvil_mine", "0x1");
    await paid;
    assert.equal(await balance(payee), 7n);
  });

  it("brings back what a reorganisation took away", async () => {
    const sender = await funded({ journal: new MemoryJournal() });
    const snapshot = await request("evm_snapshot");
    const payee = newAddress();
    await sender.pay("paying", payee, 7n);
    assert.equal(await balance(payee), 7n);
    await request("evm_revert", snapshot);
    await request("anvil_mine", "0x1");
    await until(async () => (await balance(payee)) === 7n);
    await sender.stop();
  });

  it("gives nothing up for a nonce that was used only in a block that was taken back", async () => {
    const sender = await funded({ journal: new MemoryJournal() });
    await request("evm_setAutomine", false);
    const payee = newAddress();
    const paid = sender.pay("paying", payee, 7n);
    await until(async () => (await pendingCount(sender.address)) > 0);
    // Only once it looks so seldom that two looks lie as far apart as those that give up.
    let looks = 0;
    const isLie = (methods: readonly string[]) => methods.includes("eth_getTransactionCount") && ++looks === 10;
    node.mood = (methods) => (isLie(methods) ? "countAhead" : "answer");
    await until(async () => looks >= 13);
    await request("anvil_mine", "0x1");
    await paid;
    assert.equal(await direct.reads.getTransactionCount({ address: sender.address }), 1);
    assert.equal(await balance(payee), 7n);
    await sender.stop();
  });

  it("does nothing under a nonce that another program took and lost, which would hold up all after it", async () => {
    const key = newKey();
    const ours = await funded({ journal: new MemoryJournal() }, key);
    // Its account has code of its own (EIP-7702), which takes no payments.
    const delegate = newAddress();
    await request("anvil_setCode", delegate, REVERTS);
    await request("anvil_setCode", ours.address, `0xef0100${delegate.slice(2)}`);
    await request("evm_setAutomine", false);
    const [payee, theirs] = [newAddress(), newAddress()];
    const other = new Sender(direct, key);
    const lost = other.pay("paying", theirs, 1n).catch(() => null);
    await until(async () => (await pendingCount(ours.address)) === 1);
    const [dropped] = await pendingOf(ours.address);
    const paid = ours.pay("paying", payee, 7n);
    await until(async () => (await pendingCount(ours.address)) === 2);
    await other.stop();
    await lost;
    await request("anvil_dropTransaction", dropped);
    await request("evm_setAutomine", true);
    await paid;
    assert.deepEqual(await Promise.all([payee, theirs].map(balance)), [7n, 0n]);
    assert.deepEqual([...new Set(codes())], ["NonceFree"]);
    await ours.pay("paying", payee, 7n);
    assert.equal(await balance(payee), 14n);
    await ours.stop();
  });

  it("outbids nothing of another program's where the node knew nothing of it", async () => {
    const key = newKey();
    const ours = await funded({ journal: new MemoryJournal() }, key);
    await request("evm_setAutomine", false);
    const [payee, theirs] = [newAddress(), newAddress()];
    const other = new Sender(direct, key);
    const waiting = other.pay("paying", theirs, 1n);
    await until(async () => (await pendingCount(ours.address)) === 1);
    const paid = ours.pay("paying", payee, 7n);
    await until(async () => (await pendingCount(ours.address)) === 2);
    node.mood = () => "poolUnknown";
    await until(async () => codes().includes("Displaced"));
    await request("anvil_mine", "0x1");
    await Promise.all([waiting, paid]);
    assert.deepEqual(await Promise.all([payee, theirs].map(balance)), [7n, 1n]);
    await ours.stop();
  });

  it("doesn't do again what reverted, where a reorganisation takes that away", async () => {
    const sender = await funded({ journal: new MemoryJournal() });
    const [contract, payee] = [newAddress(), newAddress()];
    const snapshot = await request("evm_snapshot");
    await request("anvil_setCode", contract, REVERTS);
    const abi = parseAbi(["function take() payable"]);
    const call = { address: contract, abi, functionName: "take", args: [], value: 5n, gas: 100_000n } as const;
    await assert.rejects(sender.send("giving", call), { code: "Reverted" });
    await request("evm_setAutomine", false);
    const paid = sender.pay("paying", payee, 8n);
    await until(async () => (await pendingCount(sender.address)) === 1);
    await request("evm_revert", snapshot);
    await request("evm_setAutomine", true);
    await paid;
    assert.deepEqual(await Promise.all([contract, payee].map(balance)), [0n, 8n]);
    await sender.stop();
  });

  it("brings back what holds up all after it, also where no journal keeps it", async () => {
    const sender = await funded();
    const snapshot = await request("evm_snapshot");
    const payees = [newAddress(), newAddress()] as const;
    await sender.pay("paying", payees[0], 7n);
    await request("evm_setAutomine", false);
    const paid = sender.pay("paying", payees[1], 8n);
    await until(async () => (await pendingCount(sender.address)) === 1);
    await request("evm_revert", snapshot);
    await request("evm_setAutomine", true);
    await paid;
    assert.deepEqual(await Promise.all(payees.map(balance)), [7n, 8n]);
    await sender.stop();
  });

  for (const [when, crash] of [
    ["before the node had it", "hangUp"],
    ["after the node had it", "doAndHangUp"],
  ] as const) {
    it(`takes up after a crash what was signed, ${when}, and doesn't do it again`, async () => {
      const [key, journal, payee] = [newKey(), new MemoryJournal(), newAddress()];
      const sender = await funded({ journal }, key);
      node.mood = ([method]) => (method === "eth_sendRawTransaction" ? crash : "answer");
      const paid = sender.pay("paying", payee, 7n, "the rent of May");
      await until(async () => troubles.length > 0 || (await balance(payee)) === 7n);
      await sender.stop();
      await paid.catch(() => undefined);
      node.mood = () => "answer";
      const next = sending(key, { journal });
      await next.resume();
      assert.equal(await balance(payee), 7n);
      await next.pay("paying", payee, 7n, "the rent of May");
      await sending(key, { journal }).pay("paying", payee, 7n, "the rent of May");
      assert.equal(await balance(payee), 7n);
      await next.pay("paying", payee, 7n, "the rent of June");
      assert.equal(await balance(payee), 14n);
    });
  }

  it("does first what an earlier process has signed, which would hold up all after it", async () => {
    const [key, journal, payees] = [newKey(), new MemoryJournal(), [newAddress(), newAddress()] as const];
    const sender = await funded({ journal }, key);
    node.mood = ([method]) => (method === "eth_sendRawTransaction" ? "hangUp" : "answer");
    const paid = sender.pay("paying", payees[0], 7n);
    await until(async () => troubles.length > 0);
    await sender.stop();
    await paid.catch(() => undefined);
    node.mood = () => "answer";
    await sending(key, { journal }).pay("paying", payees[1], 8n);
    assert.deepEqual(await Promise.all(payees.map(balance)), [7n, 8n]);
  });

  it("shares its key with another program without losing or repeating anything", async () => {
    const key = newKey();
    const [one, other] = [await funded({}, key), sending(key)];
    const payees = Array.from({ length: 20 }, newAddress);
    await Promise.all(payees.map((payee, place) => payStubbornly(place % 2 === 0 ? one : other, payee)));
    assert.deepEqual(await Promise.all(payees.map(balance)), Array(20).fill(1n));
  });

  it("doesn't outbid what another program has waiting under a nonce that seemed free", async () => {
    const key = newKey();
    const ours = await funded({ journal: new MemoryJournal(), bumpAfterMs: 300 }, key);
    const [first, second, theirs] = [newAddress(), newAddress(), newAddress()];
    await ours.pay("paying", first, 1n);
    await request("evm_setAutomine", false);
    const other = sending(key).pay("paying", theirs, 1n);
    await until(async () => (await pendingCount(ours.address)) === 1);
    const paid = ours.pay("paying", second, 1n);
    await until(async () => (await pendingCount(ours.address)) === 2);
    await request("anvil_mine", "0x1");
    await Promise.all([other, paid]);
    assert.deepEqual(await Promise.all([first, second, theirs].map(balance)), [1n, 1n, 1n]);
    await ours.stop();
  });

  it("says by name what it can't pay for, and signs nothing", async () => {
    const journal = new MemoryJournal();
    const sender = sending(newKey(), { journal });
    await assert.rejects(sender.pay("paying", newAddress(), 0n), { code: "NoCoin", retryable: false });
    assert.deepEqual(await journal.streams(), []);
  });

  it("signs no more at once than it can pay for together", async () => {
    const key = newKey();
    const sender = sending(key, { journal: new MemoryJournal() });
    await bank.pay("funding", sender.address, 10n ** 17n);
    await request("evm_setAutomine", false);
    const payees = Array.from({ length: 3 }, newAddress);
    const paying = payees.map((payee) => sender.pay("paying", payee, 4n * 10n ** 16n));
    const refused = await Promise.race(
      paying.map((one) =>
        one.then(
          () => null,
          (error: ParleyError) => error,
        ),
      ),
    );
    assert.deepEqual([refused?.code, refused?.retryable], ["NoCoin", true]);
    await until(async () => (await pendingCount(sender.address)) === 2);
    await request("anvil_mine", "0x1");
    const results = await Promise.allSettled(paying);
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 2);
    await sender.stop();
  });

  it("says why a transaction reverted, as far as it can be known, and lets it be tried again", async () => {
    const deployer = new Operator(rpc, await funded());
    const deployment = await deployer.deploy();
    const key = newKey();
    const sender = await funded({}, key);
    const owner = new Operator(rpc, sender);
    const { agent } = await owner.register(deployment);
    await owner.deposit(deployment, agent, `0x${"00".repeat(20)}`, 10n);
    const contract = {
      address: deployment.settlement,
      abi: (await import("../../offchain/adapters/chain/abis.ts")).settlementAbi,
    };
    const take = (id: string) => {
      const args = [agent, `0x${"00".repeat(20)}`, newAddress(), 10n] as const;
      return sender.send("withdrawing", { ...contract, functionName: "withdraw", args }, id);
    };
    await request("evm_setAutomine", false);
    const both = [take("one"), take("other")];
    await until(async () => (await pendingCount(sender.address)) === 2);
    await request("anvil_mine", "0x1");
    const results = await Promise.allSettled(both);
    assert.deepEqual(results.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    const refused = results.find((one) => one.status === "rejected")?.reason as ParleyError;
    assert.equal(refused.code, "Reverted");
    assert.equal(refused.facts["contractError"], "FreeBalanceTooLow");
    await assert.rejects(take("other"), { code: "FreeBalanceTooLow" });
  });

  it("asks the next node where one is gone, and takes no nodes of different chains", async () => {
    const second = await startMoodyNode(anvil.url);
    const both = await connectRpc([second.url, anvil.url]);
    await second.close();
    const sender = new Sender(both, await fundedKey());
    const payee = newAddress();
    await sender.pay("paying", payee, 3n);
    assert.equal(await balance(payee), 3n);
    const other = await startAnvil("--chain-id", "5");
    await assert.rejects(connectRpc([anvil.url, other.url]), { code: "WrongChain" });
    // One that was away at first, and is of another chain when it comes back, is not believed.
    const late = await startMoodyNode(other.url);
    late.mood = () => "hangUp";
    const mixed = await connectRpc([late.url, anvil.url]);
    late.mood = () => "answer";
    for (let asked = 0; asked < 3; asked++) {
      const found = await mixed.reads.getBalance({ address: payee });
      assert.equal(found, 3n);
    }
    await late.close();
    await other.stop();
    await assert.rejects(connectRpc([second.url]), { code: "ChainUnreachable" });
  });

  function sending(key: Bytes32, options: SenderOptions = {}): Sender {
    return new Sender(rpc, key, { bumpAfterMs: 150, onTrouble: (error) => troubles.push(error), ...options });
  }

  async function funded(options: SenderOptions & { journal?: Journal } = {}, key?: Bytes32): Promise<Sender> {
    return sending(await fundedKey(key), options);
  }

  async function fundedKey(key = newKey()): Promise<Bytes32> {
    await bank.pay("funding", new Sender(rpc, key).address, COIN);
    return key;
  }

  /** Pays one, trying again whatever may pass. */
  async function payStubbornly(sender: Sender, payee: Address): Promise<void> {
    for (;;) {
      try {
        await sender.pay("paying", payee, 1n, `to ${payee}`);
        return;
      } catch (thrown) {
        assert.equal((thrown as ParleyError).retryable, true);
      }
    }
  }

  function codes(): string[] {
    return [...new Set(troubles.map(({ code }) => code))];
  }

  function balance(address: Address): Promise<bigint> {
    return direct.reads.getBalance({ address });
  }

  function request(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return direct.reads.request({ method, params } as never);
  }

  async function pendingCount(address: Address): Promise<number> {
    const [pending, latest] = await Promise.all([
      direct.reads.getTransactionCount({ address, blockTag: "pending" }),
      direct.reads.getTransactionCount({ address, blockTag: "latest" }),
    ]);
    return pending - latest;
  }

  /** Hashes of what an address has in the node's pool. */
  async function pendingOf(address: Address): Promise<readonly Bytes32[]> {
    type Pool = { readonly pending: Readonly<Record<string, Readonly<Record<string, { readonly hash: Bytes32 }>>>> };
    const { pending } = (await request("txpool_content")) as Pool;
    const [, own] = Object.entries(pending).find(([from]) => from.toLowerCase() === address) ?? [];
    return Object.values(own ?? {}).map(({ hash }) => hash);
  }
});

const toHexNumber = (value: bigint) => `0x${value.toString(16)}`;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}
