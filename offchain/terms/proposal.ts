import { ParleyError } from "../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import { canonicalJson, hashJson, type JsonObject, parseCanonicalJson } from "./canonical-json.ts";
import type { Deal } from "./deal.ts";
import { JsonReader } from "./json-reader.ts";
import { checkCategory, readStandardTerms } from "./standard-terms.ts";

export type Role = "buyer" | "seller";

/** The parts of a deal that an opener fixes for the whole negotiation: everything but parties, price and id. */
export type DealTemplate = Omit<Deal, "buyer" | "seller" | "price" | "terms" | "negotiation">;

/** What OPEN asks for: how to bargain, and over what. */
export interface Proposal {
  /** The opener's role in the deal. */
  readonly role: Role;
  readonly protocol: { readonly name: "alternating-offers"; readonly rounds: number };
  readonly deal: DealTemplate;
  /** The full terms, readable by people, with a salt of 32 bytes that keeps their hash from being guessed. */
  readonly terms: JsonObject;
}

export const MAX_ROUNDS = 10_000;

const MAX_UINT32 = 2 ** 32 - 1;
const MAX_UINT40 = 2 ** 40 - 1;

export function encodeProposal({ role, protocol, deal, terms }: Proposal): string {
  return canonicalJson({
    version: 1,
    role,
    protocol: { name: protocol.name, rounds: protocol.rounds },
    deal: {
      ...deal,
      buyerBond: deal.buyerBond.toString(),
      sellerBond: deal.sellerBond.toString(),
      maxFee: deal.maxFee.toString(),
    },
    terms,
  });
}

/** Reads a proposal from outside; throws `Malformed` with the field's path. */
export function decodeProposal(text: string): Proposal {
  const reader = new JsonReader(parseCanonicalJson(text), "");
  reader.integer("version", 1, 1);
  const protocol = reader.object("protocol");
  const proposal: Proposal = {
    role: reader.oneOf("role", ["buyer", "seller"]),
    protocol: {
      name: protocol.oneOf("name", ["alternating-offers"]),
      rounds: protocol.integer("rounds", 1, MAX_ROUNDS),
    },
    deal: readTemplate(reader.object("deal")),
    terms: reader.raw("terms") as JsonObject,
  };
  protocol.end();
  reader.end();
  new JsonReader(proposal.terms, "terms").bytes32("salt");
  checkCategory(readStandardTerms(proposal.terms), proposal.deal.category);
  return proposal;
}

/** The deal that a price completes. */
export function dealAt(
  proposal: Proposal,
  parties: { readonly buyer: AgentId; readonly seller: AgentId },
  negotiation: Bytes32,
  price: Amount,
): Deal {
  return { ...proposal.deal, ...parties, price, terms: hashJson(proposal.terms), negotiation };
}

/**
 * Up to when (Unix seconds) the session key that a deal is negotiated with may be needed. Access is measured while it lasts, and what was
 * measured may be signed as late as when the review ends.
 */
export function signedUntil({ deal, terms }: Pick<Proposal, "deal" | "terms">): number {
  if (readStandardTerms(terms)?.delivery?.by !== "access") return deal.commitBy;
  return deal.commitBy + deal.deliverWithin + deal.reviewPeriod;
}

export function otherRole(role: Role): Role {
  return role === "buyer" ? "seller" : "buyer";
}

function readTemplate(reader: JsonReader): DealTemplate {
  const template: DealTemplate = {
    token: reader.address("token"),
    buyerBond: reader.amount("buyerBond"),
    sellerBond: reader.amount("sellerBond"),
    commitBy: reader.integer("commitBy", 0, MAX_UINT40),
    deliverWithin: reader.integer("deliverWithin", 0, MAX_UINT32),
    reviewPeriod: reader.integer("reviewPeriod", 0, MAX_UINT32),
    arbitrator: reader.address("arbitrator"),
    maxFee: reader.amount("maxFee"),
    rulingWithin: reader.integer("rulingWithin", 0, MAX_UINT32),
    lapseShare: reader.integer("lapseShare", 0, 10_000),
    category: reader.bytes32("category"),
  };
  reader.end();
  if (template.maxFee >= 1n << 96n) {
    throw new ParleyError("Malformed", "'deal.maxFee' must be below 2^96", { facts: { path: "deal.maxFee" } });
  }
  return template;
}
