import type { Clock } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Address, AgentId } from "../kernel/ids.ts";
import { Secret } from "../kernel/secret.ts";
import type { Crypto, PublicKey, SessionSigner } from "../ports/crypto.ts";
import type { KeptSessionKey, SessionVault } from "../ports/session-vault.ts";
import type { Certificate } from "../terms/certificate.ts";
import { Refusal } from "../terms/refusal.ts";
import type { Validity } from "./certificate.ts";
import { isSameKey, keysChanged, type SigningKeys } from "./signing-keys.ts";

const DAY_S = 24 * 60 * 60;

/** When keys begin, end and are followed by others; all in seconds. */
export interface Schedule {
  /** For how long a key is certified. */
  readonly lifetime: number;
  /** The longest `commitBy` ahead that the newest key must cover at any time. */
  readonly cover: number;
  /** How long before that is at stake the next key is made: so long the chain may be out of reach. */
  readonly lead: number;
  /** A key lasts so much longer than what is begun with it, so that an END for lateness can be signed too. */
  readonly slack: number;
  /** Clocks differ; a certificate begins this long before it is made. */
  readonly leeway: number;
  /** Time between two looks at the clock and at the agent's epoch. */
  readonly check: number;
}

/** Settlement commits nothing whose `commitBy` lies more than 5 days ahead. */
export const USUAL_SCHEDULE: Schedule = {
  lifetime: 7 * DAY_S,
  cover: 5 * DAY_S,
  lead: DAY_S / 2,
  slack: 60 * 60,
  leeway: 10 * 60,
  check: 60,
};

export interface SessionKeysOptions {
  readonly agent: AgentId;
  readonly settlement: Address;
  readonly clock: Clock;
  readonly crypto: Crypto;
  readonly vault: SessionVault;
  /** Has the agent's wallet certify a key. */
  readonly certify: (key: PublicKey, validity: Validity) => Promise<Certificate>;
  /** The agent's present key epoch, read from the chain. */
  readonly epoch: () => Promise<number>;
  /** Told what went wrong while nobody waited for it. It is tried again. */
  readonly report: (thrown: unknown) => void;
  readonly schedule?: Partial<Schedule>;
}

interface Held {
  readonly kept: KeptSessionKey;
  readonly signer: SessionSigner;
}

/**
 * An agent's session keys, each followed by the next long before it ends. What is new begins with the newest; what is under
 * way goes on with the key that it began with, which is kept as long as it may be needed. Nothing is ever signed with a
 * key whose certificate has ended.
 */
export class SessionKeys implements SigningKeys {
  readonly #options: SessionKeysOptions;
  readonly #schedule: Schedule;
  /** Oldest first. */
  #held: readonly Held[] = [];
  #epoch = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #stopTimer: () => void = () => undefined;
  #stopped = false;

  private constructor(options: SessionKeysOptions) {
    this.#options = options;
    this.#schedule = { ...USUAL_SCHEDULE, ...options.schedule };
    const { lifetime, cover, lead, slack } = this.#schedule;
    if (lifetime > cover + lead + slack) return;
    throw new ParleyError("BadSchedule", "a session key's lifetime must be longer than cover, lead and slack together");
  }

  /** Takes up the keys that were kept, and makes a new one where none of them is good for what begins now. */
  static async start(options: SessionKeysOptions): Promise<SessionKeys> {
    const keys = new SessionKeys(options);
    const held: Held[] = [];
    for (const kept of await options.vault.load()) {
      held.push({ kept, signer: await options.crypto.sessionSigner(kept.secret.reveal()) });
    }
    keys.#held = held;
    await keys.check();
    keys.#wait();
    return keys;
  }

  certificate(until: number): Certificate {
    const newest = this.#newest;
    const lasts = newest !== undefined && until + this.#schedule.slack <= newest.kept.certificate.key.notAfter;
    if (lasts && this.#isGood(newest.kept)) return newest.kept.certificate;
    throw new Refusal("ProposalRefused", `no session key of this agent lasts until ${until}`, {
      hint: "negotiate with an earlier `commitBy`, and for access with a shorter delivery and review; if all that is less than 5 days ahead, see why no new key could be made",
    });
  }

  signer(key: PublicKey): SessionSigner {
    const held = this.#held.find(({ signer }) => isSameKey(signer.publicKey, key));
    if (held === undefined) throw keysChanged();
    const { publicKey } = held.signer;
    return {
      publicKey,
      sign: (message) => {
        // Asked each time: what holds a signer may hold it for days.
        this.#requireAuthority(held.kept.certificate);
        return held.signer.sign(message);
      },
      unseal: (sealed, context) => held.signer.unseal(sealed, context),
    };
  }

  /** Makes the next key at once, as after a theft. What is under way goes on with its own. */
  rotate(): Promise<void> {
    return this.#inTurn(() => this.#rotate());
  }

  /**
   * Looks at the clock and the chain: makes the next key where it is time, or where the epoch has ended; destroys those
   * that have ended.
   */
  check(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#readEpoch();
      if (this.#isDue()) await this.#rotate();
      await this.#keep(({ kept }) => this.#hasAuthority(kept.certificate));
    });
  }

