import { encodeFunctionData } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { settlementAbi } from "../../offchain/adapters/chain/abis.ts";
import { agreementArgs } from "../../offchain/adapters/chain/session-auth.ts";
import type { Hex } from "../../offchain/kernel/bytes.ts";
import type { Bytes32 } from "../../offchain/kernel/ids.ts";
import { type Agreement, EVIDENCE, type Stage } from "../../scripts/lib/scenario/stage.ts";
import { each } from "./each.ts";

/** More than any of the three acts takes, and than any block asks for. */
const [GAS, FEE] = [500_000n, 10n ** 11n];

/** Deals a second that the chain makes of transactions which are signed already: commit, deliver and accept for each. */
export async function settlePrebuilt(stage: Stage, agreements: readonly Agreement[], atOnce: number): Promise<number> {
  const commits = await sign(stage, stage.buyer.wallet, agreements, ({ deal, proofs }) =>
    encodeFunctionData({ abi: settlementAbi, functionName: "commitBySession", args: agreementArgs(deal, proofs) }),
  );
  const delivers = await sign(stage, stage.seller.wallet, agreements, ({ deal, transcript }) =>
    encodeFunctionData({ abi: settlementAbi, functionName: "deliver", args: [deal, transcript, EVIDENCE] }),
  );
  const accepts = await sign(
    stage,
    stage.buyer.wallet,
    agreements,
    ({ deal, transcript }) =>
      encodeFunctionData({ abi: settlementAbi, functionName: "accept", args: [deal, transcript] }),
    agreements.length,
  );
  const begin = performance.now();
  // One kind after the other: so each transaction finds what the one before it has made, in whatever order they arrive.
  for (const transactions of [commits, delivers, accepts]) {
    await each(transactions, atOnce, (raw) => include(stage, raw));
  }
  return agreements.length / ((performance.now() - begin) / 1_000);
}

async function sign(
  { rpc, rehearsal }: Stage,
  wallet: Bytes32,
  agreements: readonly Agreement[],
  dataOf: (agreement: Agreement) => Hex,
  skipped = 0,
): Promise<Hex[]> {
  const account = privateKeyToAccount(wallet);
  const first = skipped + (await rpc.reads.getTransactionCount({ address: account.address }));
  const common = { type: "eip1559", chainId: rpc.chainId, to: rehearsal.deployment.settlement, gas: GAS } as const;
  const fees = { maxFeePerGas: FEE, maxPriorityFeePerGas: 1n };
  const signed: Hex[] = [];
  for (const [index, agreement] of agreements.entries()) {
    signed.push(await account.signTransaction({ ...common, ...fees, nonce: first + index, data: dataOf(agreement) }));
  }
  return signed;
}

async function include({ rpc }: Stage, raw: Hex): Promise<void> {
  const hash = await rpc.reads.sendRawTransaction({ serializedTransaction: raw });
  for (;;) {
    const receipt = await rpc.reads.getTransactionReceipt({ hash }).catch(() => null);
    if (receipt?.status === "reverted") throw new Error(`the transaction ${hash} has reverted`);
    if (receipt !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
