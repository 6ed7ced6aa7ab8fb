// How a deal ends when its sides don't agree, or agree on something else.

import { Status } from "../fixtures/enums.ts";
import type { Deal } from "../typedData.ts";
import { enter, LIVE, type Matter, negotiationKey, potOf, requireSaidBy, settle, standing } from "./deals.ts";
import { credit, purse } from "./ledger.ts";
import { ownerOrWalletOnly, requireSpeaks, requireWallet, type Voice } from "./registry.ts";
import {
  type Arbitrator,
  type Dispute,
  type Entry,
  max,
  min,
  NATIVE,
  type Payout,
  refuse,
  type State,
  WHOLE,
} from "./state.ts";
import { requireAfter, requireUntil, STATEMENT } from "./time.ts";

const CHOICES = WHOLE + 3n;
const TOLERANCE = 500n;

export const Malice = { None: 0n, ReusesId: 1n, RulesWhileAsked: 2n, RaisesCost: 3n, RulesTwice: 4n, Reenters: 5n };

/** How a side agrees to a split: by its wallet's signature, as sender, or by its session key. */
export type Consent =
  | { kind: "signed"; signer: string; epoch: bigint }
  | { kind: "sent" }
  | { kind: "said"; voice: Voice };

export interface Split {
  toSeller: bigint;
  until: bigint;
  buyer: Consent;
  seller: Consent;
}

export function split(state: State, by: string, matter: Matter, terms: Split): Payout {
  const { deal } = matter;
  requireConsent(state, by, deal.buyer, terms.buyer);
  requireConsent(state, by, deal.seller, terms.seller);
  const { entry, hash } = standing(state, matter, LIVE);
  requireUntil(hash, state.now, terms.until);
  if (terms.toSeller > potOf(deal)) refuse("SplitTooHigh", hash, terms.toSeller, potOf(deal));
  if (terms.toSeller < entry.received) refuse("SplitTooLow", hash, terms.toSeller, entry.received);
  returnFee(state, entry);
  return settle(state, entry, terms.toSeller);
}

function requireConsent(state: State, by: string, agent: bigint, consent: Consent): void {
  if (consent.kind === "sent") ownerOrWalletOnly(state, by, agent);
  else if (consent.kind === "said") requireSpeaks(state, agent, consent.voice);
  else requireWallet(state, agent, consent.epoch, consent.signer);
}

export interface Statement {
  share: bigint;
  voice?: Voice | undefined;
}

export function dispute(
  state: State,
  by: string,
  matter: Matter,
  { share, voice, value }: Statement & { value: bigint },
) {
  const { deal } = matter;
  requireSaidBy(state, deal.buyer, by, voice);
  const { entry, hash } = standing(state, matter, [Status.Delivered]);
  requireUntil(hash, state.now, entry.since + BigInt(deal.reviewPeriod));
  if (share > WHOLE) refuse("ShareTooHigh", hash, share, WHOLE);
  if (value !== deal.maxFee) refuse("WrongFee", hash, value, deal.maxFee);
  enter(state, entry, Status.Disputed);
  entry.dispute = {
    buyerShare: share,
    sellerShare: WHOLE,
    rulingUntil: state.now + STATEMENT + BigInt(deal.rulingWithin),
    ruling: 0n,
    answered: false,
    referred: false,
    ruled: false,
  };
  purse(state, NATIVE).held += value;
  purse(state, NATIVE).owed += value;
}

function disputed(state: State, matter: Matter): { entry: Entry; hash: string; dispute: Dispute } {
  const { entry, hash } = standing(state, matter, [Status.Disputed]);
  if (!entry.dispute) throw new Error("a disputed deal without dispute");
  return { entry, hash, dispute: entry.dispute };
}

export function answer(state: State, by: string, matter: Matter, { share, voice }: Statement): Payout | undefined {
  requireSaidBy(state, matter.deal.seller, by, voice);
  const { entry, hash, dispute } = disputed(state, matter);
  if (dispute.answered) refuse("AlreadyAnswered", hash);
  requireUntil(hash, state.now, entry.since + STATEMENT);
  if (dispute.referred) refuse("AlreadyReferred", hash);
  if (share > WHOLE) refuse("ShareTooHigh", hash, share, WHOLE);
  dispute.answered = true;
  dispute.sellerShare = share;
  return share <= dispute.buyerShare ? award(state, entry, share, matter.deal.sellerBond) : undefined;
}

