import { isHex } from "../../kernel/bytes.ts";
import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { CourtCase } from "../../ports/court.ts";
import type { DisputeRecord } from "../../ports/dispute-record.ts";
import { hashJson, type JsonObject } from "../../terms/canonical-json.ts";
import type { Role } from "../../terms/proposal.ts";
import type { Fault } from "../../transcript/evidence/examine.ts";
import { STATEMENT_S } from "../saga/plan.ts";
import { type Contradiction, contradictionsBetween } from "./contradictions.ts";
import type { Exhibit } from "./exhibit.ts";
import { accessAgreed, type Measured, measuredIn } from "./measured.ts";
import { clockOf, type StageClock } from "./stage-clock.ts";

/** Something that had its time, and whether that was kept. */
export interface Deadline {
  readonly side: Role;
  readonly what: string;
  readonly due: number;
  /** When it was done; null where it has not been. */
  readonly doneAt: number | null;
  /** By how many seconds it is late, by now or when it was done; 0 where it isn't. */
  readonly lateS: number;
}

/** What one side has on its behalf. */
export interface Position {
  /** The seller's share that this side states, in basis points; of a silent seller, all. */
  readonly share: number;
  readonly isSilent: boolean;
  readonly exhibits: readonly Exhibit[];
  /** Whether a bundle of its own was verified. */
  readonly isProven: boolean;
  /** Whether nothing that it named or filed is still missing: only then can anything be held against it. */
  readonly isHeard: boolean;
}

/** A dispute as whoever judges has to see it. All of it is from the chain, or verified against it. */
export interface CaseSummary {
  readonly record: DisputeRecord;
  readonly court: CourtCase | null;
  readonly exhibits: readonly Exhibit[];
  /** The terms in full, of the hash that the deal names; null where nobody has shown them. */
  readonly terms: JsonObject | null;
  /** What was to be handed over, by its SHA-256, or that of the access that was sold; null where the terms name none, or aren't shown. */
  readonly digest: Bytes32 | null;
  /** Whether what the seller recorded is what the terms name; null where that can't be said. */
  readonly isAsAgreed: boolean | null;
  /** What the seller said in signed DELIVERs, in their order. */
  readonly delivered: readonly Bytes32[];
  /** Most that the buyer has signed that it owes. */
  readonly receipted: Amount;
  readonly deadlines: readonly Deadline[];
  readonly buyer: Position;
  readonly seller: Position;
  readonly faults: readonly Fault[];
  readonly contradictions: readonly Contradiction[];
  /** What signed readings come to against the levels of the terms. */
  readonly measured: readonly Measured[];
  readonly clock: StageClock;
}

const WHOLE = 10_000;

export function summarise(record: DisputeRecord, exhibits: readonly Exhibit[], court: CourtCase | null): CaseSummary {
  const terms = termsOf(record, exhibits);
  const digest = accessAgreed(record, terms) ?? digestOf(terms);
  const { delivery, claim, answer } = record;
  return {
    ...{ record, court, exhibits, terms, digest },
    isAsAgreed: digest === null || delivery === null ? null : delivery.evidence === digest,
    delivered: deliveredBy(record.deal.seller, record, exhibits),
    receipted: receiptedBy(record, exhibits),
    deadlines: deadlinesOf(record),
    buyer: positionOf("buyer", claim?.share ?? null, 0, exhibits),
    seller: positionOf("seller", answer?.share ?? null, WHOLE, exhibits),
    faults: faultsOf(exhibits),
    contradictions: contradictionsBetween(exhibits),
    measured: measuredIn(record, terms, exhibits),
    clock: clockOf(record, court),
  };
}

/** Terms count by their hash alone, whoever shows them. */
function termsOf({ deal }: DisputeRecord, exhibits: readonly Exhibit[]): JsonObject | null {
  const shown = exhibits.flatMap(({ proven }) =>
    proven === null ? [] : [proven.findings.terms, proven.findings.proposal?.terms ?? null],
  );
  return shown.find((terms) => terms !== null && hashJson(terms) === deal.terms) ?? null;
}

function digestOf(terms: JsonObject | null): Bytes32 | null {
  const digest = terms?.["digest"];
  return isHex(digest, 32) ? (digest.toLowerCase() as Bytes32) : null;
}

function deliveredBy(seller: AgentId, { dealHash }: DisputeRecord, exhibits: readonly Exhibit[]): Bytes32[] {
  const said = bodiesBy(seller, exhibits).flatMap((body) =>
    body.kind === "DELIVER" && body.deal === dealHash ? [body.evidence] : [],
  );
  return [...new Set(said)];
}

function receiptedBy({ deal, dealHash, received }: DisputeRecord, exhibits: readonly Exhibit[]): Amount {
  const totals = bodiesBy(deal.buyer, exhibits).flatMap((body) =>
    body.kind === "RECEIPT" && body.deal === dealHash ? [body.total] : [],
  );
  return [received, ...totals].sort((one, other) => (one < other ? 1 : -1))[0] ?? received;
}

function bodiesBy(agent: AgentId, exhibits: readonly Exhibit[]) {
  return exhibits.flatMap(({ proven }) =>
    (proven?.findings.course ?? []).filter(({ envelope }) => envelope.agent === agent).map(({ body }) => body),
  );
}

function positionOf(side: Role, stated: number | null, silent: number, exhibits: readonly Exhibit[]): Position {
  const own = exhibits.filter((exhibit) => exhibit.side === side);
  return {
    share: stated ?? silent,
    isSilent: stated === null,
    exhibits: own,
    isProven: own.some(({ proven }) => proven !== null),
    isHeard: own.every(({ trouble }) => trouble === null || trouble.isFinal),
  };
}

/** Each of them once, though both sides' bundles prove it. */
function faultsOf(exhibits: readonly Exhibit[]): Fault[] {
  const faults = exhibits.flatMap(({ proven }) => proven?.findings.faults ?? []);
  return [...new Map(faults.map((fault) => [`${fault.agent} ${fault.code} ${fault.proof.join()}`, fault])).values()];
}

function deadlinesOf({ deal, committedAt, delivery, claim, answer, now }: DisputeRecord): Deadline[] {
  const deadline = (side: Role, what: string, due: number, doneAt: number | null): Deadline => {
    return { side, what, due, doneAt, lateS: Math.max(0, (doneAt ?? now) - due) };
  };
  const found = [deadline("seller", "deliver", committedAt + deal.deliverWithin, delivery?.at ?? null)];
  if (delivery !== null && claim !== null) {
    found.push(deadline("buyer", "dispute the delivery", delivery.at + deal.reviewPeriod, claim.at));
  }
  if (claim !== null) {
    found.push(deadline("seller", "state its share", claim.at + STATEMENT_S, answer?.at ?? null));
  }
  return found;
}
