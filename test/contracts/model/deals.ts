// The life of a deal that goes as agreed.
import { AbiCoder, keccak256, solidityPackedKeccak256 } from "ethers";
import { Status } from "../fixtures/enums.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { account, credit } from "./ledger.ts";
import { useMandate } from "./mandates.ts";
import {
  find,
  ownerOrWalletOnly,
  requireLiable,
  requireSpeaks,
  requireWallet,
  speaksFor,
  type Voice,
} from "./registry.ts";
import { type Entry, type Failure, NOBODY, type Payout, refuse, type State, WHOLE } from "./state.ts";
import { COMMIT_AHEAD, GRACE, requireAfter, requireUntil } from "./time.ts";

/** A deal together with the transcript that led to it: what every later act brings. */
export interface Matter {
  deal: Deal;
  transcript: string;
}

export const OPEN = [Status.Committed, Status.Delivered];
export const LIVE = [Status.Committed, Status.Delivered, Status.Disputed];

export function negotiationKey({ buyer, seller, negotiation }: Deal): string {
  const [lower, higher] = buyer < seller ? [buyer, seller] : [seller, buyer];
  return solidityPackedKeccak256(["uint256", "uint256", "bytes32"], [lower, higher, negotiation]);
}

export function fingerprint({ deal, transcript }: Matter): string {
  const encoded = AbiCoder.defaultAbiCoder().encode(["bytes32", "bytes32"], [hashDeal(deal), transcript]);
  return keccak256(encoded).slice(0, 2 + 52);
}

export function isMetered(deal: Deal): boolean {
  return deal.reviewPeriod === 0;
}

export function potOf(deal: Deal): bigint {
  return deal.price + deal.buyerBond + deal.sellerBond;
}

export function exposureOf(deal: Deal, agent: bigint): bigint {
  return agent === deal.buyer ? deal.price + deal.buyerBond : deal.sellerBond;
}

/** What neither side can help alone. */
export function dealRefusal(state: State, deal: Deal): Failure | undefined {
  const commitBy = BigInt(deal.commitBy);
  const lapseShare = BigInt(deal.lapseShare);
  const latest = state.now + COMMIT_AHEAD;
  if (deal.buyer === deal.seller) return { error: "BuyerIsSeller", args: [deal.buyer, deal.seller] };
  if (state.now > commitBy) return { error: "CommitByPassed", args: [state.now, commitBy] };
  if (commitBy > latest) return { error: "CommitByTooFar", args: [commitBy, latest] };
  if (lapseShare > WHOLE) return { error: "LapseShareTooHigh", args: [lapseShare, WHOLE] };
  if (state.pausedAt !== 0n) return { error: "CommitmentsPaused", args: [state.pausedAt, state.now] };
  const used = state.entries.get(negotiationKey(deal));
  if (used) return { error: "NegotiationUsed", args: [used.status, Status.None] };
  return undefined;
}

/** What one side can help; else its part is taken. The owner itself isn't bound by its own mandate. */
export function takePart(state: State, deal: Deal, agent: bigint, byOwner = false): Failure | undefined {
  const found = find(state, agent);
  if (!found) return { error: "AgentUnknown", args: [agent, BigInt(state.agents.length)] };
  if (state.now <= found.lockedUntil) return { error: "AgentLocked", args: [state.now, found.lockedUntil] };
  const exposure = exposureOf(deal, agent);
  const own = account(state, agent, deal.token);
  const { meter } = own;
  if (!byOwner) {
    if (found.wallet === NOBODY) return { error: "WalletMissing", args: [agent, found.epoch] };
    const refused = useMandate(state, deal, agent, exposure);
    if (refused) return refused;
  }
  if (own.free < exposure) {
    // what isn't taken uses no budget
    own.meter = meter;
    return { error: agent === deal.buyer ? "BuyerFundsTooLow" : "SellerFundsTooLow", args: [own.free, exposure] };
  }
  own.free -= exposure;
  return undefined;
}

export function requireNone(failure: Failure | undefined): void {
  if (failure) refuse(failure.error, ...failure.args);
}

export function record(state: State, matter: Matter, status: bigint): Entry {
  const entry = { deal: matter.deal, fingerprint: fingerprint(matter), status, since: state.now, received: 0n };
  state.entries.set(negotiationKey(matter.deal), entry);
  return entry;
}

export function requireCommittable(state: State, deal: Deal): void {
  requireNone(dealRefusal(state, deal));
  requireNone(takePart(state, deal, deal.buyer));
  requireNone(takePart(state, deal, deal.seller));
}

export interface Signed {
  epoch: bigint;
  signer: string;
}

export function commit(state: State, matter: Matter, buyer: Signed, seller: Signed): void {
  const { deal } = matter;
  requireCommittable(state, deal);
  requireWallet(state, deal.buyer, buyer.epoch, buyer.signer);
  requireWallet(state, deal.seller, seller.epoch, seller.signer);
  record(state, matter, Status.Committed);
}

