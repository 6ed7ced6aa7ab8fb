// How the vectors are written and read: amounts, agent ids and other large integers as decimal strings.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { toHex } from "../../offchain/kernel/bytes.ts";
import type { Body } from "../../offchain/terms/body.ts";
import type { Certificate, SessionKey } from "../../offchain/terms/certificate.ts";
import type { Deal } from "../../offchain/terms/deal.ts";
import type { Envelope } from "../../offchain/terms/envelope.ts";

/** A type as JSON carries it. */
export type Plain<T> = T extends bigint
  ? string
  : T extends Uint8Array
    ? string
    : T extends object
      ? { readonly [K in keyof T]: Plain<T[K]> }
      : T;

/** One file of vectors. */
export interface Vectors<Case> {
  readonly description: string;
  readonly cases: readonly Case[];
}

export function plain<T>(value: T): Plain<T> {
  const text = JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part === "bigint") return part.toString();
    return part instanceof Uint8Array ? toHex(part) : part;
  });
  return JSON.parse(text) as Plain<T>;
}

/** The cases of a file, as they were frozen. */
export function load<Case>(name: string): readonly Case[] {
  const vectors = JSON.parse(readFileSync(pathOf(name), "utf8")) as Vectors<Case>;
  return vectors.cases;
}

export function pathOf(name: string): string {
  return join(import.meta.dirname, `${name}.json`);
}

export function dealFrom(deal: Plain<Deal>): Deal {
  return {
    ...deal,
    buyer: BigInt(deal.buyer),
    seller: BigInt(deal.seller),
    price: BigInt(deal.price),
    buyerBond: BigInt(deal.buyerBond),
    sellerBond: BigInt(deal.sellerBond),
    maxFee: BigInt(deal.maxFee),
  };
}

export function sessionKeyFrom(key: Plain<SessionKey>): SessionKey {
  return { ...key, agent: BigInt(key.agent) };
}

function certificateFrom({ key, signature }: Plain<Certificate>): Certificate {
  return { key: sessionKeyFrom(key), signature };
}

export function envelopeFrom(envelope: Plain<Envelope>): Envelope {
  return { ...envelope, agent: BigInt(envelope.agent) };
}

export function bodyFrom(body: Plain<Body>): Body {
  switch (body.kind) {
    case "OPEN":
      return { ...body, responder: BigInt(body.responder), certificate: certificateFrom(body.certificate) };
    case "JOIN":
      return { ...body, certificate: certificateFrom(body.certificate) };
    case "OFFER":
      return { kind: body.kind, deal: dealFrom(body.deal) };
    case "RECEIPT":
      return { ...body, total: BigInt(body.total) };
    case "CANCEL":
      return { ...body, toSeller: BigInt(body.toSeller) };
    case "ACCEPT":
    case "END":
    case "DELIVER":
    case "DISPUTE":
      return body;
  }
}
