// What the tests of faults share: a world whose agents have something at stake, and what they sign.
import type { SaidStruct } from "../../../types/ethers-contracts/interfaces/ISettlement.ts";
import { act } from "../fixtures/acts.ts";
import { agreeBySession, type SessionOptions } from "../fixtures/agreements.ts";
import { ethers, NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { Kind } from "../fixtures/enums.ts";
import type { SideOptions } from "../fixtures/envelopes.ts";
import { type MandateTerms, makeMandate } from "../fixtures/mandates.ts";
import { load, type World } from "../fixtures/world.ts";
import { hashEnvelope } from "../sessionKey.ts";
import { type Deal, hashDeal } from "../typedData.ts";

export const STAKE = 50_000_000n;

export type Side = "buyer" | "seller";

export function otherOf(side: Side): Side {
  return side === "buyer" ? "seller" : "buyer";
}

export function ownerOf(world: World, side: Side) {
  return world[`${side}Owner`];
}

export function walletOf(world: World, side: Side) {
  return world[`${side}Wallet`];
}

/** The world with both agents' stakes in its token and in native coin. */
export async function loadStaked(): Promise<World> {
  const world = await load();
  for (const side of ["buyer", "seller"] as const) {
    for (const token of [await world.token.getAddress(), NATIVE]) await stake(world, side, token, STAKE);
  }
  return world;
}

export async function stake(world: World, side: Side, token: string, amount: bigint): Promise<void> {
  await world.settlement.connect(ownerOf(world, side)).stake(world[side], token, amount);
}

/** What an agent has at stake in a token: what stays, and what is leaving. */
export async function bondedOf(world: World, side: Side, token: string): Promise<[bigint, bigint]> {
  const { bonded, leaving } = await world.settlement.stakeOf(world[side], token);
  return [bonded, leaving];
}

/** Takes all that an agent has free in a token out. */
export async function empty(world: World, side: Side, token: string, rest = 0n): Promise<void> {
  const { settlement, stranger } = world;
  const free = await settlement.free(world[side], token);
  await settlement.connect(ownerOf(world, side)).withdraw(world[side], token, stranger, free - rest);
}

/** Takes an agent's freedom from limits away; with terms, gives it a mandate instead. */
export async function restrict(world: World, side: Side, terms?: Partial<MandateTerms>): Promise<void> {
  const settlement = world.settlement.connect(ownerOf(world, side));
  await settlement.setUnlimited(world[side], false);
  if (!terms) return;
  await settlement.setMandate(world[side], world.token, ethers.ZeroHash, await makeMandate(terms));
}

/** An offer or acceptance of `named` by one side of `deal`, and its hash. */
export async function say(
  world: World,
  deal: Deal,
  side: Side,
  kind: "Offer" | "Accept",
  named: Deal = deal,
  options: SideOptions = {},
): Promise<{ said: SaidStruct; hash: string }> {
  const body = hashDeal(named);
  const signer = walletOf(world, side);
  const auth = await act(world, deal, { agent: deal[side], signer, kind: Kind[kind], body, ...options });
  const { seq, sentAt, prev } = auth.session;
  const hash = hashEnvelope(await world.settlement.DOMAIN_SEPARATOR(), {
    negotiation: deal.negotiation,
    agent: deal[side],
    seq: Number(seq),
    kind: Kind[kind],
    sentAt: BigInt(sentAt),
    prev: String(prev),
    seen: String(auth.seen),
    body,
  });
  return { said: { accepts: kind === "Accept", deal: body, auth }, hash };
}

/** Has `by` declare that the other side stands in the way, with its wallet; returns transcript and second. */
export async function declare(world: World, deal: Deal, by: Side, options: SessionOptions = {}) {
  const { args, transcript } = await agreeBySession(world, deal, options);
  await world.settlement.connect(walletOf(world, by)).commitOrDeclare(...args);
  return { transcript, since: await networkHelpers.time.latest() };
}

export function exposureOf(deal: Deal, side: Side): bigint {
  return side === "buyer" ? deal.price + deal.buyerBond : deal.sellerBond;
}

export function bondOf(deal: Deal, side: Side): bigint {
  return side === "buyer" ? deal.buyerBond : deal.sellerBond;
}
