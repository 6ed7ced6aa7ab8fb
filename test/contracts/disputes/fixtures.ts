// What the tests of disputes share: a delivered deal whose arbitrator is a foreign one that can misbehave, and books
// that take deposits, stakes and what is burnt into account.
import { expect } from "chai";
import type { CentralArbitrator } from "../../../types/ethers-contracts/index.ts";
import { act, receipt } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { readAll } from "../fixtures/batch.ts";
import { ethers, NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Kind } from "../fixtures/enums.ts";
import type { SideOptions } from "../fixtures/envelopes.ts";
import { DAY } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { type Deal, hashAct, hashDeal } from "../typedData.ts";

export const COST = 600_000n;
export const EVIDENCE = ethers.id("evidence");
export const CHOICES = 10_003n;
export const STATEMENT_PERIOD = DAY;
export const Malice = {
  None: 0,
  ReusesId: 1,
  RulesWhileAsked: 2,
  RaisesCost: 3,
  RulesTwice: 4,
  Reenters: 5,
} as const;

/** The world, an arbitrator that obeys `deployer`, and a deal that was delivered and may be disputed. */
export interface DisputeWorld extends World {
  arbitrator: CentralArbitrator;
  deal: Deal;
  /** Last second for a dispute. */
  reviewUntil: number;
}

export async function loadDelivered(changes: Partial<Deal> = {}): Promise<DisputeWorld> {
  const fresh = await load();
  const arbitrator = await ethers.deployContract("CentralArbitrator", [fresh.deployer, COST], fresh.deployer);
  const deal = await makeDeal(fresh, { arbitrator: await arbitrator.getAddress(), ...changes });
  const reviewUntil = await deliver(fresh, deal);
  return { ...fresh, arbitrator, deal, reviewUntil };
}

/** Commits and delivers a deal; returns the last second for a dispute. */
export async function deliver(world: World, deal: Deal): Promise<number> {
  await commit(world, deal);
  await world.settlement.connect(world.sellerWallet).deliver(deal, TRANSCRIPT, EVIDENCE);
  return (await networkHelpers.time.latest()) + deal.reviewPeriod;
}

/** Disputes the deal, as its buyer's wallet; returns the second at which it happened. */
export async function dispute(world: DisputeWorld, share = 2_000, deal = world.deal): Promise<number> {
  const { settlement, buyerWallet } = world;
  await settlement.connect(buyerWallet).dispute(deal, TRANSCRIPT, share, EVIDENCE, { value: deal.maxFee });
  return await networkHelpers.time.latest();
}

export async function answer(world: DisputeWorld, share = 9_000, deal = world.deal): Promise<void> {
  await world.settlement.connect(world.sellerWallet).answer(deal, TRANSCRIPT, share, EVIDENCE);
}

/** Refers the dispute and returns the arbitrator's id of it. */
export async function refer(world: DisputeWorld, deal = world.deal): Promise<bigint> {
  await world.settlement.connect(world.relayer).refer(deal, TRANSCRIPT);
  const [event] = await world.arbitrator.queryFilter(world.arbitrator.filters.DisputeCreation, "latest");
  if (!event) throw new Error("the arbitrator has no dispute");
  return event.args[0];
}

/** Everything up to the ruling; returns the arbitrator's id of the dispute. */
export async function ruled(world: DisputeWorld, owned: number, asked: number | undefined, ruling: bigint) {
  const since = await dispute(world, owned);
  if (asked === undefined) await networkHelpers.time.increaseTo(since + STATEMENT_PERIOD);
  else await answer(world, asked);
  const id = await refer(world);
  await world.arbitrator.forceRuling(world.settlement, id, ruling);
  return id;
}

/** A side's statement in a dispute, said by its session key. */
export async function statement(
  world: World,
  deal: Deal,
  side: "buyer" | "seller",
  share: number,
  options: SideOptions = {},
) {
  const body = hashAct("Dispute", { deal: hashDeal(deal), share, evidence: EVIDENCE });
  const signer = world[`${side}Wallet`];
  return await act(world, deal, { agent: deal[side], signer, kind: Kind.Dispute, body, ...options });
}

/** Has the seller claim a receipt of the buyer over this much. */
export async function claimReceipt(world: World, deal: Deal, total: bigint): Promise<void> {
  const auth = await receipt(world, deal, total);
  await world.settlement.connect(world.relayer).claimReceipt(deal, TRANSCRIPT, total, auth, false);
}

/** What both agents ought to have free by now: what they began with and these changes. */
export async function expectFree(world: World, token: string, buyer: bigint, seller: bigint): Promise<void> {
  const { settlement } = world;
  const free = [await settlement.free(world.buyer, token), await settlement.free(world.seller, token)];
  expect(free, "free balances of buyer and seller").to.deep.equal([FUNDS + buyer, FUNDS + seller]);
}

/**
 * Settlement holds just what it owes of a token: free balances and stakes of both agents, what is burnt, and `escrow`,
 * which in native coin are deposits.
 */
export async function expectBooks(world: World, token: string, escrow: bigint): Promise<void> {
  const { settlement, buyer, seller } = world;
  const { held, owed, burnt } = await settlement.solvent(token);
  let sum = escrow + burnt;
  const accounts = [buyer, seller].map((agent) => [agent, token]);
  for (const free of await readAll(settlement, "free", accounts)) sum += free;
  for (const { bonded, leaving } of await readAll(settlement, "stakeOf", accounts)) sum += bonded + leaving;
  expect({ owed, held }, "free + stakes + escrow + burnt = owed = held").to.deep.equal({ owed: sum, held: sum });
}

/** The same of the world's token and of native coin. */
export async function expectAllBooks(world: DisputeWorld, escrow: bigint, deposits: bigint): Promise<void> {
  await expectBooks(world, world.deal.token, escrow);
  await expectBooks(world, NATIVE, deposits);
}
