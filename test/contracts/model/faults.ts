// What signed envelopes prove against an agent, and what it costs.

import { Status } from "../fixtures/enums.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { dealRefusal, enter, exposureOf, type Matter, record, requireNone, standing, takePart } from "./deals.ts";
import { credit, forfeit, purse } from "./ledger.ts";
import {
  find,
  ownerOnly,
  ownerOrWalletOnly,
  requireAgent,
  requireEndedLately,
  requireGiven,
  requireLiable,
  requireSpeaks,
  speaksFor,
  type Voice,
} from "./registry.ts";
import { type Entry, max, type Payout, refuse, type State } from "./state.ts";
import { CURE, requireAfter, requireUntil } from "./time.ts";

const OBSTACLE_OF_REVOKED_KEYS = "WrongEpoch";

/** Commits what both agreed to; or, if only the other side stands in the way, takes the caller's part. */
export function commitOrDeclare(
  state: State,
  by: string,
  matter: Matter,
  buyerAccepts: boolean,
  voices: { buyer: Voice; seller: Voice },
): string | undefined {
  const { deal } = matter;
  const bySeller = !speaksFor(state, by, deal.buyer);
  if (bySeller) ownerOrWalletOnly(state, by, deal.seller);
  const [own, other] = bySeller ? [deal.seller, deal.buyer] : [deal.buyer, deal.seller];
  const [ownVoice, otherVoice] = bySeller ? [voices.seller, voices.buyer] : [voices.buyer, voices.seller];
  requireNone(dealRefusal(state, deal));
  requireNone(takePart(state, deal, own));
  const revoked = otherVoice.epoch !== requireAgent(state, other).epoch;
  if (revoked) requireEndedLately(state, other, otherVoice.epoch);
  for (const side of buyerAccepts ? [deal.seller, deal.buyer] : [deal.buyer, deal.seller]) {
    if (side === own) requireSpeaks(state, own, ownVoice);
    else requireGiven(state, other, otherVoice);
  }

  const obstacle = revoked ? OBSTACLE_OF_REVOKED_KEYS : takePart(state, deal, other)?.error;
  const entry = record(state, matter, obstacle ? Status.Declared : Status.Committed);
  if (obstacle) entry.declared = { bySeller, epoch: otherVoice.epoch };
  return obstacle;
}

export function cureUntil({ deal, since }: Entry): bigint {
  return max(BigInt(deal.commitBy), since + CURE);
}

function declared(state: State, matter: Matter) {
  const { entry, hash } = standing(state, matter, [Status.Declared]);
  if (!entry.declared) throw new Error("a declared deal without declaration");
  const { buyer, seller } = matter.deal;
  const { bySeller, epoch } = entry.declared;
  return { entry, hash, epoch, own: bySeller ? seller : buyer, other: bySeller ? buyer : seller };
}

export function cure(state: State, by: string, matter: Matter): void {
  const { entry, hash, epoch, other } = declared(state, matter);
  requireUntil(hash, state.now, cureUntil(entry));
  const revoked = epoch !== find(state, other)?.epoch;
  if (revoked) ownerOnly(state, by, other);
  requireNone(takePart(state, matter.deal, other, revoked));
  enter(state, entry, Status.Committed);
}

/** What was locked returns, and the other side pays its bond out of its stake. */
export function penalise(state: State, matter: Matter): Payout {
  const { deal } = matter;
  const { entry, hash, own, other } = declared(state, matter);
  requireAfter(hash, state.now, cureUntil(entry));
  enter(state, entry, Status.Defaulted);
  const returned = exposureOf(deal, own);
  credit(state, own, deal.token, returned);
  charge(state, deal, other);
  return own === deal.buyer ? { toBuyer: returned, toSeller: 0n } : { toBuyer: 0n, toSeller: returned };
}

/** An offer or acceptance with its place; `id` stands for the whole envelope. */
export interface Said {
  deal: string;
  seq: bigint;
  id: string;
  voice: Voice;
}

export function equivocation(state: State, agent: bigint, deal: Deal, first: Said, second: Said): void {
  const hash = hashDeal(deal);
  if (agent !== deal.buyer && agent !== deal.seller) refuse("NotAParty", hash, agent);
  if (deal.buyer === deal.seller) refuse("BuyerIsSeller", deal.buyer, deal.seller);
  requireAgent(state, agent === deal.buyer ? deal.seller : deal.buyer);
  if (first.deal !== hash) refuse("WrongDeal", first.deal, hash);
  if (first.seq !== second.seq) refuse("NotEquivocal", agent, first.seq, second.seq);
  requireLiable(state, agent, first.voice);
  requireLiable(state, agent, second.voice);
  if (first.id === second.id) refuse("NotEquivocal", agent, first.seq, second.seq);
  const bond = bondOf(deal, agent);
  const paid = state.paidForFaults.get(faultKey(deal, agent)) ?? 0n;
  if (paid >= bond) refuse("FaultPaid", agent, paid, bond);
  charge(state, deal, agent);
}

function bondOf(deal: Deal, agent: bigint): bigint {
  return agent === deal.buyer ? deal.buyerBond : deal.sellerBond;
}

function faultKey({ buyer, seller, negotiation, token }: Deal, agent: bigint): string {
  return [agent, agent === buyer ? seller : buyer, negotiation, token].join(" ");
}

/** The bond, as far as it isn't paid and there is stake: a tenth to the other side, the rest burnt. */
function charge(state: State, deal: Deal, agent: bigint): void {
  const key = faultKey(deal, agent);
  const paid = state.paidForFaults.get(key) ?? 0n;
  const taken = forfeit(state, agent, deal.token, max(bondOf(deal, agent) - paid, 0n));
  const reward = taken / 10n;
  state.paidForFaults.set(key, paid + taken);
  credit(state, agent === deal.buyer ? deal.seller : deal.buyer, deal.token, reward);
  purse(state, deal.token).burnt += taken - reward;
}

function guardianOnly(state: State, by: string): void {
  if (by !== state.guardian) refuse("NotGuardian", by, state.guardian);
}

export function pause(state: State, by: string): void {
  guardianOnly(state, by);
  state.pausedAt = state.now;
}

export function unpause(state: State, by: string): void {
  guardianOnly(state, by);
  state.pausedAt = 0n;
}
