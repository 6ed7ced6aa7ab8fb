import { ByteReader, ByteWriter } from "../kernel/binary.ts";
import { fromHex, type Hex, toHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { type AgentId, type Bytes32, toAgentId } from "../kernel/ids.ts";
import { type PriceStrategy, strategyFromJson, strategyToJson } from "../negotiation/price/strategy.ts";
import { canonicalJson, parseCanonicalJson } from "../terms/canonical-json.ts";
import { type Certificate, readCertificate, writeCertificate } from "../terms/certificate.ts";
import { JsonReader } from "../terms/json-reader.ts";
import { MAX_MESSAGE_BYTES } from "../terms/message.ts";
import type { Role } from "../terms/proposal.ts";

const MAX_ADDRESS = 2_048;

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
    certificate: toHex(writeCertificate(new ByteWriter(), brief.certificate).finish()),
    strategy: strategyToJson(brief.strategy),
    address: brief.address,
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
    certificate: decodeCertificate(reader.text("certificate", 2 * MAX_MESSAGE_BYTES) as Hex),
    strategy: strategyFromJson(reader.object("strategy")),
    address: reader.text("address", MAX_ADDRESS),
  };
  reader.end();
  return brief;
}

function decodeCertificate(hex: Hex): Certificate {
  const reader = new ByteReader(fromHex(hex));
  const certificate = readCertificate(reader);
  reader.end();
  return certificate;
}
