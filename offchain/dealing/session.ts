import type { CertificateVerifier } from "../identity/certificate.ts";
import type { SigningKeys } from "../identity/signing-keys.ts";
import { type Clock, isPast, pause } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { ProposedMove } from "../negotiation/price/external.ts";
import type { Arbitrators } from "../ports/arbitrators.ts";
import type { Stakes } from "../ports/chain.ts";
import type { Crypto } from "../ports/crypto.ts";
import type { Doubt, Durability, Journal } from "../ports/journal.ts";
import type { PersonalVault } from "../ports/personal-vault.ts";
import type { Channel } from "../ports/transport.ts";
import type { Disclosure } from "../terms/control.ts";
import { envelopePreimage, hashEnvelope } from "../terms/envelope.ts";
import { decodeMessage, encodeMessage, type Message } from "../terms/message.ts";
import { otherRole } from "../terms/proposal.ts";
import { Refusal } from "../terms/refusal.ts";
import { linkAt, nextSeq } from "../transcript/chain.ts";
import type { Transcript } from "../transcript/verify.ts";
import type { Deadlines } from "./deadlines.ts";
import { discloseTo, takeDisclosure } from "./disclosure.ts";
import { COST, type Patience } from "./patience.ts";
import { decodeRecord, encodeRecord } from "./record.ts";
import { replay } from "./replay.ts";
import { signSends } from "./signing.ts";
import { isFinal } from "./speaking.ts";
import { requireStake } from "./stake.ts";
import type { Agreed, Effect, Ended, Event, SpokenBody, State } from "./state.ts";
import { transition } from "./transition.ts";

/** What every negotiation of one agent shares. */
export interface Office {
  /** Settlement's domain separator. */
  readonly separator: Bytes32;
  readonly crypto: Crypto;
  readonly keys: SigningKeys;
  readonly certificates: CertificateVerifier;
  readonly stakes: Stakes;
  /** Absent where it isn't looked at whether a deal's arbitrator can rule. */
  readonly arbitrators?: Arbitrators;
  readonly clock: Clock;
  readonly journal: Journal;
  /** Where what is personal in deals is kept; null where deals with such data are not made. */
  readonly personal?: PersonalVault | null;
  /** Told that the other side's personal data has come, and is kept there. */
  readonly onDisclosed?: (session: Session) => void;
  /** When each negotiation's `commitBy` is over. */
  readonly deadlines: Deadlines<Session>;
  /** With connections that bring useless things. */
  readonly patience: Patience;
  /** Channels that are no more: none is spoken through again, even if a frame that came through it is yet to be judged. */
  readonly closed: WeakSet<Channel>;
  /** Waits this long before each answer, so that people can watch; 0 is as fast as can be. */
  readonly paceMs: number;
  /** Told of each event once it is journalled, in order. */
  readonly observe: (session: Session, event: Event, effects: readonly Effect[]) => void;
  /**
   * Told of failures that are nobody's refusal: the registry out of reach, the journal's disk full. Null where no
   * negotiation had begun.
   */
  readonly fail: (session: Session | null, error: unknown) => void;
}

/**
 * One negotiation at work. Whatever happens to it happens one thing at a time: decide, sign, journal, and only
 * then send.
 */
export class Session {
  readonly #office: Office;
  /** Always what the journal's records replay to. */
  #state: State;
  /** Records in the journal so far. */
  #records = 0;
  /** Where the peer last said something new; null while that is not known. */
  #channel: Channel | null;
  #fallback: Channel | null = null;
  #dialled: Channel | null;
  /** When each channel was last asked through; null before the first. */
  #asked: WeakMap<Channel, number> | null = null;
  #queue: Promise<void> = Promise.resolve();
  #resent: { readonly channel: Channel | null; readonly at: number } = { channel: null, at: 0 };
  #stopped = false;
  #isGranted = false;
  #mayDisclose = false;
  /** Messages that came in and are not judged yet. */
  #waiting = 0;
  // Made when somebody first waits for them.
  #settled: PromiseWithResolvers<Agreed | Ended> | null = null;
  #agreed: PromiseWithResolvers<Agreed> | null = null;

