import { randomBytes } from "node:crypto";
import { utf8 } from "../kernel/bytes.ts";
import type { Clock } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import { type Bytes32, ZERO_32 } from "../kernel/ids.ts";
import type { PersonalVault } from "../ports/personal-vault.ts";
import type { JsonObject } from "../terms/canonical-json.ts";
import { type Consent, checkConsent, commitmentOf, type PersonalEntry, personalEntry } from "../terms/personal.ts";
import { readStandardTerms, type StandardTerms } from "../terms/standard-terms.ts";

/** What fits into one frame, sealed. */
const MOST_BYTES = 60_000;

/** What somebody's data is, what it is for, and their leave to use it for that. */
export interface PersonalFact {
  readonly name: string;
  readonly purpose: string;
  readonly consent: Consent;
  readonly text: string;
}

/** Where the personal data of a deal is kept: by the terms' salt where they are ours, by the negotiation's id where they are the other side's. */
export interface PersonalPlace {
  readonly key: Bytes32;
  readonly terms: JsonObject;
}

/** From when nothing can come of a deal any more, in milliseconds since 1970; null while that can't be said: see `Retention`. */
export type OverSince = number | null;

/** Personal data as an agent's owner deals with it: put into terms, read for a purpose, and erased. */
export class PersonalData {
  readonly #vault: PersonalVault;
  readonly #clock: Clock;

  constructor(vault: PersonalVault, clock: Clock) {
    this.#vault = vault;
    this.#clock = clock;
  }

  /** Keeps the facts of a deal to be, and resolves with what its terms are to hold of them, as `personal`. */
  async commit(salt: Bytes32, facts: readonly PersonalFact[]): Promise<readonly PersonalEntry[]> {
    const made = facts.map((fact) => personalEntry(fact, randomBytes(32)));
    const record = Object.fromEntries(made.map(({ entry, item }) => [entry.name, item]));
    if (utf8.encode(JSON.stringify(record)).length > MOST_BYTES) {
      throw new ParleyError("BadPersonalData", `a deal's personal data has to fit into ${MOST_BYTES} bytes`);
    }
    await this.#vault.put(salt, record);
    return made.map(({ entry }) => entry);
  }

  /**
   * One fact of a deal, for the purpose that it was given for. Rejects with `NoConsent` for any other, and once the consent has ended;
   * with `NotDisclosed` where there is nothing: not yet, or not any more.
   */
  async read({ key, terms }: PersonalPlace, name: string, purpose: string): Promise<string> {
    const { personal } = standard(terms);
    const entry = personal.find((one) => one.name === name);
    if (entry === undefined) throw new ParleyError("NotDisclosed", `the terms name nothing personal as '${name}'`);
    checkConsent(entry, purpose, Math.floor(this.#clock.now() / 1000));
    const record = (await this.#vault.get(key)) ?? {};
    const item = Object.hasOwn(record, name) ? record[name] : undefined;
    if (item !== undefined && commitmentOf(item) === entry.commitment) return item.text;
    if (await this.#vault.isErased(key)) {
      throw new ParleyError("NotDisclosed", `'${name}' was erased: it is gone for good, and isn't taken in again`, {
        hint: "where it is needed after all, ask whom it is about, in another deal",
      });
    }
    throw new ParleyError("NotDisclosed", `'${name}' is not here: it wasn't disclosed yet`, {
      hint: "it comes once the deal is on the chain, and again when the other side connects",
    });
  }

  /**
   * Destroys the key and the salts of a deal's personal data, here and wherever only ciphertext was copied to. Rejects with `TooEarly` before
   * `over`: as long as anything can come of the deal, it is part of what a court may have to see. That time is the caller's word: neither
   * the vault nor the terms know when a deal was committed, settled or disputed, so a wrong one isn't found out here.
   */
  async erase(key: Bytes32, over: OverSince): Promise<void> {
    if (over === null || this.#clock.now() < over) {
      const when = over === null ? "and when can't be said yet" : `until ${new Date(over).toISOString()}`;
      throw new ParleyError("TooEarly", `something can still come of that deal, ${when}: nothing of it is erased`, {
        hint: "call it again after that time; when it is, the deal's record on the chain tells (docs/privacy.md)",
      });
    }
    await this.#vault.destroy(key);
  }
}

function standard(terms: JsonObject): StandardTerms {
  const read = readStandardTerms(terms);
  if (read !== null && read.salt !== ZERO_32) return read;
  throw new ParleyError("NotDisclosed", "these terms are of no schema that has personal data");
}
