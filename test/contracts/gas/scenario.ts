// What all gas scenarios begin with. Every figure has to be the same on every machine, at any time: so nothing that is
// signed may hold the present time or anything random, since zero bytes in calldata cost less than others.
import type { ContractTransactionReceipt, ContractTransactionResponse } from "ethers";
import { act } from "../fixtures/acts.ts";
import { agree, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Kind } from "../fixtures/enums.ts";
import { limit } from "../fixtures/mandates.ts";
import { HOUR } from "../fixtures/time.ts";
import type { World } from "../fixtures/world.ts";
import { type Deal, hashAct, hashDeal } from "../typedData.ts";
import { FixedSessionKey } from "./fixedSessionKey.ts";

/** The second at which all scenarios begin. */
export const START = 2_000_000_000;

/** One operation as it is usually called: does what has to come before, and returns the receipt that counts. */
export interface Scenario {
  /** Its figure is the transaction's gas divided by this, e.g. the number of deals in a batch. */
  readonly each?: number;
  run(world: World): Promise<ContractTransactionReceipt>;
}

export type Scenarios = Readonly<Record<string, Scenario>>;

export async function receipt(sending: Promise<ContractTransactionResponse>): Promise<ContractTransactionReceipt> {
  const mined = await (await sending).wait();
  if (mined === null) throw new Error("the transaction was not mined");
  return mined;
}

/** A deal between two agents that both have a mandate with a budget, for its category. */
export async function limitedDeal(world: World, changes: Partial<Deal> = {}): Promise<Deal> {
  await limit(world, { expiry: START + 1_000 * HOUR });
  return await fixedDeal(world, changes);
}

export async function fixedDeal(world: World, changes: Partial<Deal> = {}): Promise<Deal> {
  return await makeDeal(world, { commitBy: START + HOUR, negotiation: ethers.id("gas"), ...changes });
}

export async function committed(world: World, changes: Partial<Deal> = {}): Promise<Deal> {
  const deal = await fixedDeal(world, changes);
  await receipt(world.settlement.commit(...(await agree(world, deal))));
  return deal;
}

export async function deliver(world: World, deal: Deal): Promise<ContractTransactionReceipt> {
  return await receipt(world.settlement.connect(world.sellerWallet).deliver(deal, TRANSCRIPT, EVIDENCE));
}

export const EVIDENCE = ethers.id("evidence");

const validity = { notBefore: START - HOUR, notAfter: START + 24 * HOUR };

/** Both sides' session keys. */
export const sides = {
  buyer: { key: new FixedSessionKey(1n), ...validity },
  seller: { key: new FixedSessionKey(2n), ...validity },
} as const;

/** A receipt of the buyer's session key. */
export async function receiptFor(world: World, deal: Deal, total: bigint) {
  const body = hashAct("Receipt", { deal: hashDeal(deal), total });
  const { buyer, buyerWallet } = world;
  return await act(world, deal, { agent: buyer, signer: buyerWallet, kind: Kind.Receipt, body, ...sides.buyer });
}

export async function passHours(hours: number): Promise<void> {
  await networkHelpers.time.increase(hours * HOUR);
}
