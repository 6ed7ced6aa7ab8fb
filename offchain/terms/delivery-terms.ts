import { isHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import type { JsonObject } from "./canonical-json.ts";
import type { JsonReader } from "./json-reader.ts";

/** A file that the buyer fetches, and knows by the terms' `digest`. */
export interface ArtifactDelivery {
  readonly by: "artifact";
  /** Where the seller serves it, each deal under a path of its own; null where it comes some other way. */
  readonly url: string | null;
  /** Its size; null where it isn't said. */
  readonly bytes: number | null;
}

/** Calls of an API that are counted, and paid by receipts that grow. */
export interface MeterDelivery {
  readonly by: "meter";
  readonly url: string;
  readonly unit: "call";
  readonly unitPrice: Amount;
  /** One interval: so many calls, or so many seconds since the oldest unpaid one, are served before the next receipt. */
  readonly everyCalls: number;
  readonly everySeconds: number;
}

/** Calls of an API for a time, paid beforehand: the price is fixed, and the terms' levels say what the service has to reach. */
export interface AccessDelivery {
  readonly by: "access";
  readonly url: string;
  /** Most calls that are served in all. */
  readonly calls: number;
  /** For how long, from the delivery as the chain has it. */
  readonly seconds: number;
  /** Most bytes of an answer: a longer one is none. Null where it isn't said: then it is `USUAL_ANSWER_BYTES`. */
  readonly bytes: number | null;
}

/** Most bytes of an answer where the terms don't say it. */
export const USUAL_ANSWER_BYTES = 4 * 1024 ** 2;

/** Larger answers aren't held in memory, whoever asks for them: an artifact is the way to sell large things. */
export const MOST_ANSWER_BYTES = 64 * 1024 ** 2;

export type DeliveryTerms = ArtifactDelivery | MeterDelivery | AccessDelivery;

/** An address without user, query and fragment: the path of each deal is added to it. The JSON Schema has the same pattern. */
const URL_PATTERN = /^https?:\/\/[A-Za-z0-9.:[\]-]{1,260}(\/[A-Za-z0-9._~%!$&'()*+,;=:@-]{0,200}){0,20}$/;

/** What a pattern can bound too, and more than anything costs. */
const MOST_PRICE = 10n ** 38n;

const MOST_BYTES = Number.MAX_SAFE_INTEGER;
const [MOST_CALLS, MOST_SECONDS] = [1_000_000, 86_400];

/**
 * What a session key bears: it lasts for seven days, and is followed by the next five days and some hours before its end. What goes on for
 * longer is better sold in parts, each with its own review.
 */
const MOST_ACCESS_SECONDS = 5 * 86_400;

export function readDelivery(reader: JsonReader): DeliveryTerms {
  const delivery = readKind(reader);
  reader.end();
  return delivery;
}

function readKind(reader: JsonReader): DeliveryTerms {
  const by = reader.oneOf("by", ["artifact", "meter", "access"]);
  switch (by) {
    case "artifact":
      return {
        by,
        url: reader.has("url") ? readUrl(reader) : null,
        bytes: reader.has("bytes") ? reader.integer("bytes", 0, MOST_BYTES) : null,
      };
    case "meter":
      return {
        by,
        url: readUrl(reader),
        unit: reader.oneOf("unit", ["call"]),
        unitPrice: readPrice(reader),
        everyCalls: reader.integer("everyCalls", 1, MOST_CALLS),
        everySeconds: reader.integer("everySeconds", 1, MOST_SECONDS),
      };
    case "access":
      return {
        by,
        url: readUrl(reader),
        calls: reader.integer("calls", 1, MOST_CALLS),
        seconds: reader.integer("seconds", 1, MOST_ACCESS_SECONDS),
        bytes: reader.has("bytes") ? reader.integer("bytes", 1, MOST_ANSWER_BYTES) : null,
      };
  }
}

/** The digest that terms name, of whatever schema they are; null where they name none. */
export function digestIn(terms: JsonObject): Bytes32 | null {
  const digest = terms["digest"];
  return isHex(digest, 32) ? (digest.toLowerCase() as Bytes32) : null;
}

function readUrl(reader: JsonReader): string {
  const url = reader.text("url", 2_048);
  if (URL_PATTERN.test(url)) return url;
  throw malformed(reader.at("url"), "an address of http or https without user, query and fragment");
}

function readPrice(reader: JsonReader): Amount {
  const price = reader.amount("unitPrice");
  if (price > 0n && price < MOST_PRICE) return price;
  throw malformed(reader.at("unitPrice"), "more than 0, and of at most 38 digits");
}

function malformed(path: string, expected: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `'${path}' must be ${expected}`, { facts: { path } });
}
