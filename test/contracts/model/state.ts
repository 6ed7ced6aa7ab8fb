// What the model knows: plain objects and bigint, cloned before each operation, so that one that fails leaves no trace.
import type { Deal } from "../typedData.ts";

export const NATIVE = "0x0000000000000000000000000000000000000000";
export const NOBODY = `0x${"0".repeat(40)}`;
export const MOST = 2n ** 128n - 1n;
export const WHOLE = 10_000n;

export interface Agent {
  id: bigint;
  owner: string;
  wallet: string;
  epoch: bigint;
  tenure: bigint;
  lockedUntil: bigint;
  ended: Map<bigint, { wallet: string; endedAt: bigint }>;
}

/** What an agent has in one token. The meter is the nanosecond up to which its budgets are used. */
export interface Account {
  free: bigint;
  bonded: bigint;
  leaving: bigint;
  leavesAt: bigint;
  meter: bigint;
}

/** What Settlement is in one token. */
export interface Purse {
  held: bigint;
  owed: bigint;
  burnt: bigint;
}

/** How a token deviates: it takes a hundredth, calls back (a deposit, or a release of somebody's stake), or fails. */
export interface Token {
  address: string;
  takesFee: boolean;
  broken: boolean;
  calls?: { kind: "deposit" } | { kind: "release"; by: string; agent: bigint; token: string };
}

export interface Mandate {
  limit: bigint;
  budget: bigint;
  threshold: bigint;
  expiry: bigint;
  approver: string;
}

export interface Dispute {
  buyerShare: bigint;
  sellerShare: bigint;
  rulingUntil: bigint;
  ruling: bigint;
  answered: boolean;
  referred: boolean;
  ruled: boolean;
}

/** All that is known of one negotiation between two agents. */
export interface Entry {
  deal: Deal;
  fingerprint: string;
  status: bigint;
  since: bigint;
  received: bigint;
  dispute?: Dispute;
  declared?: { bySeller: boolean; epoch: bigint };
}

export interface Arbitrator {
  address: string;
  cost: bigint;
  malice: bigint;
  /** Of each dispute by its id: the negotiation, and whether it was ruled. */
  trials: { key: string; ruled: boolean }[];
}

export interface State {
  now: bigint;
  settlement: string;
  guardian: string;
  pausedAt: bigint;
  agents: Agent[];
  accounts: Map<string, Account>;
  purses: Map<string, Purse>;
  tokens: Map<string, Token>;
  rules: Map<string, Mandate>;
  unlimited: Set<string>;
  consents: Map<string, { most: bigint; until: bigint; version: bigint }>;
  entries: Map<string, Entry>;
  paidForFaults: Map<string, bigint>;
  arbitrators: Map<string, Arbitrator>;
}

/** What an ending pays out of escrow. */
export interface Payout {
  toBuyer: bigint;
  toSeller: bigint;
}

export type Failure = { error: string; args: readonly unknown[] };

/** An operation that is refused, by the name of its error. */
export class Refusal extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.error);
    this.failure = failure;
  }
}

export function refuse(error: string, ...args: unknown[]): never {
  throw new Refusal({ error, args });
}

export type Outcome = { state: State; payout: Payout | undefined } | Failure;

/** Runs an operation at a moment: the new state and what it paid, or its error and the state as it was. */
export function attempt(state: State, now: bigint, operation: (draft: State) => Payout | undefined): Outcome {
  const draft = structuredClone(state);
  draft.now = now;
  try {
    const payout = operation(draft);
    return { state: draft, payout };
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.failure;
    throw refusal;
  }
}

export function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
