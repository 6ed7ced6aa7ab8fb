// What the tests of hand-overs share: two kinds of assets, who puts them, and whose they are.
import { expect } from "chai";
import type { AddressLike } from "ethers";
import type { HandOver } from "../../../types/ethers-contracts/HandOver.ts";
import type { AssetStruct } from "../../../types/ethers-contracts/interfaces/IHandOver.ts";
import type { OpenCollectible } from "../../../types/ethers-contracts/mocks/OddCollectibles.sol/OpenCollectible.ts";
import type { TestToken } from "../../../types/ethers-contracts/mocks/TestToken.ts";
import { receipt } from "../fixtures/acts.ts";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers, type TestSigner } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import type { SideOptions } from "../fixtures/envelopes.ts";
import { DAY, HOUR } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";
import { type Deal, hashDeal } from "../typedData.ts";

export const Fate = { None: 0n, Open: 1n, Due: 2n, Back: 3n, Handed: 4n } as const;

export type Side = "buyer" | "seller";

export interface Asset extends AssetStruct {
  token: string;
  number: bigint;
}

export const NOTHING: Asset = { token: ethers.ZeroAddress, number: 0n };

export interface HandOverWorld extends World {
  handOver: HandOver;
  relics: OpenCollectible;
  coins: TestToken;
  /** A metered deal, not committed. */
  deal: Deal;
  /** One relic and some coins. */
  relic: Asset;
  coin: Asset;
}

export async function loadHandOver(changes: Partial<Deal> = {}, commitWithin = HOUR): Promise<HandOverWorld> {
  const world = await load();
  const handOver = await ethers.deployContract("HandOver", [world.settlement]);
  const relics = await ethers.deployContract("OpenCollectible");
  const coins = await ethers.deployContract("TestToken");
  const commitBy = (await networkHelpers.time.latest()) + commitWithin;
  const deal = await makeDeal(world, { reviewPeriod: 0, commitBy, ...changes });
  const relic = { token: await relics.getAddress(), number: 7n };
  const coin = { token: await coins.getAddress(), number: 500n };
  return { ...world, handOver, relics, coins, deal, relic, coin };
}

export interface PutOptions {
  of?: Deal;
  transcript?: string;
  by?: TestSigner;
  inReturn?: Asset;
  /** Without it, an hour from now. */
  until?: number;
}

/** Gives the asset to a side's wallet, or to `by`, and has it put. */
export async function put(world: HandOverWorld, side: Side, asset: Asset, options: PutOptions = {}) {
  const { of = world.deal, transcript = TRANSCRIPT, inReturn = NOTHING } = options;
  const by = options.by ?? world[`${side}Wallet`];
  await supply(world, asset, by);
  const until = options.until ?? (await networkHelpers.time.latest()) + HOUR;
  return await world.handOver.connect(by).put(of, transcript, side === "buyer", asset, inReturn, until);
}

/** Makes the asset and lets HandOver fetch it. */
export async function supply(world: HandOverWorld, { token, number }: Asset, owner: TestSigner): Promise<void> {
  const odd = await ethers.getContractAt("OpenToken", token);
  await odd.mint(owner, number);
  await odd.connect(owner).approve(world.handOver, number);
}

/** Carries the buyer's receipt of the whole price. */
export async function exchange(
  world: HandOverWorld,
  assets: { fromSeller?: Asset[]; fromBuyer?: Asset[] },
  { of = world.deal, by = world.relayer, ...side }: SideOptions & { of?: Deal; by?: TestSigner } = {},
) {
  const paid = await receipt(world, of, of.price, side);
  const { fromSeller = [], fromBuyer = [] } = assets;
  return await world.handOver.connect(by).exchange(of, TRANSCRIPT, paid, fromSeller, fromBuyer);
}

/** Hands over what the side put, called by somebody whom it doesn't concern. */
export function take(
  world: HandOverWorld,
  side: Side,
  asset: Asset,
  {
    of = world.deal,
    by = world.relayer,
    to = ethers.ZeroAddress,
  }: { of?: Deal; by?: TestSigner; to?: AddressLike } = {},
) {
  return world.handOver.connect(by).take(of, TRANSCRIPT, side === "buyer", asset, to);
}

/** Gives the side back what it put, called by somebody whom it doesn't concern. */
export function takeBack(
  world: HandOverWorld,
  side: Side,
  asset: Asset,
  {
    of = world.deal,
    by = world.relayer,
    to = ethers.ZeroAddress,
  }: { of?: Deal; by?: TestSigner; to?: AddressLike } = {},
) {
  return world.handOver.connect(by).takeBack(of, TRANSCRIPT, side === "buyer", asset, to);
}

export async function fateOf(world: HandOverWorld, side: Side, asset: Asset, of = world.deal): Promise<bigint> {
  const { fate } = await world.handOver.parcelOf(of, TRANSCRIPT, side === "buyer", asset);
  return fate;
}

export async function expectFate(world: HandOverWorld, side: Side, asset: Asset, fate: bigint, of = world.deal) {
  expect(await fateOf(world, side, asset, of)).to.equal(fate);
}

/** That a hand-over is refused because the asset isn't that of whom it would go to. */
export async function expectNot(
  world: HandOverWorld,
  sending: Promise<unknown>,
  asset: Asset,
  actual: bigint,
  needed: bigint,
  of = world.deal,
) {
  await expectRefused(world, sending, "FateMismatch", hashDeal(of), asset.token, asset.number, actual, needed);
}

export async function expectRefused(
  world: HandOverWorld,
  sending: Promise<unknown>,
  error: string,
  ...args: unknown[]
) {
  await expect(sending)
    .to.be.revertedWithCustomError(world.handOver, error)
    .withArgs(...args);
}

/** Last second of what may be put for a deal that was committed then. */
export function latestUntil(committed: number, deal: Deal): number {
  return committed + deal.deliverWithin + DAY;
}

/** Who has the relic. */
export async function holderOf({ relics, relic }: HandOverWorld): Promise<string> {
  return await relics.ownerOf(relic.number);
}
