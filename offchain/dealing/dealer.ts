import { type Hex, toHex } from "../kernel/bytes.ts";
import { isPast, pause } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { AgentId, Bytes32 } from "../kernel/ids.ts";
import type { Entropy } from "../kernel/random.ts";
import { checkStrategy, type PriceStrategy } from "../negotiation/price/strategy.ts";
import type { Channel, ChannelListener } from "../ports/transport.ts";
import { DISCLOSURE_FRAME, decodeDisclosure, decodeResume, encodeResume, RESUME_FRAME } from "../terms/control.ts";
import { decodeMessage, encodeMessage, MAX_MESSAGE_BYTES, type Message, peekNegotiation } from "../terms/message.ts";
import { openerHalf } from "../terms/negotiation-id.ts";
import { type DealTemplate, encodeProposal, type Proposal, signedUntil } from "../terms/proposal.ts";
import { Refusal } from "../terms/refusal.ts";
import { requireArbitrator } from "./arbitrator.ts";
import type { Again, Brief, Wanted } from "./brief.ts";
import { Deadlines } from "./deadlines.ts";
import { takesPersonalData } from "./disclosure.ts";
import { Intents, mayBind } from "./intents.ts";
import { type Invitation, judgeInvitation, type Respond, refuseInvitation } from "./invitation.ts";
import { COST, Patience } from "./patience.ts";
import { Postings, saltAgain } from "./postings.ts";
import { wantedBy } from "./record.ts";
import { type Capacity, Roll, USUAL_CAPACITY } from "./roll.ts";
import { type Office, Session } from "./session.ts";
import { signSends } from "./signing.ts";
import type { Reason } from "./state.ts";

/** OPENs judged at a time; the registry is asked for each of them. */
const MOST_ARRIVING = 256;

/** How long to wait before an OPEN is judged again that the registry was needed for. */
const RETRY_MS = 1_000;

const OVERLOADED: Reason = {
  code: "Overloaded",
  note: "no more negotiations are taken on at present; try again later",
};

/** What a dealer needs besides the office that its negotiations share. */
export interface DealerOptions extends Omit<Office, "observe" | "patience" | "closed" | "deadlines"> {
  readonly agent: AgentId;
  readonly entropy: Entropy;
  /** Decides how, and whether, to bargain over what a peer proposes. Absent where the agent only opens. */
  readonly respond?: Respond;
  readonly observe?: Office["observe"];
  /** Told of each OPEN that was answered with a refusal. Strangers cause it as often as they like. */
  readonly onRefused?: (peer: AgentId, reason: Reason) => void;
  readonly capacity?: Partial<Capacity>;
}

/** What an agent wants to negotiate with a peer. */
export interface Intent {
  readonly peer: AgentId;
  /** Where the peer can be reached again after a restart. */
  readonly address: string;
  readonly proposal: Proposal;
  readonly strategy: PriceStrategy;
  /** What it is for, where that is negotiated with others too: at most so many of them then come to bind us. */
  readonly wanted?: Wanted;
  /** Posts it for later where nothing comes of it; what is still open of it counts, so that it isn't bought twice. */
  readonly again?: Again;
}

/** One agent's negotiations: starts them, is invited to them, and brings them back after a restart. */
export class Dealer {
  readonly #options: DealerOptions;
  readonly #office: Office;
  readonly #roll: Roll;
  readonly #intents = new Intents();
  readonly #postings: Postings;
  #connect: ((address: string) => Channel) | null = null;
  /** In the journal, but not to be brought back. */
  readonly #lost = new Set<string>();
  /** By the id, by the opener's half of it, and by the hash of the OPEN. */
  readonly #byId = new Map<Bytes32, Session>();
  /** Signatures of OPENs that are being judged. */
  readonly #arriving = new Set<Hex>();
  #stopped = false;
  #isRecovering = false;

  constructor(options: DealerOptions) {
    this.#options = options;
    this.#office = {
      ...options,
      patience: new Patience(options.clock),
      closed: new WeakSet(),
      deadlines: new Deadlines(options.clock, (session) => session.expire()),
      observe: (session, event, effects) => {
        this.#index(session);
        options.observe?.(session, event, effects);
        if (this.#isRecovering) return;
        this.#intents.notice(session);
        this.#postings.notice(session);
      },
    };
    this.#postings = new Postings(options.clock, (session) => this.#postAgain(session));
    this.#roll = new Roll({ ...USUAL_CAPACITY, ...options.capacity }, (session) => this.#forget(session));
  }

