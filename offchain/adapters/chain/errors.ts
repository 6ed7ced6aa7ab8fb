import {
  type Abi,
  BaseError,
  ContractFunctionRevertedError,
  decodeErrorResult,
  HttpRequestError,
  SocketClosedError,
  TimeoutError,
  WebSocketRequestError,
} from "viem";
import type { Hex } from "../../kernel/bytes.ts";
import { messageOf, ParleyError } from "../../kernel/errors.ts";
import { agentRegistryAbi, courtAbi, reputationRegistryAbi, settlementAbi } from "./abis.ts";
import { STATUSES } from "./enums.ts";

/** What to do about the refusals that people meet most. */
const HINTS: Readonly<Record<string, string>> = {
  BuyerFundsTooLow: "deposit price and bond into the buyer's treasury, then commit again before `commitBy`",
  SellerFundsTooLow: "deposit the bond into the seller's treasury, then commit again before `commitBy`",
  MandateMissing: "the agent's owner has to set a mandate for this token and category (or `setUnlimited`)",
  MandateExpired: "the agent's owner has to renew the mandate",
  DealLimitExceeded: "deal for less, or let the agent's owner raise the mandate's limit per deal",
  BudgetExceeded: "wait until the daily budget has refilled, or let the agent's owner raise it",
  ApprovalMissing: "ask the mandate's approver to record an approval for this negotiation",
  AgentLocked: "the agent's owner has locked its money, as before a sale; wait until the lock ends",
  CommitmentsPaused: "the guardian has paused new commitments; running deals go on",
  CommitByPassed: "the offers have lapsed; negotiate again",
  WrongEpoch: "the agent's keys were revoked; certify a new session key and negotiate again",
  CertificateExpired: "certify a new session key and negotiate again",
  BadCertificate: "let the agent's wallet record the certificate itself, or sign it with a key that the wallet takes",
  NegotiationUsed: "this negotiation has its deal already; look at its record",
  DeadlinePassed: "it is too late for this; the other side may have a timeout to claim",
  DeadlineNotPassed: "wait until the deadline has passed",
  StatusMismatch: "parley deal show tells whose turn it is, and what can be done now",
  AlreadyAnswered: "the seller has stated its share, once and for all; the dispute can be referred",
  AlreadyReferred: "the arbitrator is asked already; wait for its ruling",
  NotRuled: "have the arbitrator pass on its ruling first (of a Court: parley court execute), or wait until it lapses",
  FeeTooHigh: "the arbitrator asks for more than the deal's fee; without a ruling the deal lapses",
  StageMismatch: "the dispute is at another stage by now: parley court show tells which, and until when",
  NotOnPanel: "this account was not drawn for that round: parley court list tells where it sits",
  StakeMismatch: "the seat lacks another amount: parley court register without --stake pays what it lacks",
  SeatTakenAlready: "this account has its seat: parley court list shows it, parley court leave gives it up",
  StakeBound: "disputes from before the seat was left may still draw it; try again later",
  RulingTooSlow: "too little is left of the deal's `rulingWithin` for this Court; the deal will lapse",
  CreditEmpty: "nothing has been earned since the last withdrawal; parley court list shows what has",
  SeatsTooFew: "this Court has too few seats that are older than the dispute; the deal will lapse",
};

const UNREACHABLE = [HttpRequestError, TimeoutError, WebSocketRequestError, SocketClosedError] as const;

/** Turns what viem throws into an error with the contract's own name for what is wrong. */
export function chainError(thrown: unknown, doing: string): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  const base = thrown instanceof BaseError ? thrown : null;
  const revert = base?.walk((cause) => cause instanceof ContractFunctionRevertedError);
  if (revert instanceof ContractFunctionRevertedError) return refusal(revert, doing, thrown);
  if (base?.walk((cause) => UNREACHABLE.some((kind) => cause instanceof kind))) {
    return new ParleyError("ChainUnreachable", `${doing}: the chain's node does not answer`, {
      hint: "check that the node runs and that its address is right",
      retryable: true,
      cause: thrown,
    });
  }
  const message = base?.shortMessage ?? messageOf(thrown);
  // Limits, time-outs, a node that lags behind: all of them pass.
  return new ParleyError("ChainFailed", `${doing}: ${message.split("\n", 1)[0]}`, { retryable: true, cause: thrown });
}

const NAMELESS: { readonly errorName: string; readonly args?: readonly unknown[] | undefined } = {
  errorName: "RevertedWithoutName",
};

/** A contract may pass on what another one refused with, which its own ABI doesn't know. */
function decode(data: Hex | undefined): typeof NAMELESS | null {
  for (const abi of [courtAbi, agentRegistryAbi, settlementAbi, reputationRegistryAbi] as const) {
    try {
      if (data !== undefined) return decodeErrorResult({ abi: abi as Abi, data });
    } catch {
      // Not one of its errors.
    }
  }
  return null;
}

/** The error that a contract's call within another one was refused with. */
export function refusalFrom(data: Hex, doing: string): ParleyError {
  return named(decode(data) ?? NAMELESS, doing, null);
}

/** Settlement tells statuses by number, and those that would do as the bits of one. */
function inWords(name: string, [, actual, allowed]: readonly unknown[]): string {
  if (name !== "StatusMismatch" || typeof actual !== "number" || typeof allowed !== "bigint") return "";
  const fitting = STATUSES.filter((_, number) => (allowed >> BigInt(number)) & 1n);
  return `: the deal is ${STATUSES[actual] ?? actual}, and would have to be ${fitting.join(" or ")}`;
}

function refusal(revert: ContractFunctionRevertedError, doing: string, cause: unknown): ParleyError {
  return named(revert.data ?? decode(revert.raw) ?? NAMELESS, doing, cause);
}

function named({ errorName: name, args: values = [] }: typeof NAMELESS, doing: string, cause: unknown): ParleyError {
  const args = values.map(String);
  const hint = HINTS[name];
  return new ParleyError(name, `${doing}: refused with ${name}(${args.join(", ")})${inWords(name, values)}`, {
    facts: { contractError: name, arguments: args.join(",") },
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}
