import type { AgentId } from "../../kernel/ids.ts";
import { domainSeparator, settlementDomain } from "../../terms/eip712.ts";
import { hashEnvelope, type Kind } from "../../terms/envelope.ts";
import type { Bundle } from "../../transcript/evidence/bundle.ts";
import type { Exhibit } from "./exhibit.ts";

/** Where two bundles of one negotiation, both verified, don't tell the same. */
export type Contradiction =
  /** One agent signed two different messages under one number: only it can have done that. */
  | {
      readonly kind: "forked";
      readonly agent: AgentId;
      readonly seq: number;
      readonly kinds: readonly [Kind, Kind];
      readonly origins: readonly [string, string];
    }
  /** One bundle ends before the other. It may be older, or its maker hides the rest. */
  | {
      readonly kind: "shorter";
      readonly agent: AgentId;
      readonly lacks: number;
      readonly origin: string;
    };

/** Holds all verified bundles against each other. */
export function contradictionsBetween(exhibits: readonly Exhibit[]): Contradiction[] {
  const shown = exhibits.flatMap(({ proven, origin }) => (proven === null ? [] : [{ bundle: proven.bundle, origin }]));
  return shown.flatMap((one, place) => shown.slice(place + 1).flatMap((other) => compare(one, other)));
}

interface Shown {
  readonly bundle: Bundle;
  readonly origin: string;
}

function compare(one: Shown, other: Shown): Contradiction[] {
  return (["opener", "responder"] as const).flatMap((side) => compareSide(side, one, other));
}

function compareSide(side: "opener" | "responder", one: Shown, other: Shown): Contradiction[] {
  const { chainId, settlement } = one.bundle.deployment;
  const separator = domainSeparator(settlementDomain(chainId, settlement));
  const [first, second] = [one.bundle.transcript[side], other.bundle.transcript[side]];
  const agent = first[0]?.envelope.agent ?? 0n;
  const common = Math.min(first.length, second.length);
  for (let seq = 0; seq < common; seq++) {
    const [a, b] = [first[seq]?.envelope, second[seq]?.envelope];
    if (a === undefined || b === undefined || hashEnvelope(separator, a) === hashEnvelope(separator, b)) continue;
    // END binds nobody, and is said by whoever has lost its journal.
    if (a.kind === "END" || b.kind === "END") return [];
    return [{ kind: "forked", agent, seq, kinds: [a.kind, b.kind], origins: [one.origin, other.origin] }];
  }
  const lacks = Math.abs(first.length - second.length);
  if (lacks === 0) return [];
  return [{ kind: "shorter", agent, lacks, origin: first.length < second.length ? one.origin : other.origin }];
}