/** Asks the arbitrator, out of the deposit first and then out of what the caller adds. */
export function refer(state: State, matter: Matter, value: bigint): void {
  const { deal } = matter;
  const { entry, hash, dispute } = disputed(state, matter);
  if (dispute.referred) refuse("AlreadyReferred", hash);
  if (!dispute.answered) requireAfter(hash, state.now, entry.since + STATEMENT);
  requireUntil(hash, state.now, dispute.rulingUntil);
  const arbitrator = state.arbitrators.get(deal.arbitrator);
  // a call to where no contract is fails without a word
  if (!arbitrator) refuse("");
  const { cost } = arbitrator;
  if (cost > deal.maxFee + value) refuse("FeeTooHigh", cost, deal.maxFee + value);
  const fromDeposit = min(cost, deal.maxFee);
  requireBehaved(arbitrator);
  dispute.referred = true;
  arbitrator.trials.push({ key: negotiationKey(deal), ruled: false });
  credit(state, deal.buyer, NATIVE, deal.maxFee - fromDeposit);
  purse(state, NATIVE).owed -= fromDeposit;
  purse(state, NATIVE).held -= fromDeposit;
}

/** What comes of asking an arbitrator that does one thing wrong. */
function requireBehaved({ address, cost, malice, trials }: Arbitrator): void {
  const id = BigInt(trials.length);
  if (malice === Malice.RaisesCost && cost > 0n) refuse("CostNotPaid", cost, 2n * cost);
  if (malice === Malice.RulesWhileAsked) refuse("ArbitratorMisbehaved", address, id);
  if (malice === Malice.Reenters) refuse("Reentered");
  if (malice === Malice.ReusesId && id !== 0n) refuse("ArbitratorMisbehaved", address, id - 1n);
}

/** The arbitrator's owner rules, as its own contract lets it. */
export function rule(state: State, address: string, id: bigint, ruling: bigint): void {
  const arbitrator = state.arbitrators.get(address);
  const trial = arbitrator?.trials[Number(id)];
  if (!arbitrator || !trial || trial.ruled) refuse("NothingToRule", id);
  if (ruling > CHOICES) refuse("RulingUnknown", ruling, CHOICES);
  trial.ruled = true;
  given(state, trial.key, ruling);
  if (arbitrator.malice === Malice.RulesTwice) given(state, trial.key, ruling + 1n);
}

/** It gives a ruling whatever its contract says. */
export function forceRuling(state: State, address: string, id: bigint, ruling: bigint): void {
  const trial = state.arbitrators.get(address)?.trials[Number(id)];
  if (!trial) refuse("DisputeUnknown", address, id);
  given(state, trial.key, ruling);
}

/** Only the first ruling in time counts; the others do nothing. */
function given(state: State, key: string, ruling: bigint): void {
  const entry = state.entries.get(key);
  const dispute = entry?.dispute;
  if (!dispute || entry.status !== Status.Disputed || dispute.ruled || state.now > dispute.rulingUntil) return;
  dispute.ruled = true;
  dispute.ruling = ruling > CHOICES ? 0n : ruling;
}

/** The ruling counts between both statements; whose was farther off by more than the tolerance loses its bond. */
export function execute(state: State, matter: Matter): Payout {
  const { deal } = matter;
  const { entry, hash, dispute } = disputed(state, matter);
  if (!dispute.ruled) refuse("NotRuled", hash);
  if (dispute.ruling === 0n) return award(state, entry, BigInt(deal.lapseShare), deal.sellerBond);
  const right = max(dispute.buyerShare, min(dispute.sellerShare, shareOf(dispute.ruling)));
  const buyersError = right - dispute.buyerShare;
  const sellersError = dispute.sellerShare - right;
  return award(state, entry, right, bondsToSeller(deal, buyersError, sellersError));
}

function bondsToSeller(deal: Deal, buyersError: bigint, sellersError: bigint): bigint {
  if (buyersError - sellersError > TOLERANCE) return deal.sellerBond + deal.buyerBond;
  return sellersError - buyersError > TOLERANCE ? 0n : deal.sellerBond;
}

function shareOf(ruling: bigint): bigint {
  if (ruling === 1n) return 0n;
  return ruling === 2n ? WHOLE : ruling - 3n;
}

export function lapse(state: State, matter: Matter): Payout {
  const { entry, hash, dispute } = disputed(state, matter);
  if (dispute.ruled) refuse("AlreadyRuled", hash);
  requireAfter(hash, state.now, dispute.rulingUntil);
  return award(state, entry, BigInt(matter.deal.lapseShare), matter.deal.sellerBond);
}

/** Of the price the seller gets its share, at least what receipts say; of the bonds as told. */
function award(state: State, entry: Entry, share: bigint, bonds: bigint): Payout {
  const earned = max((entry.deal.price * share) / WHOLE, entry.received);
  returnFee(state, entry);
  return settle(state, entry, earned + bonds);
}

/** A fee that no arbitrator got is the buyer's. */
function returnFee(state: State, { status, dispute, deal }: Entry): void {
  if (status === Status.Disputed && !dispute?.referred) credit(state, deal.buyer, NATIVE, deal.maxFee);
}
