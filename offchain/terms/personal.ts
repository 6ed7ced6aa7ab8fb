import { concat, fromHex, toHex, utf8 } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import { sha256 } from "../kernel/hash.ts";
import { type Bytes32, ZERO_32 } from "../kernel/ids.ts";
import type { JsonObject } from "./canonical-json.ts";
import { JsonReader } from "./json-reader.ts";

/** Somebody's leave to use what is theirs. */
export interface Consent {
  /** Who gave it, by a name that only the parties can resolve. */
  readonly by: string;
  /** Last second in Unix time at which it counts. */
  readonly until: number;
}

/** Personal data that a deal needs, as its terms have it: what it is for, and a hash that hides it. */
export interface PersonalEntry {
  readonly name: string;
  readonly purpose: string;
  readonly consent: Consent;
  /** SHA-256 of a salt of its own and the data. */
  readonly commitment: Bytes32;
}

/** The data itself, which only the two parties of a deal come to have, and only once there is one. */
export interface PersonalItem {
  readonly salt: Bytes32;
  readonly text: string;
}

/** By the entries' names. */
export type PersonalRecord = Readonly<Record<string, PersonalItem>>;

export const MOST_PERSONAL = 20;

/** Longest that one item may be, in characters. */
const MOST_PERSONAL_TEXT = 2_000;

const MAX_UINT40 = 2 ** 40 - 1;

export function commitmentOf({ salt, text }: PersonalItem): Bytes32 {
  return sha256(concat(utf8.encode("parley personal "), fromHex(salt), utf8.encode(text)));
}

/** Makes an entry of terms, and the item that it stands for. `salt` has to be drawn afresh for each. */
export function personalEntry(
  { name, purpose, consent, text }: Omit<PersonalEntry, "commitment"> & { readonly text: string },
  salt: Uint8Array,
): { readonly entry: PersonalEntry; readonly item: PersonalItem } {
  const item = { salt: toHex(salt), text };
  if (salt.length !== 32 || item.salt === ZERO_32 || text.length > MOST_PERSONAL_TEXT) {
    throw new ParleyError(
      "BadPersonalData",
      `an item has 32 random bytes of salt, and at most ${MOST_PERSONAL_TEXT} characters`,
    );
  }
  return { entry: { name, purpose, consent, commitment: commitmentOf(item) }, item };
}

export function readPersonalEntry(
  reader: JsonReader,
  readName: (reader: JsonReader, name: string) => string,
): PersonalEntry {
  const consent = reader.object("consent");
  const entry: PersonalEntry = {
    name: readName(reader, "name"),
    purpose: readName(reader, "purpose"),
    consent: { by: readName(consent, "by"), until: consent.integer("until", 0, MAX_UINT40) },
    commitment: reader.bytes32("commitment"),
  };
  consent.end();
  reader.end();
  return entry;
}

/** Reads what a peer disclosed; throws `Malformed` for anything but the items that the terms name, each as it was committed to. */
export function readPersonalRecord(content: JsonObject, entries: readonly PersonalEntry[]): PersonalRecord {
  const reader = new JsonReader(content, "personal");
  const record = entries.map(({ name, commitment }) => {
    const one = reader.object(name);
    const item = { salt: one.bytes32("salt"), text: one.text("text", MOST_PERSONAL_TEXT) };
    one.end();
    if (commitmentOf(item) === commitment) return [name, item] as const;
    throw new ParleyError("Malformed", `what was disclosed as '${name}' is not what the terms commit to`);
  });
  reader.end();
  return Object.fromEntries(record);
}

/** Throws `NoConsent` unless an entry may be used for that purpose now (Unix seconds). */
export function checkConsent({ name, purpose, consent }: PersonalEntry, wanted: string, now: number): void {
  if (purpose !== wanted) {
    throw new ParleyError("NoConsent", `'${name}' was given for '${purpose}', not for '${wanted}'`);
  }
  if (now > consent.until) {
    throw new ParleyError("NoConsent", `'${name}' might be used until ${consent.until}, and it is ${now}`);
  }
}
