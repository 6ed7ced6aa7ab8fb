import type { Clock } from "../../../kernel/clock.ts";
import { ParleyError } from "../../../kernel/errors.ts";
import { type IssuerKey, readKey } from "./algorithms.ts";
import { checkAddress, type FetchLimits, fetchJson } from "./fetch-json.ts";

export interface KeyCacheSettings extends FetchLimits {
  /** For how long keys are used without asking again: so long one that the issuer withdrew still counts. */
  readonly maxAgeMs: number;
  /** The shortest time between two questions, whoever would have us ask. */
  readonly cooldownMs: number;
}

const MOST_KEYS = 64;

/** The keys that an issuer publishes, found by its discovery document. */
export class IssuerKeys {
  readonly #issuer: string;
  readonly #document: URL;
  readonly #clock: Clock;
  readonly #settings: KeyCacheSettings;
  #keys: readonly IssuerKey[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;
  #failure: unknown = null;

  constructor(issuer: string, clock: Clock, settings: KeyCacheSettings) {
    this.#issuer = issuer;
    this.#document = checkAddress(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
    this.#clock = clock;
    this.#settings = settings;
  }

  /** The keys that pass. Where none does, the issuer may have got a new one, and is asked again, but not each time. */
  async find(isWanted: (key: IssuerKey) => boolean): Promise<readonly IssuerKey[]> {
    const age = this.#clock.now() - this.#readAt;
    if (age < 0 || age >= this.#settings.maxAgeMs) await this.#refresh();
    const found = this.#keys.filter(isWanted);
    if (found.length > 0 || !this.#mayAsk()) return found;
    await this.#refresh();
    return this.#keys.filter(isWanted);
  }

  async #refresh(): Promise<void> {
    if (this.#asking === null) {
      // An issuer that is down is not asked by everybody who waits for it.
      if (!this.#mayAsk() && this.#failure !== null) throw this.#failure;
      this.#askedAt = this.#clock.now();
      this.#asking = this.#read().finally(() => {
        this.#asking = null;
      });
    }
    await this.#asking;
  }

  #mayAsk(): boolean {
    const since = this.#clock.now() - this.#askedAt;
    return since < 0 || since >= this.#settings.cooldownMs;
  }

  async #read(): Promise<void> {
    const asked = this.#clock.now();
    try {
      const { issuer, jwks_uri: address } = await fetchJson(this.#document, this.#settings);
      if (issuer !== this.#issuer || typeof address !== "string") {
        throw new ParleyError("BadIssuer", `what ${this.#document.href} describes is not ${this.#issuer}`, {
          hint: "configure the issuer exactly as its discovery document names it",
        });
      }
      const { keys } = await fetchJson(checkAddress(address), this.#settings);
      const list = Array.isArray(keys) ? keys.slice(0, MOST_KEYS) : [];
      this.#keys = list.map(readKey).filter((key) => key !== null);
      this.#readAt = asked;
      this.#failure = null;
    } catch (thrown) {
      this.#failure = thrown;
      throw thrown;
    }
  }
}
