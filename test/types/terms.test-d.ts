// Type tests: checked by tsc, never run.
import type { ByteReader } from "../../offchain/kernel/binary.ts";
import type { Hex } from "../../offchain/kernel/bytes.ts";
import type { Address, AgentId, Bytes32 } from "../../offchain/kernel/ids.ts";
import type { Body, OfferBody, ReceiptBody } from "../../offchain/terms/body.ts";
import { readBody } from "../../offchain/terms/body-codec.ts";
import type { Json } from "../../offchain/terms/canonical-json.ts";
import type { Deal } from "../../offchain/terms/deal.ts";
import type { Kind } from "../../offchain/terms/envelope.ts";
import type { DealTemplate, Proposal } from "../../offchain/terms/proposal.ts";
import type { RefusalCode } from "../../offchain/terms/refusal.ts";
import { type Equal, expectType } from "./expect.ts";

declare const reader: ByteReader;
declare const hash: Bytes32;
declare const body: Body;

// There is a body of every kind, and none besides.
expectType<Equal<Body["kind"], Kind>>();
expectType<Equal<Kind, "OPEN" | "JOIN" | "OFFER" | "ACCEPT" | "END" | "DELIVER" | "RECEIPT" | "CANCEL" | "DISPUTE">>();

// Reading a kind gives the body of that kind.
const offer = readBody(reader, "OFFER", hash);
expectType<Equal<typeof offer, OfferBody>>();
const receipt = readBody(reader, "RECEIPT", hash);
expectType<Equal<typeof receipt, ReceiptBody>>();
const some = readBody(reader, "OFFER" as "OFFER" | "RECEIPT", hash);
expectType<Equal<typeof some, OfferBody | ReceiptBody>>();
// @ts-expect-error there is no such kind
readBody(reader, "SHOUT", hash);

// A switch over the kind knows the body, and notices one that it left out.
export function dealOf(one: Body): Deal | Bytes32 | null {
  switch (one.kind) {
    case "OFFER":
      expectType<Equal<typeof one.deal, Deal>>();
      return one.deal;
    case "ACCEPT":
    case "DELIVER":
    case "RECEIPT":
    case "CANCEL":
    case "DISPUTE":
      expectType<Equal<typeof one.deal, Bytes32>>();
      return one.deal;
    case "OPEN":
    case "JOIN":
      return null;
    default:
      expectType<Equal<typeof one.kind, "END">>();
      return null;
  }
}

if (body.kind === "END") expectType<Equal<typeof body.code, RefusalCode>>();
// @ts-expect-error not every body has a deal
body.deal;

// What an opener fixes is everything of a deal but parties, price, terms and id.
expectType<Equal<keyof Deal, keyof DealTemplate | "buyer" | "seller" | "price" | "terms" | "negotiation">>();
expectType<Equal<Proposal["deal"], DealTemplate>>();
expectType<Equal<Deal["buyer"], AgentId>>();

// Amounts are never numbers, hexadecimal never any text, and what is agreed never changes.
export function careless(deal: Deal): void {
  // @ts-expect-error an amount is a bigint
  deal.price satisfies number;
  // @ts-expect-error fields are read-only
  deal.price = 1n;
  // @ts-expect-error hexadecimal begins with 0x
  const address: Address = "5fbdb2315678afecb367f032d93f642f64180aa3";
  const hex: Hex = address;
  hex satisfies string;
}

// @ts-expect-error a bigint is not JSON
const json: Json = { amount: 1n };
json satisfies Json;
