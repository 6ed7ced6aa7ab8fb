import { TRANSCRIPT } from "../../fixtures/agreements.ts";
import { ethers } from "../../fixtures/chain.ts";
import { HOUR } from "../../fixtures/time.ts";
import type { World } from "../../fixtures/world.ts";
import { type Asset, NOTHING, type Side } from "../../handover/fixtures.ts";
import { committed, receipt, receiptFor, type Scenarios, START } from "../scenario.ts";

const AMOUNT = 500_000_000n;

/** A committed metered deal, a relic of the seller's and coins of the buyer's, each allowed to be fetched. */
async function prepare(world: World) {
  const handOver = await ethers.deployContract("HandOver", [world.settlement]);
  const relics = await ethers.deployContract("OpenCollectible");
  const coins = await ethers.deployContract("TestToken");
  const relic: Asset = { token: await relics.getAddress(), number: 7n };
  const coin: Asset = { token: await coins.getAddress(), number: AMOUNT };
  const { sellerWallet, sellerOwner, buyerWallet, buyerOwner } = world;
  await relics.mint(sellerWallet, relic.number);
  await relics.connect(sellerWallet).approve(handOver, relic.number);
  await coins.connect(buyerWallet).approve(handOver, ethers.MaxUint256);
  // nobody's balance is zero before or after
  for (const holder of [buyerWallet, buyerOwner, sellerOwner, handOver]) await coins.mint(holder, 2n * AMOUNT);
  for (const [index, holder] of [buyerOwner, handOver, sellerWallet].entries()) await relics.mint(holder, 100 + index);
  const deal = await committed(world, { reviewPeriod: 0 });
  const put = async (side: Side, asset: Asset, inReturn = NOTHING) => {
    const putting = handOver.connect(world[`${side}Wallet`]);
    return await receipt(putting.put(deal, TRANSCRIPT, side === "buyer", asset, inReturn, START + HOUR));
  };
  const exchange = async (fromSeller: Asset[], fromBuyer: Asset[]) => {
    const paid = await receiptFor(world, deal, deal.price);
    return await receipt(handOver.exchange(deal, TRANSCRIPT, paid, fromSeller, fromBuyer));
  };
  return { relic, coin, put, exchange };
}

/** Assets that change hands when a deal is settled. */
export const handOverScenarios: Scenarios = {
  /** An ERC-721, for the price alone. */
  put: {
    async run(world) {
      const { relic, put } = await prepare(world);
      return await put("seller", relic);
    },
  },
  /** An ERC-20, in return for an asset of the other side. */
  putInReturn: {
    async run(world) {
      const { relic, coin, put } = await prepare(world);
      return await put("buyer", coin, relic);
    },
  },
  /** The price for an ERC-721, by the buyer's receipt, which ends the deal. */
  exchange: {
    async run(world) {
      const { relic, put, exchange } = await prepare(world);
      await put("seller", relic);
      return await exchange([relic], []);
    },
  },
  /** An ERC-721 for an ERC-20, and a price. */
  exchangeBoth: {
    async run(world) {
      const { relic, coin, put, exchange } = await prepare(world);
      await put("seller", relic, coin);
      await put("buyer", coin, relic);
      return await exchange([relic], [coin]);
    },
  },
};
