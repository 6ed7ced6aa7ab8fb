import { mkdtempSync } from "node:fs";
import { Litigant } from "../../offchain/adapters/chain/litigant.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { SettlementChain } from "../../offchain/adapters/chain/settlement.ts";
import { DEVELOPMENT_KEY } from "../../offchain/node/embedded-chain.ts";
import { hashDeal } from "../../offchain/terms/deal.ts";
import type { Role } from "../../offchain/terms/proposal.ts";
import { type Agreement, Stage } from "../../scripts/lib/scenario/stage.ts";
import { median, percentile } from "../measure.ts";
import { type BenchChain, CHAINS, type ChainName } from "./chains.ts";
import { each } from "./each.ts";
import { settlePrebuilt } from "./prebuilt.ts";
import { startSide } from "./side.ts";

export interface Speed {
  /** Both sides' settlements, from agreement to payout. */
  readonly dealsPerSecond: number;
  /** Of what the chain does with the same transactions, signed before. */
  readonly ratioToChain: number;
  readonly chainDealsPerSecond: number;
  /** With commitments that go together, ten at most. */
  readonly batchedDealsPerSecond: number;
  readonly batchedRatioToChain: number;
  /** From agreement to knowing that it is committed, while others settle too. */
  readonly committedP50Ms: number;
  readonly committedP99Ms: number;
  /** The same, where nothing else goes on. */
  readonly aloneP50Ms: number;
  readonly aloneP99Ms: number;
}

export interface SpeedOptions {
  readonly folder: string;
  readonly deals: number;
  readonly atOnce: number;
  /** Each way is measured so often, in turn with the others. */
  readonly blocks: number;
}

const FUNDS = 10n ** 12n;

/** In wei: more than all transactions of a run may cost at most. */
const GAS_MONEY = 10n ** 21n;

/** Deals that are settled before any counts. */
const WARM_UP = 100;

/** Deals of a batch where commitments go together. */
const BATCH = 10;

export async function measureSpeed(name: ChainName, options: SpeedOptions): Promise<Speed> {
  return await onChain(name, async (stage, url) => {
    const { folder, deals, atOnce, blocks } = options;
    const [latencies, ratios, speeds]: [number[], number[], number[]] = [[], [], []];
    const [chainSpeeds, batchedRatios, batchedSpeeds]: [number[], number[], number[]] = [[], [], []];
    for (let block = 0; block < blocks; block++) {
      const chain = await settlePrebuilt(stage, await agree(stage, deals), atOnce);
      const each = await settle(stage, url, mkdtempSync(`${folder}/`), null, { deals, atOnce });
      const batched = await settle(stage, url, mkdtempSync(`${folder}/`), BATCH, { deals, atOnce });
      chainSpeeds.push(chain);
      speeds.push(each.dealsPerSecond);
      ratios.push(each.dealsPerSecond / chain);
      batchedSpeeds.push(batched.dealsPerSecond);
      batchedRatios.push(batched.dealsPerSecond / chain);
      latencies.push(...each.latencies);
    }
    const alone = await settle(stage, url, mkdtempSync(`${folder}/`), null, { deals: Math.ceil(deals / 2), atOnce: 1 });
    return {
      dealsPerSecond: median(speeds),
      ratioToChain: median(ratios),
      chainDealsPerSecond: median(chainSpeeds),
      batchedDealsPerSecond: median(batchedSpeeds),
      batchedRatioToChain: median(batchedRatios),
      ...{ committedP50Ms: percentile(latencies, 0.5), committedP99Ms: percentile(latencies, 0.99) },
      ...{ aloneP50Ms: percentile(alone.latencies, 0.5), aloneP99Ms: percentile(alone.latencies, 0.99) },
    };
  });
}

/** Gas of a deal's whole life, commit, deliver and accept, where so many are committed together. */
export async function measureGas(folder: string, sizes: readonly number[]): Promise<Record<string, number>> {
  return await onChain("embedded", async (stage, url) => {
    const found: Record<string, number> = {};
    for (const size of sizes) {
      const { gas } = await settle(stage, url, mkdtempSync(`${folder}/`), size, {
        deals: size,
        atOnce: size,
        warmUp: 1,
      });
      found[size] = Number(gas) / size;
    }
    return found;
  });
}