/** The offer is judged first, then what accepts it. */
export function commitBySession(
  state: State,
  matter: Matter,
  buyerAccepts: boolean,
  { buyer, seller }: { buyer: Voice; seller: Voice },
): void {
  const { deal } = matter;
  requireCommittable(state, deal);
  if (buyerAccepts) requireSpeaks(state, deal.seller, seller);
  requireSpeaks(state, deal.buyer, buyer);
  if (!buyerAccepts) requireSpeaks(state, deal.seller, seller);
  record(state, matter, Status.Committed);
}

/** The deal's entry, if it is this very deal and in one of these states. */
export function standing(state: State, matter: Matter, allowed: readonly bigint[]): { entry: Entry; hash: string } {
  const hash = hashDeal(matter.deal);
  const entry = state.entries.get(negotiationKey(matter.deal));
  const actual = fingerprint(matter);
  const recorded = entry?.fingerprint ?? `0x${"0".repeat(52)}`;
  if (!entry || actual !== recorded) return refuse("DealMismatch", hash, actual, recorded);
  if (!allowed.includes(entry.status)) {
    refuse(
      "StatusMismatch",
      hash,
      entry.status,
      allowed.reduce((bits, status) => bits | (1n << status), 0n),
    );
  }
  return { entry, hash };
}

export function enter(state: State, entry: Entry, status: bigint): void {
  entry.status = status;
  entry.since = state.now;
}

/** The one way out: of the pot the seller gets its share, less what it has, and the buyer the rest. */
export function settle(state: State, entry: Entry, sellersShare: bigint): Payout {
  const { deal } = entry;
  const toBuyer = potOf(deal) - sellersShare;
  const toSeller = sellersShare - entry.received;
  credit(state, deal.buyer, deal.token, toBuyer);
  credit(state, deal.seller, deal.token, toSeller);
  enter(state, entry, Status.Settled);
  return { toBuyer, toSeller };
}

/** Seller's share of the pot if no more comes than what receipts say. */
function undelivered(deal: Deal, total: bigint): bigint {
  if (isMetered(deal)) return total + deal.sellerBond;
  return deal.price === 0n ? 0n : total + (deal.sellerBond * total) / deal.price;
}

/** By wallet or owner, or with a session key's word, which anyone carries. */
export function requireSaidBy(state: State, agent: bigint, by: string, voice: Voice | undefined): void {
  if (voice) requireSpeaks(state, agent, voice);
  else ownerOrWalletOnly(state, by, agent);
}

export function deliver(state: State, by: string, matter: Matter, voice?: Voice): void {
  requireSaidBy(state, matter.deal.seller, by, voice);
  const { entry, hash } = standing(state, matter, [Status.Committed]);
  if (isMetered(matter.deal)) refuse("DealMetered", hash);
  requireUntil(hash, state.now, entry.since + BigInt(matter.deal.deliverWithin));
  enter(state, entry, Status.Delivered);
}

export function accept(state: State, by: string, matter: Matter): Payout {
  ownerOrWalletOnly(state, by, matter.deal.buyer);
  const { entry } = standing(state, matter, OPEN);
  return settle(state, entry, matter.deal.price + matter.deal.sellerBond);
}

export function claim(state: State, matter: Matter): Payout {
  const { entry, hash } = standing(state, matter, [Status.Delivered]);
  requireAfter(hash, state.now, entry.since + BigInt(matter.deal.reviewPeriod));
  return settle(state, entry, matter.deal.price + matter.deal.sellerBond);
}

export function claimReceipt(
  state: State,
  by: string,
  matter: Matter,
  { total, close, voice }: { total: bigint; close: boolean; voice: Voice },
): Payout | undefined {
  const { deal } = matter;
  const { entry, hash } = standing(state, matter, close ? OPEN : LIVE);
  if (total > deal.price) refuse("ReceiptTooHigh", hash, total, deal.price);
  requireLiable(state, deal.buyer, voice);
  const isNews = total > entry.received;
  const isRepeated = total === entry.received && total !== 0n;
  if (!(isNews || (close && isRepeated))) refuse("ReceiptTooLow", hash, total, entry.received);
  if (close) {
    if (total !== deal.price && !speaksFor(state, by, deal.seller)) refuse("NotOwnerOrWallet", deal.seller, by);
    return settle(state, entry, undelivered(deal, total));
  }
  credit(state, deal.seller, deal.token, total - entry.received);
  entry.received = total;
  return undefined;
}

export function refund(state: State, matter: Matter): Payout {
  const { entry, hash } = standing(state, matter, [Status.Committed]);
  requireAfter(hash, state.now, entry.since + BigInt(matter.deal.deliverWithin) + GRACE);
  return settle(state, entry, undelivered(matter.deal, entry.received));
}
