import { type AbiEvent, decodeEventLog, toEventSelector } from "viem";
import type { Hex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { type Bytes32, toAddress } from "../../kernel/ids.ts";
import type { Disclosed, SettlementEvent } from "../../ports/settlement-events.ts";
import { settlementAbi } from "./abis.ts";
import { OUTCOMES } from "./enums.ts";

/** A log's own content. */
export interface LogContent {
  readonly topics: readonly Hex[];
  readonly data: Hex;
}

/** Longest address of evidence that is passed on; whoever submits it pays for as many characters as it likes. */
const LONGEST_URI = 2_048;

const TYPES: ReadonlySet<string> = new Set<SettlementEvent["type"]>([
  "Deposited",
  "Withdrawn",
  "Staked",
  "Unstaking",
  "Released",
  "Committed",
  "Delivered",
  "ReceiptClaimed",
  "Settled",
  "Disputed",
  "Answered",
  "Evidence",
  "Referred",
  "Ruled",
  "Declared",
  "Cured",
  "Defaulted",
  "Equivocated",
  "Penalised",
  "Paused",
  "Unpaused",
]);

const EVENTS = settlementAbi.filter((item): item is Extract<typeof item, AbiEvent> => item.type === "event");

/** Those that are followed, by their first topics: finding that out for each log takes longer than all the rest of reading it. */
const FOLLOWED: ReadonlyMap<Hex, (typeof EVENTS)[number]> = new Map(
  EVENTS.filter(({ name }) => TYPES.has(name)).map((event) => [toEventSelector(event), event] as const),
);

/** First topics of the events that are followed. */
export const TOPICS: readonly Hex[] = [...FOLLOWED.keys()];

/** First topics of events by their names. */
export function selectorsOf(...names: readonly SettlementEvent["type"][]): readonly Hex[] {
  return EVENTS.filter(({ name }) => names.some((one) => one === name)).map((event) => toEventSelector(event));
}

/** First topics of those that need the deal's terms, which they don't tell. */
export const TERSE: ReadonlySet<Hex> = new Set(selectorsOf("Disputed", "Declared", "Penalised"));

/** Reads a log of Settlement; null for one that is not followed. `disclose` finds the terms of a deal by its hash. */
export function readEvent(log: LogContent, disclose: (deal: Bytes32) => Disclosed): SettlementEvent | null {
  const [selector, ...rest] = log.topics;
  const followed = selector === undefined ? undefined : FOLLOWED.get(selector);
  if (selector === undefined || followed === undefined) return null;
  const event = decodeEventLog({ abi: [followed], data: log.data, topics: [selector, ...rest], strict: true });
  switch (event.eventName) {
    case "Deposited": {
      const { agent, token, from, amount, toStake } = event.args;
      return { type: "Deposited", agent, token: toAddress(token), from: toAddress(from), amount, toStake };
    }
    case "Withdrawn": {
      const { agent, token, to, amount } = event.args;
      return { type: "Withdrawn", agent, token: toAddress(token), to: toAddress(to), amount };
    }
    case "Staked":
    case "Released": {
      const { agent, token, amount } = event.args;
      return { type: event.eventName, agent, token: toAddress(token), amount };
    }
    case "Unstaking": {
      const { agent, token, amount, leavesAt } = event.args;
      return { type: "Unstaking", agent, token: toAddress(token), amount, leavesAt };
    }
    case "Committed":
      return { type: "Committed", ...event.args, token: toAddress(event.args.token) };
    case "Delivered":
      return { type: "Delivered", ...event.args };
    case "ReceiptClaimed":
      return { type: "ReceiptClaimed", ...event.args };
    case "Answered":
      return { type: "Answered", ...event.args };
    case "Cured":
      return { type: "Cured", ...event.args };
    case "Defaulted":
      return { type: "Defaulted", ...event.args };
    case "Equivocated":
      return { type: "Equivocated", ...event.args };
    case "Settled": {
      const { deal, toBuyer, toSeller } = event.args;
      return { type: "Settled", deal, outcome: outcomeOf(event.args.outcome), toBuyer, toSeller };
    }
    case "Disputed": {
      const { deal, rulingUntil } = event.args;
      return { type: "Disputed", ...event.args, rulingUntil: Number(rulingUntil), terms: disclose(deal) };
    }
    case "Evidence": {
      const { _arbitrator, _evidenceGroupID, _party, _evidence } = event.args;
      return {
        type: "Evidence",
        deal: `0x${_evidenceGroupID.toString(16).padStart(64, "0")}`,
        arbitrator: toAddress(_arbitrator),
        party: toAddress(_party),
        uri: _evidence.length > LONGEST_URI ? null : _evidence,
      };
    }
    case "Referred":
      return { type: "Referred", ...event.args, arbitrator: toAddress(event.args.arbitrator) };
    case "Ruled":
      return { type: "Ruled", ...event.args, arbitrator: toAddress(event.args.arbitrator) };
    case "Declared": {
      const { deal, token, cureUntil } = event.args;
      const facts = { token: toAddress(token), cureUntil: Number(cureUntil), terms: disclose(deal) };
      return { type: "Declared", ...event.args, ...facts };
    }
    case "Penalised":
      return { type: "Penalised", ...event.args, token: toAddress(event.args.token), terms: disclose(event.args.deal) };
    case "Paused":
    case "Unpaused":
      return { type: event.eventName, guardian: toAddress(event.args.guardian) };
    default:
      return null;
  }
}

function outcomeOf(number: number) {
  const outcome = OUTCOMES[number];
  if (outcome === undefined) throw new ParleyError("ChainFailed", `outcome ${number} is not known`);
  return outcome;
}