  private constructor(office: Office, state: State, channel: Channel | null) {
    this.#office = office;
    this.#state = state;
    this.#channel = channel;
    this.#dialled = channel;
  }

  /** Starts a negotiation with its first event: ours, or a peer's OPEN. */
  static async begin(
    office: Office,
    event: Extract<Event, { type: "opened" | "invited" }>,
    channel: Channel,
  ): Promise<Session> {
    const { state, effects } = transition(office.separator, null, event);
    const session = new Session(office, state, channel);
    await session.#commit(event, state, effects);
    session.#startTimer();
    return session;
  }

  /** Brings a negotiation back from its journal, to exactly where it stood. */
  static restore(office: Office, records: readonly Uint8Array[]): Session {
    const { state } = replay(office.separator, records);
    const session = new Session(office, state, null);
    session.#records = records.length;
    requireKey(session, office);
    session.#startTimer();
    return session;
  }

  get state(): State {
    return this.#state;
  }

  get isFinal(): boolean {
    return isFinal(this.#state);
  }

  /** All that was said so far, for whoever wants to verify it. The journal has it: thousands of negotiations may be waiting for days. */
  async transcript(): Promise<Transcript> {
    const { ours, theirs } = replay(this.#office.separator, await this.#journalled());
    return this.#state.brief.opener ? { opener: ours, responder: theirs } : { opener: theirs, responder: ours };
  }

  /** Resolves when the bargaining is over, one way or the other. */
  get settled(): Promise<Agreed | Ended> {
    this.#settled ??= Promise.withResolvers();
    this.#announce();
    return this.#settled.promise;
  }

  /** Resolves once both sides are bound. That can be after the bargaining has ended: an END withdraws no offer. */
  get agreed(): Promise<Agreed> {
    this.#agreed ??= Promise.withResolvers();
    this.#announce();
    return this.#agreed.promise;
  }

  /** Takes in a message that decoded well; resolves once it has had its effect. */
  async receive(message: Message, frame: Uint8Array, channel: Channel): Promise<void> {
    if (this.#waiting >= MOST_WAITING) {
      // Who sends faster than can be judged is asked to repeat itself when the connection is next renewed.
      this.#office.patience.strain(channel, COST.useless, frame);
      return;
    }
    this.#waiting++;
    await this.#enqueue(() => this.#receive(message, frame, channel));
    this.#waiting--;
  }

  /** Takes note of a frame that claims to be of this negotiation, but was refused. */
  offend(refusal: Refusal, frame: Uint8Array, channel: Channel): void {
    void this.#enqueue(() => this.#offend(refusal, frame, channel));
  }

  /** Says something on our own account. Rejects where it can't be said in this phase. */
  speak(body: SpokenBody): Promise<void> {
    return this.#say({ type: "spoken", body });
  }

  /**
   * Makes a move that a person or a model decided on, where the strategy is `external`. Rejects with a `Refusal` that says why where it
   * may not be made: not our turn, past the limit.
   */
  move(move: ProposedMove): Promise<void> {
    return this.#say({ type: "moved", move });
  }

  /** Whether it may sign what binds, or has just been let. */
  get isGranted(): boolean {
    return this.#isGranted || this.#state.mayBind;
  }

  /** Lets it sign what binds from now on. */
  grant(): void {
    this.#isGranted = true;
    void this.#enqueue(() => this.#apply({ type: "granted", at: this.#office.clock.now() }));
  }

  /** Takes note that the journal may lack what we signed here: from now on only END is signed. */
  doubt({ says }: Doubt): Promise<void> {
    return this.#enqueue(async () => {
      if (!this.#state.doubted) await this.#apply({ type: "doubted", at: this.#office.clock.now(), note: says });
    });
  }

  /** Takes note that what came to nothing here was asked again elsewhere, or needn't be. */
  closePosting(): Promise<void> {
    return this.#enqueue(() => this.#apply({ type: "reopened", at: this.#office.clock.now() }));
  }

  #say(said: { type: "spoken"; body: SpokenBody } | { type: "moved"; move: ProposedMove }): Promise<void> {
    if (this.#stopped) return Promise.reject(stoodStill(this.#state));
    const done = Promise.withResolvers<void>();
    const taken = this.#enqueue(async () => {
      try {
        await this.#apply({ ...said, at: this.#office.clock.now() });
        done.resolve();
      } catch (thrown) {
        done.reject(thrown);
        if (!(thrown instanceof Refusal)) throw thrown;
      }
    });
    // Where it was stopped before its turn came, nothing else would ever answer.
    void taken.then(() => done.reject(stoodStill(this.#state)));
    return done.promise;
  }

  /** How many envelopes we have said. */
  get said(): number {
    return nextSeq(this.#state.ours);
  }

  /** How many of the peer's envelopes we have. */
  get have(): number {
    return nextSeq(this.#state.theirs);
  }

  /**
   * Sends what the peer misses to whoever asks. The question is not signed, so its channel is used for what is said
   * later only as long as there is no better one.
   */
  resume(have: number, channel: Channel): void {
    void this.#enqueue(async () => {
      // Nobody has signed the question: who asks again and again has other reasons than to know. A channel that we dialled is the same one
      // each time that its connection is made anew.
      const now = this.#office.clock.now();
      this.#asked ??= new WeakMap();
      const last = this.#asked.get(channel);
      this.#asked.set(channel, now);
      if (last !== undefined && Math.abs(now - last) < ASK_GAP_MS && channel !== this.#dialled) {
        this.#office.patience.strain(channel, COST.refused);
        return;
      }
      if (!this.#office.closed.has(channel)) this.#fallback = channel;
      // Where our journal has lost something, the peer may have more of ours than we: then it misses our END all the same.
      const since = this.#state.doubted ? Math.min(have, this.said - 1) : have;
      if (since < this.said) await this.#repeat(channel, ({ envelope }) => envelope.seq >= since);
    });
    this.#disclose(channel);
  }

  /**
   * The deal is on the chain: from now on the other side may have the personal data that the terms commit to, now and whenever it asks. It
   * alone can read it, through whatever channel.
   */
  disclose(): void {
    this.#mayDisclose = true;
    this.#disclose(this.#channel ?? this.#fallback);
  }

  #disclose(channel: Channel | null): void {
    const { personal = null } = this.#office;
    if (personal === null || channel === null || !this.#mayDisclose) return;
    void this.#enqueue(async () => {
      const frame = await discloseTo(this.#state, this.#office, personal);
      if (frame !== null) channel.send(frame);
    });
  }

  /** Takes in what the other side discloses, once whatever came before it has had its effect. */
  takeDisclosure({ sealed }: Disclosure, channel: Channel): void {
    const { keys, personal = null, patience } = this.#office;
    void this.#enqueue(async () => {
      const verdict = personal === null ? "refused" : await takeDisclosure(this.#state, sealed, keys, personal);
      if (verdict === "refused") patience.strain(channel, COST.refused, sealed);
      if (verdict === "kept") this.#office.onDisclosed?.(this);
    });
  }

  /** The channel that we dialled for this negotiation; null where the peer comes to us. */
  get dialled(): Channel | null {
    return this.#state.brief.opener ? this.#dialled : null;
  }

  /** Speaks through this channel, which we dialled, from now on. */
  attach(channel: Channel): void {
    this.#dialled = channel;
    this.#channel = channel;
  }

  /** Lets go of a channel that has closed. */
  detach(channel: Channel): void {
    if (this.#channel === channel) this.#channel = null;
    if (this.#fallback === channel) this.#fallback = null;
  }

  /** Waits for what is under way, and takes in nothing more. The journal keeps everything. */
  async stop(): Promise<void> {
    this.#stopTimer();
    this.#stopped = true;
    await this.#queue;
  }

  async #receive(message: Message, frame: Uint8Array, channel: Channel): Promise<void> {
    if (this.#isKnown(message)) {
      // Verified when it came first; to do so again would make repeating cheap for its sender and dear for us.
      this.#office.patience.strain(channel, COST.useless, frame);
      return this.#apply({ type: "received", at: this.#office.clock.now(), message, frame }, channel);
    }
    try {
      await this.#authenticate(message);
    } catch (thrown) {
      if (thrown instanceof Refusal) {
        this.#office.patience.strain(channel, COST.refused, frame);
        return this.#offend(thrown, frame, channel);
      }
      if (!(thrown instanceof ParleyError && thrown.retryable)) throw thrown;
      // The registry could not be asked just now. The peer has done its part and won't send again by itself; what
      // it said after this has to wait its turn.
      this.#office.fail(this, thrown);
      await pause(this.#office.clock, RETRY_MS);
      return this.#stopped ? undefined : this.#receive(message, frame, channel);
    }
    if (this.#office.paceMs > 0) await pause(this.#office.clock, this.#office.paceMs);
    const advances = message.envelope.seq === this.have && !this.#office.closed.has(channel);
    if (advances) this.#channel = channel;
    const before = this.#state;
    await this.#apply({ type: "received", at: this.#office.clock.now(), message, frame }, channel);
    this.#judge(before, channel, frame);
  }

  /** Only what has its place in the peer's chain shows that it is the peer who speaks; and what comes too late to change anything is useless. */
  #judge(before: State, channel: Channel, frame: Uint8Array): void {
    const { patience } = this.#office;
    const hasPlace = nextSeq(this.#state.theirs) > nextSeq(before.theirs);
    if (hasPlace) patience.vouch(channel, this.#state.brief.peer);
    if (!isFinal(before) || hasMoved(before, this.#state)) return;
    patience.strain(channel, COST.useless, frame);
  }

  #isKnown({ envelope }: Message): boolean {
    const known = linkAt(this.#state.theirs, envelope.seq);
    return known !== null && known.hash === hashEnvelope(this.#office.separator, envelope);
  }

  async #authenticate({ envelope, body, signature }: Message): Promise<void> {
    const { crypto, certificates, separator, clock, stakes } = this.#office;
    const { peerCertificate, brief, proposal } = this.#state;
    const certificate = peerCertificate ?? (body.kind === "JOIN" ? body.certificate : null);
    if (certificate === null) throw new Refusal("OutOfTurn", `${envelope.kind} came before JOIN`);
    if (peerCertificate === null) {
      const now = Math.floor(clock.now() / 1000);
      await certificates.verify(certificate, brief.peer, now, proposal.deal.commitBy);
    }
    if (!(await crypto.verify(certificate.key, envelopePreimage(separator, envelope), signature))) {
      throw new Refusal("BadSignature", `the signature of envelope ${envelope.seq} is not good`);
    }
    if (peerCertificate === null) await requireStake(stakes, brief.peer, otherRole(brief.role), proposal.deal);
  }

  async #offend(refusal: Refusal, frame: Uint8Array, channel: Channel): Promise<void> {
    // Who isn't on our peer's connection can't end our negotiation by sending rubbish in its name.
    if (this.isFinal || this.#channel !== channel) return;
    const reason = { code: refusal.code, note: refusal.message };
    await this.#apply({ type: "offended", at: this.#office.clock.now(), reason, frame: frame.slice(0, KEPT_PROOF) });
  }

  /** `commitBy` is over. */
  expire(): void {
    void this.#enqueue(async () => {
      if (!this.isFinal) await this.#apply({ type: "expired", at: this.#office.clock.now() });
    });
  }

  async #apply(event: Event, channel = this.#channel): Promise<void> {
    const { state, effects } = transition(this.#office.separator, this.#state, event);
    if (state !== this.#state) await this.#commit(event, state, effects);
    for (const effect of effects) if (effect.do === "resend") await this.#resend(effect.since, channel);
  }

  /** Signs, journals, and only then lets go of what was signed. */
  async #commit(event: Event, state: State, effects: readonly Effect[]): Promise<void> {
    const { separator, keys } = this.#office;
    const sent = await signSends(separator, keys.signer(state.brief.certificate.key), effects);
    const frames = sent.map(encodeMessage);
    const record = encodeRecord({ event, sent: frames });
    await this.#append(state, record, durabilityOf(event, sent));
    this.#records++;
    this.#state = state;
    // A timer would hold on to all of this until `commitBy`, for days.
    if (isFinal(state)) this.#stopTimer();
    this.#announce();
    for (const frame of frames) (this.#channel ?? this.#fallback)?.send(frame);
    this.#office.observe(this, event, effects);
  }

  #announce(): void {
    if (this.#state.phase === "agreed") this.#agreed?.resolve(this.#state);
    if (this.#state.phase === "agreed" || this.#state.phase === "ended") this.#settled?.resolve(this.#state);
  }

  async #append(state: State, record: Uint8Array, durability: Durability): Promise<void> {
    try {
      await this.#office.journal.append(state.half, this.#records, record, durability);
    } catch (thrown) {
      // What could not be journalled must not be signed again differently: this negotiation stands still.
      this.#stopped = true;
      throw thrown;
    }
  }

  #startTimer(): void {
    if (this.isFinal) return;
    this.#office.deadlines.add(this.#expiry, this);
  }

  #stopTimer(): void {
    this.#office.deadlines.callOff(this.#expiry, this);
  }

  get #expiry(): number {
    return (this.#state.proposal.deal.commitBy + 1) * 1000;
  }

  async #resend(since: Bytes32, channel: Channel | null): Promise<void> {
    const now = this.#office.clock.now();
    const { channel: last, at } = this.#resent;
    if (channel === null || (last === channel && Math.abs(now - at) < RESEND_GAP_MS)) return;
    this.#resent = { channel, at: now };
    let isDue = false;
    await this.#repeat(channel, ({ envelope }) => {
      isDue ||= envelope.seen === since;
      return isDue;
    });
  }

  /** Says again what we have said, word for word. */
  async #repeat(channel: Channel, isMissed: (message: Message) => boolean): Promise<void> {
    for (const record of await this.#journalled()) {
      for (const frame of decodeRecord(record).sent) if (isMissed(decodeMessage(frame))) channel.send(frame);
    }
  }

