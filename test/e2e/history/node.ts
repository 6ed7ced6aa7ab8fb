import { type Abi, encodeDeployData, encodeFunctionData } from "viem";
import { readArtifact } from "../../../offchain/adapters/chain/artifacts.ts";
import type { Rpc } from "../../../offchain/adapters/chain/rpc.ts";
import type { Hex } from "../../../offchain/kernel/bytes.ts";
import type { Address } from "../../../offchain/kernel/ids.ts";

const GAS = "0x4c4b40";

/** What anvil can do that a chain can't: act for everybody, without asking first whether it will work, and take blocks back. */
export class AnvilNode {
  readonly #rpc: Rpc;

  constructor(rpc: Rpc) {
    this.#rpc = rpc;
  }

  async prepare(accounts: readonly Address[]): Promise<void> {
    await this.ask("anvil_autoImpersonateAccount", [true]);
    for (const account of accounts) await this.ask("anvil_setBalance", [account, "0x56bc75e2d63100000"]);
  }

  ask<Result>(method: string, params: readonly unknown[] = []): Promise<Result> {
    return this.#rpc.reads.request({ method, params } as never);
  }

  /** Sends a call, included at once whether or not it reverts. */
  async call(from: Address, to: Address, abi: Abi, functionName: string, args: readonly unknown[], value = 0n) {
    const data = encodeFunctionData({ abi, functionName, args });
    // Anvil answers before it has made the block; and to take blocks back while it makes one does it no good.
    await this.#included(await this.#send({ from, to, data, value: `0x${value.toString(16)}` }));
  }

  async deploy(from: Address, artifact: string, args: readonly unknown[]): Promise<{ address: Address; abi: Abi }> {
    const { abi, bytecode } = await readArtifact(artifact);
    const hash = await this.#send({ from, data: encodeDeployData({ abi, bytecode, args }) });
    const { contractAddress } = await this.#included(hash);
    return { address: contractAddress, abi };
  }

  async height(): Promise<number> {
    return Number(await this.ask<Hex>("eth_blockNumber"));
  }

  async passTime(seconds: number): Promise<void> {
    await this.ask("evm_increaseTime", [seconds]);
    await this.mine();
  }

  async mine(blocks = 1): Promise<void> {
    await this.ask("anvil_mine", [`0x${blocks.toString(16)}`]);
  }

  async #included(hash: Hex): Promise<{ contractAddress: Address }> {
    for (;;) {
      const receipt = await this.ask<{ contractAddress: Address } | null>("eth_getTransactionReceipt", [hash]);
      if (receipt !== null) return receipt;
      await new Promise(setImmediate);
    }
  }

  #send(transaction: Readonly<Record<string, unknown>>): Promise<Hex> {
    return this.ask("eth_sendTransaction", [{ ...transaction, gas: GAS }]);
  }
}