  /** Hand this to a transport, for channels of either direction. */
  readonly listener: ChannelListener = {
    onFrame: (frame, channel) => this.#onFrame(frame, channel),
    onOpen: (channel) => this.#onOpen(channel),
    onClose: (channel) => {
      this.#office.closed.add(channel);
      for (const session of this.sessions) session.detach(channel);
    },
  };

  get sessions(): ReadonlySet<Session> {
    return this.#roll.sessions;
  }

  /** The negotiation of that id, or of that opener's half. */
  session(id: Bytes32): Session | undefined {
    return this.#byId.get(id);
  }

  /** Opens a negotiation through a channel. Rejects with `ArbitratorUnfit` where a dispute would certainly come to nothing. */
  async open(intent: Intent, channel: Channel): Promise<Session> {
    await requireArbitrator(this.#office.arbitrators, intent.proposal.deal);
    return await this.#open(intent, channel, this.#salt());
  }

  async #open(intent: Intent, channel: Channel, salt: Bytes32): Promise<Session> {
    const { peer, address, proposal, strategy, wanted, again } = intent;
    checkStrategy(strategy, proposal.role);
    if (peer === this.#options.agent) throw new ParleyError("BadPeer", "an agent can't negotiate with itself");
    if (takesPersonalData(proposal) && !this.#office.personal) {
      throw new ParleyError(
        "NoVault",
        "there is no vault here that the personal data of these terms would be kept in",
        {
          hint: "give the dealer one, as `personal`",
        },
      );
    }
    const { agent: self, keys } = this.#options;
    const { commitBy } = proposal.deal;
    const lastsS = Math.max(0, commitBy - Math.floor(this.#now() / 1000));
    const brief: Brief = {
      self,
      peer,
      opener: true,
      role: proposal.role,
      salt,
      proposal: encodeProposal(proposal),
      certificate: keys.certificate(signedUntil(proposal)),
      strategy,
      address,
      // What is asked for again is the same thing: an offer of the first time may bind us yet.
      intent: wanted ?? (again === undefined ? null : { id: salt, most: 1 }),
      again: again === undefined ? null : { ...again, lastsS },
    };
    const session = await Session.begin(this.#office, { type: "opened", at: this.#now(), brief }, channel);
    this.#index(session);
    return session;
  }

  /**
   * Brings back every negotiation in the journal. Those we opened connect to their peers again; the peers of the
   * others will ask. Both sides then send what the other misses. One whose journal may lack something only ends.
   */
  async recover(connect: (address: string) => Channel): Promise<readonly Session[]> {
    const recovered: Session[] = [];
    this.#isRecovering = true;
    this.#connect = connect;
    for (const stream of await this.#office.journal.streams()) {
      let records: readonly Uint8Array[] = [];
      try {
        records = await this.#office.journal.read(stream);
        const session = Session.restore(this.#office, records);
        const doubt = await this.#office.journal.doubt(stream);
        if (doubt !== null) await session.doubt(doubt);
        this.#index(session);
        recovered.push(session);
      } catch (thrown) {
        // One negotiation that can't be brought back is no reason to let the others down.
        this.#office.fail(null, thrown);
        this.#lost.add(stream);
        const wanted = wantedBy(records);
        if (wanted !== null) this.#intents.noticeLost(wanted);
      }
    }
    this.#isRecovering = false;
    this.#intents.notice(...recovered);
    for (const session of recovered) {
      this.#postings.notice(session);
      const { opener, address } = session.state.brief;
      if (opener && address !== "" && this.#hasMoreToHear(session)) session.attach(connect(address));
    }
    return recovered;
  }

  /** Even where we left, an ACCEPT of an offer of ours may be on its way until it can't be committed any more. */
  #hasMoreToHear({ state }: Session): boolean {
    return state.phase !== "ended" || !isPast(state.proposal.deal.commitBy, this.#now());
  }

  /**
   * Says that nothing will come of a negotiation any more: settled on the chain, or past the time in which anything could be. It is
   * let go of once there are many such; its journal stays. `bound` is whether a deal was made: otherwise another negotiation of
   * the same intent may take its place.
   */
  release(session: Session, bound = mayBind(session.state)): void {
    if (!bound) this.#intents.annul(session);
    this.#roll.release(session);
  }

  /** Waits for what is under way. Nothing is said to anybody: negotiations go on after the next `recover`. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#postings.stop();
    await Promise.all([...this.sessions].map((session) => session.stop()));
  }

  /** Resolves once the next of what was posted for later is asked again, or called off; with false where nothing was. */
  nextPosting(): Promise<boolean> {
    return this.#postings.next();
  }

  async #postAgain(session: Session): Promise<void> {
    const { state, dialled } = session;
    const { brief, proposal } = state;
    const salt = saltAgain(brief.salt);
    const half = openerHalf(this.#office.separator, brief.self, brief.peer, salt);
    const { again, peer, address, strategy, intent } = brief;
    if (this.#stopped || again === null) return;
    try {
      if (this.#byId.has(half) || this.#lost.has(half) || this.#intents.isSatisfied(intent)) {
        await session.closePosting();
        return;
      }
      const channel = dialled ?? this.#connect?.(address);
      if (channel === undefined)
        throw new ParleyError("NotConnected", `agent ${peer} can't be asked again: no way there is known`);
      const commitBy = Math.floor(this.#now() / 1000) + again.lastsS;
      const deal = { ...proposal.deal, commitBy };
      if (await this.#isUnfit(deal)) return await session.closePosting();
      // Another salt hides that the terms are those of before. Personal data is kept by the salt, and stays with it.
      const terms = takesPersonalData(proposal) ? proposal.terms : { ...proposal.terms, salt: this.#salt() };
      const next: Intent = {
        ...{ peer, address, strategy, proposal: { ...proposal, deal, terms } },
        ...(intent !== null && { wanted: intent }),
        again: { afterMs: again.afterMs, times: again.times - 1 },
      };
      await this.#open(next, channel, salt);
      // Only now: where the process dies in between, the journal has the one that was opened.
      await session.closePosting();
    } catch (thrown) {
      this.#office.fail(null, thrown);
    }
  }

  /** Whether the arbitrator of what is asked for again can't rule any more, which is told then. */
  async #isUnfit(deal: DealTemplate): Promise<boolean> {
    try {
      await requireArbitrator(this.#office.arbitrators, deal);
      return false;
    } catch (thrown) {
      this.#office.fail(null, thrown);
      // It could the first time: that the chain isn't reached now is no reason to let the thing go.
      return !(thrown instanceof ParleyError && thrown.retryable);
    }
  }

  #onFrame(frame: Uint8Array, channel: Channel): void {
    if (frame[0] === RESUME_FRAME) {
      this.#onResume(frame, channel);
      return;
    }
    if (frame[0] === DISCLOSURE_FRAME) {
      this.#onDisclosure(frame, channel);
      return;
    }
    let message: Message;
    try {
      message = decodeMessage(frame);
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      // Only what names a negotiation of ours gets an answer; other rubbish is not worth one.
      const id = peekNegotiation(frame);
      if (id !== null) this.#byId.get(id)?.offend(thrown, frame, channel);
      this.#office.patience.strain(channel, COST.useless, frame);
      return;
    }
    // A JOIN names the full id, which its opener can't know yet: the OPEN that it answers leads to the negotiation.
    const { envelope, body } = message;
    const session = this.#byId.get(body.kind === "JOIN" ? body.open : envelope.negotiation);
    if (session && body.kind === "JOIN") this.#onJoin(session, message, frame, channel);
    else if (session) void session.receive(message, frame, channel);
    else if (body.kind === "OPEN") void this.#onInvitation({ message, frame, body, channel });
    else this.#office.patience.strain(channel, COST.useless, frame);
  }

  /** What follows a JOIN closely names the id too, so it must lead here already while the JOIN is being judged. */
  #onJoin(session: Session, message: Message, frame: Uint8Array, channel: Channel): void {
    const id = message.envelope.negotiation;
    const judged = session.receive(message, frame, channel);
    if (this.#byId.has(id)) return;
    this.#byId.set(id, session);
    void judged.then(() => {
      if (session.state.negotiation !== id && this.#byId.get(id) === session) this.#byId.delete(id);
    });
  }

  async #onInvitation(invitation: Invitation): Promise<void> {
    // By its signature, not by the id: a spoilt copy must not keep the real one out.
    const { message, channel, frame } = invitation;
    const { signature } = message;
    const { patience } = this.#office;
    if (this.#arriving.has(signature) || this.#arriving.size >= MOST_ARRIVING) {
      return patience.strain(channel, COST.useless, frame);
    }
    if (patience.isWornOut(channel)) return channel.drop();
    this.#arriving.add(signature);
    try {
      // The opener has done its part, and won't say OPEN again by itself.
      while (!this.#stopped && !(await this.#accept(invitation))) await pause(this.#office.clock, RETRY_MS);
    } finally {
      this.#arriving.delete(signature);
    }
  }

  /** Judges an OPEN and answers it. Resolves with false where it is worth trying again. */
  async #accept(invitation: Invitation): Promise<boolean> {
    try {
      const { agent: self, respond } = this.#options;
      const verdict = await judgeInvitation(this.#office, self, invitation, respond);
      const { message, frame, body, channel } = invitation;
      // The same OPEN, signed anew, may have come in meanwhile.
      if (this.#byId.has(message.envelope.negotiation)) return true;
      const peer = message.envelope.agent;
      if (verdict === null || "reason" in verdict) {
        this.#office.patience.strain(channel, COST.refused, frame);
        if (verdict !== null) await this.#refuse(invitation, verdict.reason);
        return true;
      }
      if (!this.#roll.hasRoomFor(peer)) {
        this.#office.patience.strain(channel, COST.refused, frame);
        await this.#refuse(invitation, OVERLOADED);
        return true;
      }
      const { role, strategy, certificate, wanted } = verdict;
      const { proposal } = body;
      const salt = this.#salt();
      const brief = {
        self,
        peer,
        opener: false,
        role,
        salt,
        proposal,
        certificate,
        strategy,
        address: "",
        intent: wanted,
        again: null,
      };
      const event = { type: "invited", at: this.#now(), brief, message, frame } as const;
      this.#index(await Session.begin(this.#office, event, channel));
      return true;
    } catch (thrown) {
      this.#office.fail(null, thrown);
      return !(thrown instanceof ParleyError && thrown.retryable);
    }
  }

  /** Refusals are answered, but nothing is kept of them, so that rubbish can't fill the journal. */
  async #refuse({ message, channel }: Invitation, reason: Reason): Promise<void> {
    const { agent, keys } = this.#options;
    const { separator } = this.#office;
    const certificate = keys.certificate(Math.floor(this.#now() / 1000));
    const effects = refuseInvitation(
      separator,
      message,
      { agent, certificate, salt: this.#salt() },
      reason,
      this.#now(),
    );
    const signer = keys.signer(certificate.key);
    for (const refusal of await signSends(separator, signer, effects)) channel.send(encodeMessage(refusal));
    this.#options.onRefused?.(message.envelope.agent, reason);
  }

  #onOpen(channel: Channel): void {
    for (const session of this.sessions) {
      if (session.dialled !== channel) continue;
      session.attach(channel);
      // Before JOIN the two sides share no id yet: saying OPEN again has the same effect.
      if (session.state.phase === "opening") session.resume(0, channel);
      else channel.send(encodeResume({ negotiation: session.state.negotiation, have: session.have, answer: true }));
    }
  }

  #onResume(frame: Uint8Array, channel: Channel): void {
    let resume: ReturnType<typeof decodeResume>;
    try {
      resume = decodeResume(frame);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError)) throw thrown;
      this.#office.patience.strain(channel, COST.useless);
      return;
    }
    const { negotiation, have, answer } = resume;
    const session = this.#byId.get(negotiation);
    if (!session) {
      this.#office.patience.strain(channel, COST.useless);
      return;
    }
    session.resume(have, channel);
    if (answer) channel.send(encodeResume({ negotiation, have: session.have, answer: false }));
  }

  #onDisclosure(frame: Uint8Array, channel: Channel): void {
    const disclosure = frame.length > MAX_MESSAGE_BYTES || frame.length < 33 ? null : decodeDisclosure(frame);
    const session = disclosure && this.#byId.get(disclosure.negotiation);
    if (session) session.takeDisclosure(disclosure, channel);
    else this.#office.patience.strain(channel, COST.useless, frame);
  }

  #index(session: Session): void {
    const { half, negotiation, phase, ours } = session.state;
    this.#roll.add(session);
    this.#byId.set(half, session).set(negotiation, session);
    if (phase === "opening" && ours) this.#byId.set(ours.hash, session);
  }

  #forget(session: Session): void {
    const { half, negotiation, ours } = session.state;
    this.#intents.forget(session);
    let first = ours;
    while (first !== null && first.previous !== null) first = first.previous;
    for (const id of [half, negotiation, first?.hash]) if (id !== undefined) this.#byId.delete(id);
  }

  #salt(): Bytes32 {
    return toHex(this.#options.entropy.bytes(32));
  }

  #now(): number {
    return this.#office.clock.now();
  }
}