  #journalled(): Promise<readonly Uint8Array[]> {
    return this.#office.journal.read(this.#state.half);
  }

  #enqueue(task: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      if (this.#stopped) return;
      try {
        await task();
      } catch (thrown) {
        this.#office.fail(this, thrown);
      }
    });
    return this.#queue;
  }
}

/** Whether something came of a message: an agreement after all, or a delivery or receipt. */
function hasMoved(before: State, after: State): boolean {
  if (before.phase !== after.phase) return true;
  if (before.phase !== "agreed" || after.phase !== "agreed") return false;
  const [then, now] = [before.fulfilment, after.fulfilment];
  return then.evidence !== now.evidence || then.receipted !== now.receipted;
}

function stoodStill({ half }: State): ParleyError<"StandsStill"> {
  return new ParleyError("StandsStill", `negotiation ${half} stands still: its journal failed, or it was stopped`, {
    hint: "mend what the journal complained of, and start the agent again",
  });
}

/**
 * A negotiation goes on with the key that its certificate names, or not at all. Where that certificate has ended, or
 * nothing is bargained over any more, the key may be gone, and the rest goes by the chain.
 */
function requireKey({ state, isFinal }: Session, { keys, clock }: Office): void {
  const { key } = state.brief.certificate;
  if (!isFinal && !isPast(key.notAfter, clock.now())) keys.signer(key);
}

/** How long to wait before a message is judged again that the registry was needed for. */
const RETRY_MS = 1_000;

/** Messages of one negotiation that may wait to be judged: far more than an honest peer ever has under way. */
const MOST_WAITING = 256;

/** Replies are repeated no more often than this: over a wire that doubles frames they would double each other. */
const RESEND_GAP_MS = 50;

/** Who asks for what was said more often than this, through one connection, isn't answered. */
const ASK_GAP_MS = 1_000;

/** Proof of a refused frame is kept up to this many bytes; an oversized one proves itself by its beginning. */
const KEPT_PROOF = 4_096;

/** What binds money must survive the machine, everything else the process. */
function durabilityOf(event: Event, sent: readonly Message[]): Durability {
  const received = "message" in event ? event.message.body.kind : null;
  const binding = received === "ACCEPT" || received === "RECEIPT" || sent.some(({ body }) => body.kind === "ACCEPT");
  return binding ? "machine" : "process";
}