  /** Destroys the keys that were followed by others some time ago and are in nobody's use. */
  release(isNeeded: (key: PublicKey) => boolean): Promise<void> {
    return this.#inTurn(() => this.#keep((held, next) => this.#isRecent(next) || isNeeded(held.signer.publicKey)));
  }

  /** The public parts, oldest first. */
  get certificates(): readonly Certificate[] {
    return this.#held.map(({ kept }) => kept.certificate);
  }

  /** Makes no more keys. Those that are here are kept for the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopTimer();
    await this.#queue;
  }

  get #newest(): Held | undefined {
    return this.#held.at(-1);
  }

  get #now(): number {
    return Math.floor(this.#options.clock.now() / 1000);
  }

  /** While the chain is out of reach the clock still goes on, and a key can be certified by what was known last. */
  async #readEpoch(): Promise<void> {
    try {
      // Epochs only rise. A node that lags behind must not bring a dead one back.
      this.#epoch = Math.max(this.#epoch, await this.#options.epoch());
    } catch (thrown) {
      if (this.#epoch === 0) throw thrown;
      this.#options.report(thrown);
    }
  }

  async #rotate(): Promise<void> {
    const { crypto, vault, certify } = this.#options;
    const { lifetime, leeway } = this.#schedule;
    const secret = await crypto.generateSessionSecret();
    const { x, y } = secret;
    const now = this.#now;
    const validity = { notBefore: now - leeway, notAfter: now + lifetime, epoch: this.#epoch };
    const certificate = await certify({ x, y }, validity);
    const kept: KeptSessionKey = { secret: new Secret(secret), certificate, retired: false };
    const held = [...this.#held, { kept, signer: await crypto.sessionSigner(secret) }];
    // Kept before it is used: a negotiation in the journal may need it after the next start.
    await vault.save(held.map((one) => one.kept));
    this.#held = held;
  }

  async #keep(isKept: (held: Held, next: Held | undefined) => boolean): Promise<void> {
    const held = this.#held.filter((one, index) => isKept(one, this.#held[index + 1]));
    if (held.length === this.#held.length) return;
    await this.#options.vault.save(held.map(({ kept }) => kept));
    this.#held = held;
  }

  #isDue(): boolean {
    const newest = this.#newest?.kept;
    if (newest === undefined || !this.#isGood(newest)) return true;
    const { cover, lead, slack } = this.#schedule;
    return newest.certificate.key.notAfter < this.#now + cover + slack + lead;
  }

  /** What began just before the next key came may not have said yet that it needs its own. */
  #isRecent(next: Held | undefined): boolean {
    return next === undefined || this.#now < next.kept.certificate.key.notBefore + 2 * this.#schedule.leeway;
  }

  /** Whether something new may begin with it. */
  #isGood({ certificate, retired }: KeptSessionKey): boolean {
    const { agent, settlement, notBefore } = certificate.key;
    const isOurs = agent === this.#options.agent && settlement === this.#options.settlement;
    return isOurs && !retired && notBefore <= this.#now && this.#hasAuthority(certificate);
  }

  /** A higher epoch than the one known is one that a node which lags behind doesn't know of yet. */
  #hasAuthority({ key }: Certificate): boolean {
    return this.#now <= key.notAfter && key.epoch >= this.#epoch;
  }

  #requireAuthority(certificate: Certificate): void {
    if (this.#hasAuthority(certificate)) return;
    const { notAfter, epoch } = certificate.key;
    const why = epoch < this.#epoch ? `with its epoch ${epoch}` : `at ${notAfter}`;
    throw new ParleyError(
      "CertificateEnded",
      `the session key of this negotiation ended ${why}: it signs nothing more`,
      {
        hint: "act by the wallet instead, or agree anew: new negotiations begin with a new key",
        facts: { notAfter, epoch, presentEpoch: this.#epoch },
      },
    );
  }

  #wait(): void {
    const { clock, report } = this.#options;
    this.#stopTimer = clock.at(clock.now() + this.#schedule.check * 1000, () => {
      if (this.#stopped) return;
      void this.check().catch(report);
      this.#wait();
    });
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(task);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}
