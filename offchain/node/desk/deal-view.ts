import { type FoundDeal, isOver } from "../../adapters/chain/deal-finder.ts";
import type { TokenFacts } from "../../adapters/chain/tokens.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { DealPosition, DealStatus } from "../../ports/chain.ts";
import { actsOf, type DealAct, roleOf, type Turn, turnOf } from "../../settlement/standing.ts";
import type { Deal } from "../../terms/deal.ts";
import type { Role } from "../../terms/proposal.ts";
import type { Desk } from "./desk.ts";

/** A deal as one of its sides sees it. */
export interface DealView {
  readonly dealHash: Bytes32;
  readonly transcript: Bytes32;
  readonly role: Role;
  readonly counterparty: AgentId;
  readonly status: DealStatus;
  readonly since: number;
  /** Null where no transaction has shown all of it. */
  readonly deal: Deal | null;
  /** Null where the deal is over, or not known in whole. */
  readonly position: DealPosition | null;
  readonly turn: Turn | null;
  /** What the chain would let this agent do now. */
  readonly acts: readonly DealAct[];
  readonly token: TokenFacts;
  /** Null for an agreement that never came to the chain. */
  readonly found: FoundDeal | null;
}

/** A deal and its transcript: what every act on the chain brings along. */
export interface Agreed {
  readonly deal: Deal;
  readonly transcript: Bytes32;
}

/** Of an agreement that isn't the one on the chain. */
const NOTHING = { status: "None", since: 0 } as const;

/** Fewer hexadecimal digits of a hash name nothing. */
const LEAST_DIGITS = 4;

/** The agent's deals, oldest first; those that are over only where they are asked for. */
export async function viewDeals(desk: Desk, isAll: boolean): Promise<readonly DealView[]> {
  const found = await desk.deals.ofAgent(desk.config.agent, { runningOnly: true });
  return await Promise.all(found.filter((one) => isAll || !isOver(one)).map((one) => viewFound(desk, one)));
}

/** The one deal of the agent whose hash begins so. */
export async function viewDeal(desk: Desk, prefix: string): Promise<DealView> {
  const wanted = readPrefix(prefix);
  const isMeant = (dealHash: Bytes32) => dealHash.startsWith(wanted);
  const found = await desk.deals.ofAgent(desk.config.agent, { isMeant });
  const [only, second] = found;
  if (only === undefined) {
    throw new ParleyError("UnknownDeal", `agent ${desk.config.agent} has no deal ${prefix} on the chain`, {
      hint: "see which: parley deal list --all; of an agreement that isn't committed yet, give its --bundle",
    });
  }
  if (second === undefined) return await viewFound(desk, only);
  throw new ParleyError("AmbiguousDeal", `${found.length} deals begin with ${prefix}: ${hashes(found)}`, {
    hint: "name more of its hash",
  });
}

/** A deal that is known from elsewhere, whether it came to the chain or not. */
export async function viewAgreed(desk: Desk, { deal, transcript }: Agreed, dealHash: Bytes32): Promise<DealView> {
  const isMeant = (one: Bytes32) => one === dealHash;
  const [found] = await desk.deals.ofAgent(desk.config.agent, { isMeant });
  if (found !== undefined) return await viewFound(desk, { ...found, deal });
  const role = roleOf(desk.config.agent, deal);
  if (role === null) {
    throw new ParleyError("WrongRole", `agent ${desk.config.agent} is no party to deal ${dealHash}`, {
      hint: `it is between agents ${deal.buyer} and ${deal.seller}: use the configuration of one of them`,
    });
  }
  const [position, token] = await Promise.all([
    desk.chain.position(deal, transcript),
    desk.tokens.factsOrUnits(deal.token),
  ]);
  return {
    ...{ dealHash, transcript, role, counterparty: role === "buyer" ? deal.seller : deal.buyer },
    ...(position.ours ? { status: position.status, since: position.since } : NOTHING),
    ...{ deal, position },
    ...{ turn: turnOf(deal, position), acts: actsOf(desk.config.agent, deal, position), token, found: null },
  };
}

/** All of the deal and where it stands, or an error where the chain has shown too little of it to act. */
export function requireWhole({ deal, position, transcript, dealHash, status }: DealView): Agreed & {
  readonly position: DealPosition;
} {
  if (deal !== null && position !== null) return { deal, transcript, position };
  if (deal === null) {
    throw new ParleyError("DealUndisclosed", `no transaction has shown all of deal ${dealHash}`, {
      hint: "give its evidence bundle: --bundle FILE (parley evidence export)",
    });
  }
  throw new ParleyError("WrongStatus", `the deal is ${status}: it is over`, {
    hint: "see how it ended: parley deal show",
    facts: { status },
  });
}

async function viewFound(desk: Desk, found: FoundDeal): Promise<DealView> {
  const { agent } = desk.config;
  const { deal, dealHash, transcript } = found;
  const role: Role = agent === found.buyer ? "buyer" : "seller";
  const isLive = deal !== null && !isOver(found);
  const [position, token] = await Promise.all([
    isLive ? desk.chain.position(deal, transcript) : null,
    desk.tokens.factsOrUnits(found.token),
  ]);
  const { status, since } = position ?? lastOf(found);
  return {
    ...{ dealHash, transcript, role, counterparty: role === "buyer" ? found.seller : found.buyer },
    ...{ status, since, deal, position, token, found },
    turn: deal === null || position === null ? null : turnOf(deal, position),
    acts: deal === null || position === null ? [] : actsOf(agent, deal, position),
  };
}

/** Where a deal stands by what has happened to it. */
function lastOf({ history }: FoundDeal): { readonly status: DealStatus; readonly since: number } {
  const entered: Readonly<Record<string, DealStatus>> = {
    ...{ Committed: "Committed", Declared: "Declared", Cured: "Committed", Delivered: "Delivered" },
    ...{ Disputed: "Disputed", Settled: "Settled", Defaulted: "Defaulted" },
  };
  const last = history.findLast(({ what }) => entered[what] !== undefined);
  return { status: entered[last?.what ?? ""] ?? "None", since: last?.at ?? 0 };
}

/** Whether a hash is the one that its first digits, as people write them, name. */
export function isNamed(dealHash: Bytes32, prefix: string): boolean {
  return dealHash.startsWith(readPrefix(prefix));
}

function readPrefix(text: string): string {
  const digits = text.toLowerCase().replace(/^0x/, "");
  if (/^[0-9a-f]*$/.test(digits) && digits.length >= LEAST_DIGITS && digits.length <= 64) return `0x${digits}`;
  throw new ParleyError(
    "Usage",
    `--deal takes a deal's hash or its first digits (${LEAST_DIGITS} at least), not '${text}'`,
    {
      hint: "see: parley deal list --all",
    },
  );
}

function hashes(found: readonly FoundDeal[]): string {
  const shown = found.slice(0, 5).map(({ dealHash }) => dealHash);
  return `${shown.join(", ")}${found.length > shown.length ? ", …" : ""}`;
}
