/**
 * What gas is measured of: each operation as it is usually called, by name. To measure another, add an entry that does what has to come
 * before and returns the receipt of the transaction that counts.
 *
 * All figures are of whole transactions, with the intrinsic 21,000 and calldata. The balances touched are neither zero before nor after,
 * and both bonds are locked. Every figure has to be the same on every machine, at any time: so nothing that is signed may hold the
 * present time or anything random, since zero bytes in calldata cost less than others.
 */
import type { ContractTransactionReceipt, ContractTransactionResponse } from "ethers";
import { agree, agreeBySession, ethers, HOUR, makeDeal, networkHelpers, TRANSCRIPT, type World } from "../fixtures.ts";
import type { Deal } from "../typedData.ts";
import { FixedSessionKey } from "./fixedSessionKey.ts";

/** The second at which all scenarios begin. */
export const START = 2_000_000_000;

export interface Scenario {
  /** Its figure is the transaction's gas divided by this, e.g. the number of deals in a batch. */
  readonly each?: number;
  run(world: World): Promise<ContractTransactionReceipt>;
}

export const scenarios: Readonly<Record<string, Scenario>> = {
  /** An agent's second registration, without a URI. */
  register: {
    run: ({ registry, buyerOwner }) => receipt(registry.connect(buyerOwner)["register()"]()),
  },
  deposit: {
    async run({ settlement, token, buyer, buyerOwner }) {
      await token.mint(buyerOwner, 10n);
      return await receipt(settlement.connect(buyerOwner).deposit(buyer, token, 1n));
    },
  },
  withdraw: {
    async run({ settlement, token, buyer, buyerOwner }) {
      await token.mint(buyerOwner, 10n);
      return await receipt(settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, 1n));
    },
  },
  /** By wallets that are EOAs. */
  commit: {
    async run(world) {
      return await receipt(world.settlement.commit(...(await agree(world, await fixedDeal(world)))));
    },
  },
  // commitBatch10: { each: 10, run: ... } belongs here once there is an operation that commits several deals.
  /** By session keys. (Once there are mandates, under one of each side.) */
  commitSession: {
    async run(world) {
      const validity = { notBefore: START - HOUR, notAfter: START + 24 * HOUR };
      const buyer = { key: new FixedSessionKey(1n), ...validity };
      const seller = { key: new FixedSessionKey(2n), ...validity };
      const { args } = await agreeBySession(world, await fixedDeal(world), { buyer, seller });
      return await receipt(world.settlement.commitBySession(...args));
    },
  },
  deliver: {
    run: async (world) => await deliver(world, await committed(world)),
  },
  /** After delivery. */
  accept: {
    async run(world) {
      const deal = await committed(world);
      await deliver(world, deal);
      return await receipt(world.settlement.connect(world.buyerWallet).accept(deal, TRANSCRIPT));
    },
  },
  /** What was delivered and not reviewed in time. */
  claim: {
    async run(world) {
      const deal = await committed(world);
      await deliver(world, deal);
      await networkHelpers.time.increase(240 * HOUR);
      return await receipt(world.settlement.claim(deal, TRANSCRIPT));
    },
  },
  /** What was not delivered in time. */
  refund: {
    async run(world) {
      const deal = await committed(world);
      await networkHelpers.time.increase(240 * HOUR);
      return await receipt(world.settlement.refund(deal, TRANSCRIPT));
    },
  },
  // receipts10000 belongs here once receipts can be claimed: ten thousand of them claimed and closed by one transaction.
};

async function fixedDeal(world: World): Promise<Deal> {
  return await makeDeal(world, { commitBy: START + HOUR, negotiation: ethers.id("gas") });
}

async function committed(world: World): Promise<Deal> {
  const deal = await fixedDeal(world);
  await receipt(world.settlement.commit(...(await agree(world, deal))));
  return deal;
}

async function deliver(world: World, deal: Deal): Promise<ContractTransactionReceipt> {
  return await receipt(world.settlement.connect(world.sellerWallet).deliver(deal, TRANSCRIPT, ethers.id("evidence")));
}

async function receipt(sending: Promise<ContractTransactionResponse>): Promise<ContractTransactionReceipt> {
  const mined = await (await sending).wait();
  if (mined === null) throw new Error("the transaction was not mined");
  return mined;
}
