import { ParleyError } from "../kernel/errors.ts";
import { type AgentId, type Bytes32, toAgentId } from "../kernel/ids.ts";
import { type PriceStrategy, strategyFromJson, strategyToJson } from "../negotiation/price/strategy.ts";
import { canonicalJson, parseCanonicalJson } from "../terms/canonical-json.ts";
import { type Certificate, certificateFromHex, certificateToHex } from "../terms/certificate.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { MAX_MESSAGE_BYTES } from "../terms/message.ts";
import type { Role } from "../terms/proposal.ts";

const MAX_ADDRESS = 2_048;

const MAX_UINT40 = 2 ** 40 - 1;

/** Something that is wanted so many times at most, and may be negotiated with many peers. */
export interface Wanted {
  readonly id: Bytes32;
  /** Most agreements that it may come to. */
  readonly most: number;
}

/** More than anybody negotiates for at once. */
const MOST_AGREEMENTS = 1_000_000;

/** Asking the same again later, where nothing comes of it. */
export interface Again {
  readonly afterMs: number;
  /** How often at most. */
  readonly times: number;
}

/** A second to a year; and as often as there are seconds in one. */
const [LEAST_AFTER_MS, MOST_AFTER_MS, MOST_TIMES] = [1_000, 366 * 86_400_000, 31_622_400];

/** What one side brings to a negotiation. It is journalled first and never changes. */
export interface Brief {
  readonly self: AgentId;
  readonly peer: AgentId;
  readonly opener: boolean;
  readonly role: Role;
  /** Our part of the negotiation's id. */
  readonly salt: Bytes32;
  /** The proposal's canonical JSON. */
  readonly proposal: string;
  readonly certificate: Certificate;
  readonly strategy: PriceStrategy;
  /** Where to reach the peer again after a restart; empty where the peer comes to us. */
  readonly address: string;
  /** What it is for, where that is negotiated elsewhere too; null where this negotiation is all there is. */
  readonly intent: Wanted | null;
  /** Whether to ask again, and for how many seconds the next `commitBy` is to be ahead; null where it isn't. */
  readonly again: (Again & { readonly lastsS: number }) | null;
}

export function encodeBrief(brief: Brief): string {
  if (brief.address.length > MAX_ADDRESS) {
    throw new ParleyError("BadEndpoint", `a peer's address is longer than ${MAX_ADDRESS} characters`);
  }
  return canonicalJson({
    version: 1,
    self: brief.self.toString(),
    peer: brief.peer.toString(),
    opener: brief.opener ? "yes" : "no",
    role: brief.role,
    salt: brief.salt,
    proposal: brief.proposal,
    certificate: certificateToHex(brief.certificate),
    strategy: strategyToJson(brief.strategy),
    address: brief.address,
    ...(brief.intent === null ? {} : { intent: { id: brief.intent.id, most: checkMost(brief.intent.most) } }),
    ...(brief.again === null ? {} : { again: { ...checkAgain(brief.again), lastsS: brief.again.lastsS } }),
  });
}

export function decodeBrief(text: string): Brief {
  const reader = new JsonReader(parseCanonicalJson(text), "brief");
  reader.integer("version", 1, 1);
  const brief: Brief = {
    self: toAgentId(reader.text("self")),
    peer: toAgentId(reader.text("peer")),
    opener: reader.oneOf("opener", ["yes", "no"]) === "yes",
    role: reader.oneOf("role", ["buyer", "seller"]),
    salt: reader.bytes32("salt"),
    proposal: reader.text("proposal", MAX_MESSAGE_BYTES),
    certificate: certificateFromHex(reader.text("certificate", 2 * MAX_MESSAGE_BYTES)),
    strategy: strategyFromJson(reader.object("strategy")),
    address: reader.text("address", MAX_ADDRESS),
    intent: reader.has("intent") ? readWanted(reader.object("intent")) : null,
    again: reader.has("again") ? readBriefAgain(reader.object("again")) : null,
  };
  reader.end();
  return brief;
}

function readWanted(reader: JsonReader): Wanted {
  const wanted = { id: reader.bytes32("id"), most: reader.integer("most", 1, MOST_AGREEMENTS) };
  reader.end();
  return wanted;
}

/** Reads what a configuration or a journal says of it. */
export function readAgain(reader: JsonReader): Again {
  return {
    afterMs: reader.integer("afterMs", LEAST_AFTER_MS, MOST_AFTER_MS),
    times: reader.integer("times", 0, MOST_TIMES),
  };
}

function readBriefAgain(reader: JsonReader): Brief["again"] {
  const again = { ...readAgain(reader), lastsS: reader.integer("lastsS", 0, MAX_UINT40) };
  reader.end();
  return again;
}

function checkAgain({ afterMs, times }: Again): Again {
  const fits = (value: number, least: number, most: number) =>
    Number.isSafeInteger(value) && value >= least && value <= most;
  if (fits(afterMs, LEAST_AFTER_MS, MOST_AFTER_MS) && fits(times, 0, MOST_TIMES)) return { afterMs, times };
  throw new ParleyError("BadIntent", `nothing can be asked again after ${afterMs} ms, ${times} times`, {
    hint: `wait ${LEAST_AFTER_MS} to ${MOST_AFTER_MS} ms, and ask 0 to ${MOST_TIMES} times more`,
  });
}

function checkMost(most: number): number {
  if (Number.isSafeInteger(most) && most >= 1 && most <= MOST_AGREEMENTS) return most;
  throw new ParleyError("BadIntent", `an intent may come to 1 to ${MOST_AGREEMENTS} agreements, not to ${most}`);
}
