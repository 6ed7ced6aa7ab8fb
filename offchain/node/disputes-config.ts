import { ParleyError } from "../kernel/errors.ts";
import type { JsonReader } from "../terms/json-reader.ts";

/** Where an agent puts the evidence of its disputes. */
export interface ShelfConfig {
  readonly folder: string;
  /** What the folder is called by others: files are named behind it. Null where they get them by another way. */
  readonly uri: string | null;
}

/** What an agent does by itself where a delivery is disputed. */
export interface DisputesConfig {
  /** Who opens disputes: the agent, or people who are told. */
  readonly open: "auto" | "people";
  /** The seller's part of the price, in basis points, that it states as a buyer; null is what its intake finds. */
  readonly share: number | null;
  /** The same as a seller: what it asks for. */
  readonly asks: number;
  /** By how much less than all a delivery may be worth, in basis points, and be accepted: what falls short by less isn't disputed. */
  readonly least: number;
  /** By how much less than its own readings show it takes, in basis points, where they show a breach too. */
  readonly concedes: number;
  readonly evidence: ShelfConfig | null;
}

/** All of the price, in basis points. */
export const ALL = 10_000;

export const USUAL_DISPUTES: DisputesConfig = {
  ...{ open: "people", share: null, asks: ALL, evidence: null },
  ...{ least: 0, concedes: 0 },
};

/** Addresses that arbitrators' tools follow; plain http in rehearsals only. */
const FOLLOWED = /^(?:https?|ipfs):\/\/[^/]+\/(?:.*\/)?$/;

export function readDisputes(reader: JsonReader): DisputesConfig {
  const config: DisputesConfig = {
    open: reader.has("open") ? reader.oneOf("open", ["auto", "people"]) : USUAL_DISPUTES.open,
    share: reader.has("share") ? reader.integer("share", 0, ALL) : USUAL_DISPUTES.share,
    asks: reader.has("asks") ? reader.integer("asks", 0, ALL) : USUAL_DISPUTES.asks,
    least: reader.has("least") ? reader.integer("least", 0, ALL) : USUAL_DISPUTES.least,
    concedes: reader.has("concedes") ? reader.integer("concedes", 0, ALL) : USUAL_DISPUTES.concedes,
    evidence: reader.has("evidence") ? readShelf(reader.object("evidence")) : USUAL_DISPUTES.evidence,
  };
  reader.end();
  // A dispute whose evidence lies nowhere is lost before it begins.
  if (config.open === "auto" && config.evidence === null) {
    throw malformed(reader.at("evidence"), "present where disputes are opened by themselves");
  }
  return config;
}

function readShelf(reader: JsonReader): ShelfConfig {
  const config = {
    folder: reader.text("folder", 4_096),
    uri: reader.has("uri") ? reader.text("uri", 1_000) : null,
  };
  reader.end();
  if (config.uri === null || FOLLOWED.test(config.uri)) return config;
  throw malformed(reader.at("uri"), "an https: or ipfs: address that ends with '/'");
}

function malformed(path: string, expected: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `'${path}' must be ${expected}`, { facts: { path } });
}
