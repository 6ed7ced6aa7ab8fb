import { ParleyError } from "../kernel/errors.ts";
import { keccakText } from "../kernel/hash.ts";
import { type Bytes32, ZERO_32 } from "../kernel/ids.ts";
import type { Json, JsonObject } from "./canonical-json.ts";
import { type DeliveryTerms, readDelivery } from "./delivery-terms.ts";
import { JsonReader } from "./json-reader.ts";
import { type PaymentTerms, readPayment } from "./payment-terms.ts";
import { MOST_PERSONAL, type PersonalEntry, readPersonalEntry } from "./personal.ts";
import { CATEGORIES, type Category, type Dimension, dimensionOf, isDecimal, type Quantity, UNITS } from "./quantity.ts";

/**
 * The version of terms that is read here: parley-terms-1.schema.json says the same. Terms without a `schema` are whatever the parties
 * take them for.
 */
export const TERMS_SCHEMA = "parley-terms/1";

/** One thing that is sold. */
export interface TermsLine extends Quantity {
  readonly what: string;
  readonly details: Readonly<Record<string, string>>;
}

/** What a service is measured by, and what it has to reach, or must not exceed. */
export interface ServiceLevel extends Quantity {
  readonly measure: string;
  readonly bound: "least" | "most";
}

export interface StandardTerms {
  readonly salt: Bytes32;
  readonly category: Category;
  readonly lines: readonly TermsLine[];
  readonly levels: readonly ServiceLevel[];
  /** SHA-256 of what is handed over, where it is known before. */
  readonly digest: Bytes32 | null;
  /** How it is handed over, where that is agreed. */
  readonly delivery: DeliveryTerms | null;
  /** How it is paid, where that is not by the deal itself. */
  readonly payment: PaymentTerms | null;
  readonly note: string;
  /** What of people's data it takes, and for what. */
  readonly personal: readonly PersonalEntry[];
}

const [MOST_LINES, MOST_LEVELS, MOST_DETAILS] = [100, 20, 20];
const [MOST_TEXT, MOST_NOTE] = [200, 4_000];

const DETAIL_NAME = /^[a-z][A-Za-z0-9-]{0,39}$/;

/** The category of a deal on the chain that mandates are set for. */
export function categoryId(category: Category): Bytes32 {
  return keccakText(`parley category ${category}`);
}

/**
 * Reads terms of the standard form; null for terms of another that name no schema. Throws `Malformed` with the field's path,
 * also for a version that isn't known: what can't be read can't be agreed to.
 */
export function readStandardTerms(terms: JsonObject): StandardTerms | null {
  const reader = new JsonReader(terms, "terms");
  if (!reader.has("schema")) return null;
  reader.oneOf("schema", [TERMS_SCHEMA]);
  const category = reader.oneOf("category", Object.keys(CATEGORIES) as Category[]);
  const read: StandardTerms = {
    salt: reader.bytes32("salt"),
    category,
    lines: readList(reader, "lines", 1, MOST_LINES, (one, path) => readLine(one, path, CATEGORIES[category])),
    levels: reader.has("levels") ? readList(reader, "levels", 0, MOST_LEVELS, readLevel) : [],
    digest: reader.has("digest") ? reader.bytes32("digest") : null,
    delivery: reader.has("delivery") ? readDelivery(reader.object("delivery")) : null,
    payment: reader.has("payment") ? readPayment(reader.object("payment")) : null,
    note: reader.has("note") ? readText(reader, "note", MOST_NOTE) : "",
    personal: reader.has("personal") ? readList(reader, "personal", 0, MOST_PERSONAL, readPersonal) : [],
  };
  reader.end();
  if (read.delivery?.by === "artifact" && read.digest === null) {
    throw malformed("terms.digest", "present: it is what an artifact is known by");
  }
  if (new Set(read.personal.map(({ name }) => name)).size < read.personal.length) {
    throw malformed("terms.personal", "entries of different names");
  }
  return read;
}

/** The same for showing them; null too where they can't be read. */
export function standardTermsToShow(terms: JsonObject): StandardTerms | null {
  try {
    return readStandardTerms(terms);
  } catch (thrown) {
    if (thrown instanceof ParleyError) return null;
    throw thrown;
  }
}

/** Throws `Malformed` unless a deal of that category on the chain may have these terms. */
export function checkCategory(terms: StandardTerms | null, category: Bytes32): void {
  if (terms === null || category === ZERO_32 || category === categoryId(terms.category)) return;
  throw malformed("deal.category", `zero, or that of '${terms.category}', as the terms are`);
}

function readLine(reader: JsonReader, path: string, dimensions: readonly Dimension[]): TermsLine {
  const line = { what: readName(reader, "what"), ...readQuantity(reader, path), details: readDetails(reader, path) };
  reader.end();
  if (!dimensions.includes(dimensionOf(line.unit))) {
    throw malformed(`${path}.unit`, `a unit of ${dimensions.join(", ")}, as the category has it`);
  }
  return line;
}

function readLevel(reader: JsonReader, path: string): ServiceLevel {
  const level = {
    measure: readName(reader, "measure"),
    bound: reader.oneOf("bound", ["least", "most"]),
    ...readQuantity(reader, path),
  };
  reader.end();
  return level;
}

function readPersonal(reader: JsonReader): PersonalEntry {
  return readPersonalEntry(reader, readName);
}

function readQuantity(reader: JsonReader, path: string): Quantity {
  const amount = reader.raw("amount");
  if (!isDecimal(amount)) throw malformed(`${path}.amount`, "decimal digits, without zeros that mean nothing");
  return { amount, unit: reader.oneOf("unit", UNITS) };
}

function readName(reader: JsonReader, name: string): string {
  const text = readText(reader, name);
  if (text === "") throw malformed(reader.at(name), "a text that isn't empty");
  return text;
}

/** Of at most so many characters, as JSON Schema counts them. */
function readText(reader: JsonReader, name: string, most = MOST_TEXT): string {
  const text = reader.text(name, 2 * most);
  if ([...text].length > most) throw malformed(reader.at(name), `a text of at most ${most} characters`);
  return text;
}

function readDetails(reader: JsonReader, path: string): Readonly<Record<string, string>> {
  if (!reader.has("details")) return {};
  const raw = reader.raw("details");
  const details = new JsonReader(raw, `${path}.details`);
  const names = Object.keys(raw as JsonObject);
  if (names.length > MOST_DETAILS || !names.every((name) => DETAIL_NAME.test(name))) {
    throw malformed(`${path}.details`, `at most ${MOST_DETAILS} texts, named in letters and digits`);
  }
  return Object.fromEntries(names.map((name) => [name, readText(details, name)]));
}

function readList<Item>(
  reader: JsonReader,
  name: string,
  least: number,
  most: number,
  read: (item: JsonReader, path: string) => Item,
): Item[] {
  const list = reader.raw(name);
  if (!Array.isArray(list) || list.length < least || list.length > most) {
    throw malformed(reader.at(name), `a list of ${least} to ${most}`);
  }
  return list.map((item: Json, index) => {
    const path = `${reader.at(name)}[${index}]`;
    return read(new JsonReader(item, path), path);
  });
}

function malformed(path: string, expected: string): ParleyError<"Malformed"> {
  return new ParleyError("Malformed", `'${path}' must be ${expected}`, { facts: { path } });
}
