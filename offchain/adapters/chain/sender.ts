import type {
  Abi,
  ContractFunctionArgs,
  ContractFunctionName,
  SimulateContractParameters,
  WriteContractParameters,
} from "viem";
import { ParleyError } from "../../kernel/errors.ts";
import type { Address, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Inclusion } from "../../ports/chain.ts";
import { chainError } from "./errors.ts";
import { type Rpc, type Writes, walletFor } from "./rpc.ts";

type WriteMutability = "nonpayable" | "payable";

export interface ContractCall<A extends Abi, F extends ContractFunctionName<A, WriteMutability>> {
  readonly address: Address;
  readonly abi: A;
  readonly functionName: F;
  readonly args: ContractFunctionArgs<A, WriteMutability, F>;
  readonly value?: bigint;
}

/**
 * Sends transactions of one key, one after the other, so that two never take the same nonce. Each is tried as a call
 * first: what the contract would refuse is never sent, and the refusal has a name.
 */
export class Sender {
  readonly #rpc: Rpc;
  readonly #writes: Writes;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(rpc: Rpc, secret: Bytes32) {
    this.#rpc = rpc;
    this.#writes = walletFor(rpc, secret);
  }

  get address(): Address {
    return this.#writes.account.address.toLowerCase() as Address;
  }

  /** Resolves once the transaction is included and did not revert. */
  send<const A extends Abi, F extends ContractFunctionName<A, WriteMutability>>(
    doing: string,
    call: ContractCall<A, F>,
  ): Promise<Inclusion> {
    return this.#send(doing, async () => {
      const { account } = this.#writes;
      // viem can't infer a call's shape through a type parameter; the parameter list above has checked it.
      const trial = { ...call, account } as unknown as SimulateContractParameters;
      const simulated = await this.#rpc.reads.simulateContract(trial);
      // The simulation hands back an ABI without errors; with its own the contract's refusals keep their names.
      const request = { ...simulated.request, abi: call.abi } as unknown as WriteContractParameters<Abi, string>;
      return this.#writes.writeContract(request);
    });
  }

  /** Sends native coin. */
  pay(doing: string, to: Address, value: Amount): Promise<Inclusion> {
    return this.#send(doing, () => this.#writes.sendTransaction({ to, value }));
  }

  /** Deploys a contract and returns its address too. */
  async deploy(doing: string, abi: Abi, bytecode: `0x${string}`, args: readonly unknown[]) {
    const inclusion = await this.#send(doing, () => this.#writes.deployContract({ abi, bytecode, args }));
    const { contractAddress } = await this.#rpc.reads.getTransactionReceipt({ hash: inclusion.transaction });
    if (!contractAddress) throw new ParleyError("ChainFailed", `${doing}: the receipt names no contract`);
    return { ...inclusion, address: contractAddress.toLowerCase() as Address };
  }

  async #included(doing: string, hash: Bytes32): Promise<Inclusion> {
    const receipt = await this.#rpc.reads.waitForTransactionReceipt({ hash });
    if (receipt.status !== "success") {
      throw new ParleyError("Reverted", `${doing}: transaction ${hash} was included, but reverted`, {
        hint: "the state changed between the trial and the inclusion; look at the deal's record and try again",
      });
    }
    return { transaction: hash, block: receipt.blockNumber, gasUsed: receipt.gasUsed };
  }

  /** Sends in turn, so that nonces don't clash; waits for the block out of turn, so that one slow block holds up nobody. */
  async #send(doing: string, submit: () => Promise<Bytes32>): Promise<Inclusion> {
    const sent = this.#queue.then(submit);
    this.#queue = sent.catch(() => undefined);
    try {
      return await this.#included(doing, await sent);
    } catch (thrown) {
      throw chainError(thrown, doing);
    }
  }
}
