import { ByteReader, ByteWriter } from "../kernel/binary.ts";
import { fromHex, toHex } from "../kernel/bytes.ts";
import type { JsonObject } from "./canonical-json.ts";
import { type Certificate, certificateFromHex, certificateToHex } from "./certificate.ts";
import { type Deal, readDeal, writeDeal } from "./deal.ts";
import type { JsonReader } from "./json-reader.ts";
import { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES, type Message } from "./message.ts";

/** Hexadecimal digits of the largest message. */
const LONGEST = 2 * MAX_MESSAGE_BYTES + 2;

/** What one side has signed, and the certificate of the key that it signed with. */
export interface SignedWord {
  readonly message: Message;
  readonly certificate: Certificate;
}

/** A deal with the OFFER and the ACCEPT that make it one: all that it takes to commit it, by whoever. */
export interface CarriedAgreement {
  readonly deal: Deal;
  readonly proofs: { readonly buyer: SignedWord; readonly seller: SignedWord };
}

export function agreementToJson({ deal, proofs }: CarriedAgreement): JsonObject {
  return { version: 1, deal: dealToHex(deal), buyer: wordToJson(proofs.buyer), seller: wordToJson(proofs.seller) };
}

/** Reads an agreement from outside; throws `Malformed`. Nothing is verified yet. */
export function readAgreement(reader: JsonReader): CarriedAgreement {
  reader.integer("version", 1, 1);
  const agreement = {
    deal: dealFromHex(reader.text("deal", LONGEST)),
    proofs: { buyer: readWord(reader.object("buyer")), seller: readWord(reader.object("seller")) },
  };
  reader.end();
  return agreement;
}

export function wordToJson({ message, certificate }: SignedWord): JsonObject {
  return { message: toHex(encodeMessage(message)), certificate: certificateToHex(certificate) };
}

export function readWord(reader: JsonReader): SignedWord {
  const message = decodeMessage(fromHex(reader.text("message", LONGEST)));
  const certificate = certificateFromHex(reader.text("certificate", LONGEST));
  reader.end();
  return { message, certificate };
}

export function dealToHex(deal: Deal): string {
  return toHex(writeDeal(new ByteWriter(), deal).finish());
}

export function dealFromHex(hex: string): Deal {
  const bytes = new ByteReader(fromHex(hex));
  const deal = readDeal(bytes);
  bytes.end();
  return deal;
}