/** Gas for each receipt of a metered deal, commit and claim together, where so many were signed and the newest is claimed. */
export async function measureReceipts(counts: readonly number[]): Promise<Record<string, number>> {
  return await onChain("embedded", async (stage) => {
    const found: Record<string, number> = {};
    const seller = stage.sender(stage.seller);
    const chain = new SettlementChain(stage.rpc, seller, stage.rehearsal.deployment);
    for (const count of [1, ...counts]) {
      const agreement = await stage.agree({ price: BigInt(count), reviewPeriod: 0, deliverWithin: 100_000 });
      const { deal, transcript, proofs } = agreement;
      const committed = await chain.commit(deal, proofs);
      let receipt = await receiptFor(stage, agreement, 1);
      for (let total = 2; total <= count; total++) receipt = await receiptFor(stage, agreement, total);
      const claimed = await chain.claimReceipt(deal, transcript, receipt, true);
      found[count] = Number(committed.gasUsed + claimed.gasUsed) / count;
    }
    return found;
  });
}

function receiptFor(stage: Stage, { deal }: Agreement, total: number) {
  const body = { kind: "RECEIPT", deal: hashDeal(deal), total: BigInt(total) } as const;
  return stage.say(stage.buyer, deal, body, { seq: 5 + total, seen: hashDeal(deal) });
}

async function onChain<Result>(
  name: ChainName,
  measure: (stage: Stage, url: string) => Promise<Result>,
): Promise<Result> {
  const chain: BenchChain = await CHAINS[name]();
  const prepared = await Stage.prepare(chain.url);
  const stage = await prepared.recast({ buyerFunds: FUNDS });
  try {
    // A rehearsal gives its agents gas for a few deals.
    const bank = new Sender(stage.rpc, DEVELOPMENT_KEY);
    for (const side of [stage.buyer, stage.seller]) await bank.pay("gas", stage.sender(side).address, GAS_MONEY);
    const result = await measure(stage, chain.url);
    const litigant = new Litigant(stage.rpc, stage.sender(stage.buyer), stage.rehearsal.deployment);
    const { held, owed } = await litigant.solvency(stage.rehearsal.token);
    if (held < owed) throw new Error("the treasury holds less than it owes");
    return result;
  } finally {
    prepared.stop();
    stage.stop();
    await chain.stop();
  }
}

async function settle(
  stage: Stage,
  url: string,
  folder: string,
  batch: number | null,
  { deals, atOnce, warmUp = WARM_UP }: Pick<SpeedOptions, "deals" | "atOnce"> & { readonly warmUp?: number },
) {
  const agreements = await agree(stage, deals + warmUp);
  const { deployment } = stage.rehearsal;
  const open = (role: Role, most: number | null) =>
    startSide({ url, deployment, role, wallet: stage[role].wallet, folder, batch: most });
  const [buyer, seller] = await Promise.all([open("buyer", batch), open("seller", null)]);
  // What is done once in a process's life is not part of it, as reading what the chain was before, and compiling what is run often.
  await each(agreements.splice(0, warmUp), atOnce, async (agreement) => {
    await Promise.all([buyer.settle(agreement), seller.settle(agreement)]);
  });
  let gas = 0n;
  const latencies: number[] = [];
  const begin = performance.now();
  await each(agreements, atOnce, async (agreement) => {
    const from = performance.now();
    const onCommitted = () => latencies.push(performance.now() - from);
    const taken = await Promise.all([buyer.settle(agreement, onCommitted), seller.settle(agreement)]);
    gas += taken[0] + taken[1];
  });
  const dealsPerSecond = deals / ((performance.now() - begin) / 1_000);
  await buyer.stop();
  await seller.stop();
  return { dealsPerSecond, latencies, gas };
}

async function agree(stage: Stage, deals: number): Promise<Agreement[]> {
  const agreements: Agreement[] = [];
  while (agreements.length < deals) agreements.push(await stage.agree());
  return agreements;
}
