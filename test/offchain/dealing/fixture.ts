/** Two real dealers on one simulated clock, joined by a wire that a test can cut, repeat or tamper with. */
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import { Dealer, type DealerOptions } from "../../../offchain/dealing/dealer.ts";
import type { Capacity } from "../../../offchain/dealing/roll.ts";
import type { Session } from "../../../offchain/dealing/session.ts";
import { CertificateVerifier, issueCertificate, type Validity } from "../../../offchain/identity/certificate.ts";
import { fixedKey } from "../../../offchain/identity/signing-keys.ts";
import { localWallet } from "../../../offchain/identity/wallet.ts";
import { utf8 } from "../../../offchain/kernel/bytes.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import { ParleyError } from "../../../offchain/kernel/errors.ts";
import type { AgentId, Bytes32 } from "../../../offchain/kernel/ids.ts";
import { SeededEntropy } from "../../../offchain/kernel/random.ts";
import type { PriceStrategy } from "../../../offchain/negotiation/price/strategy.ts";
import type { AgentAuthority, Deployment, Registry } from "../../../offchain/ports/chain.ts";
import type { SessionSigner } from "../../../offchain/ports/crypto.ts";
import type { Journal } from "../../../offchain/ports/journal.ts";
import type { PersonalVault } from "../../../offchain/ports/personal-vault.ts";
import type { Channel } from "../../../offchain/ports/transport.ts";
import { hashBody } from "../../../offchain/terms/body.ts";
import type { Certificate } from "../../../offchain/terms/certificate.ts";
import { domainSeparator, settlementDomain } from "../../../offchain/terms/eip712.ts";
import { envelopePreimage, hashEnvelope, type Kind } from "../../../offchain/terms/envelope.ts";
import { decodeMessage, encodeMessage, MESSAGE_VERSION, type Message } from "../../../offchain/terms/message.ts";
import type { Proposal } from "../../../offchain/terms/proposal.ts";
import { walletAddress } from "../../../offchain/terms/wallet-signature.ts";
import { proposalFor } from "../../proposal.ts";

const DEPLOYMENT: Deployment = {
  chainId: 31337,
  registry: `0x${"11".repeat(20)}`,
  settlement: `0x${"22".repeat(20)}`,
};

export const SEPARATOR = domainSeparator(settlementDomain(DEPLOYMENT.chainId, DEPLOYMENT.settlement));

const NODE = new NodeCrypto();

export type Side = "buyer" | "seller";

export const OTHER: Readonly<Record<Side, Side>> = { buyer: "seller", seller: "buyer" };

export const AGENTS: Readonly<Record<Side, AgentId>> = { buyer: 1n, seller: 2n };

const WALLETS: Readonly<Record<Side, Bytes32>> = {
  buyer: `0x${"b1".repeat(32)}`,
  seller: `0x${"5e".repeat(32)}`,
};

const SECRETS = { buyer: NODE.generateSessionSecret(), seller: NODE.generateSessionSecret() };

const STRATEGIES: Readonly<Record<Side, PriceStrategy>> = {
  buyer: { kind: "time-dependent", from: 100n, limit: 1_000n, pace: 1 },
  seller: { kind: "time-dependent", from: 1_500n, limit: 700n, pace: 1 },
};

/** What crosses the wire: nothing, the frame itself, others in its place. */
export type Tamper = (
  frame: Uint8Array,
  from: Side,
  world: World,
) => readonly Uint8Array[] | Promise<readonly Uint8Array[]>;

export interface WorldOptions {
  readonly rounds?: number;
  readonly tamper?: Tamper;
  readonly validity?: Partial<Record<Side, Partial<Validity>>>;
  readonly epochs?: Partial<Record<Side, number>>;
  readonly stakes?: Partial<Record<Side, bigint>>;
  readonly vaults?: Record<Side, PersonalVault>;
  /** Who has none, whatever they are. */
  readonly vaultless?: Side;
  readonly strategies?: Partial<Record<Side, PriceStrategy>>;
  readonly journals?: Partial<Record<Side, Journal>>;
  readonly capacity?: Partial<Capacity>;
  /** How many questions to the registry fail, as they do while a node is out of reach. */
  readonly outages?: number;
  /** The same of questions for stakes. */
  readonly stakeOutages?: number;
  /** Whatever else a side's dealer is told. */
  readonly more?: Partial<Record<Side, Partial<DealerOptions>>>;
}

export class World {
  readonly clock = new SimulatedClock();
  readonly entropy = new SeededEntropy(11);
  readonly journals: Record<Side, Journal>;
  readonly troubles: unknown[] = [];
  readonly dealers: Record<Side, Dealer>;
  /** Frames that were handed to the wire, in order. */
  readonly sent: { readonly from: Side; readonly frame: Uint8Array }[] = [];
  readonly #options: WorldOptions;
  #lines: Record<Side, Line>;
  #inFlight = 0;

  private constructor(options: WorldOptions, dealers: Record<Side, Dealer>, journals: Record<Side, Journal>) {
    this.#options = options;
    this.dealers = dealers;
    this.journals = journals;
    this.#lines = { buyer: new Line(this, "buyer"), seller: new Line(this, "seller") };
  }

  static async create(options: WorldOptions = {}): Promise<World> {
    const dealers = {} as Record<Side, Dealer>;
    const journals = {
      buyer: options.journals?.buyer ?? new MemoryJournal(),
      seller: options.journals?.seller ?? new MemoryJournal(),
    };
    const world = new World(options, dealers, journals);
    dealers.buyer = await world.makeDealer("buyer");
    dealers.seller = await world.makeDealer("seller");
    return world;
  }

  get seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  signer(side: Side): SessionSigner {
    return NODE.sessionSigner(SECRETS[side]);
  }

  async certificate(side: Side): Promise<Certificate> {
    const validity = {
      notBefore: this.seconds - 60,
      notAfter: this.seconds + 86_400,
      epoch: 1,
      ...this.#options.validity?.[side],
    };
    const { publicKey } = this.signer(side);
    return issueCertificate(localWallet(WALLETS[side]), DEPLOYMENT, AGENTS[side], publicKey, validity);
  }

  async makeDealer(side: Side): Promise<Dealer> {
    let { outages = 0, stakeOutages = 0 } = this.#options;
    const registry: Registry = {
      authority: async (agent) => {
        if (outages-- > 0) throw unreachable();
        return this.#authority(agent);
      },
      certified: async () => false,
    };
    return new Dealer({
      agent: AGENTS[side],
      certificates: new CertificateVerifier(registry, DEPLOYMENT),
      stakes: {
        staked: async (agent) => {
          if (stakeOutages-- > 0) throw unreachable();
          return this.#options.stakes?.[sideOf(agent)] ?? 1_000n;
        },
      },
      clock: this.clock,
      crypto: NODE,
      entropy: this.entropy,
      journal: this.journals[side],
      personal: this.#options.vaultless === side ? null : (this.#options.vaults?.[side] ?? null),
      paceMs: 0,
      separator: SEPARATOR,
      keys: fixedKey(this.signer(side), await this.certificate(side)),
      respond: () => this.#options.strategies?.[side] ?? STRATEGIES[side],
      fail: (_session, thrown) => this.troubles.push(thrown),
      capacity: this.#options.capacity ?? {},
      ...this.#options.more?.[side],
    });
  }

  proposal(changes: Partial<Proposal> = {}): Proposal {
    return { ...proposalFor({ rounds: this.#options.rounds ?? 8, commitBy: this.seconds + 600 }), ...changes };
  }

  open(proposal = this.proposal()): Promise<Session> {
    const strategy = this.#options.strategies?.buyer ?? STRATEGIES.buyer;
    return this.dealers.buyer.open({ peer: AGENTS.seller, address: "seller", proposal, strategy }, this.#lines.buyer);
  }

  /** The channel that a side sends through. */
  line(side: Side): Channel {
    return this.#lines[side];
  }

  /** The only negotiation that a side has. */
  session(side: Side): Session {
    const [session, ...more] = this.dealers[side].sessions;
    if (!session || more.length > 0) throw new Error(`${side} has ${more.length + (session ? 1 : 0)} negotiations`);
    return session;
  }

  /** Ends a side as a crash would, and starts it again from its journal. Nothing of what was in memory survives. */
  async restart(side: Side): Promise<void> {
    void this.dealers[side].stop();
    this.#lines[side].cut = true;
    this.#lines[side] = new Line(this, side);
    // Time has passed: whoever signs anew after a restart, rather than sending what was signed, is found out by it.
    this.clock.advance(1_000);
    this.dealers[side] = await this.makeDealer(side);
    await this.dealers[side].recover(() => this.#lines[side]);
    for (const each of ["buyer", "seller"] as const) this.dealers[each].listener.onOpen?.(this.#lines[each]);
  }

  /** Lets both sides work until nothing moves any more. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 4; still++) {
      const before = this.sent.length;
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#inFlight > 0 || this.sent.length !== before) still = -1;
    }
  }

  /** Signs a message again after a change, as only its own sender could. */
  async forge(frame: Uint8Array, from: Side, change: (message: Message) => Message): Promise<Uint8Array> {
    const changed = change(decodeMessage(frame));
    const body = changed.envelope.body === decodeMessage(frame).envelope.body ? hashBody(changed.body) : null;
    const envelope = { ...changed.envelope, ...(body === null ? {} : { body }) };
    const signature = await this.signer(from).sign(envelopePreimage(SEPARATOR, envelope));
    return encodeMessage({ ...changed, envelope, signature });
  }

  /** As anybody could, to a side's session key. */
  seal(to: Side, content: Uint8Array, negotiation: Bytes32): Uint8Array {
    return NODE.sealTo(this.signer(to).publicKey, content, utf8.encode(negotiation));
  }

  async carry(frame: Uint8Array, from: Side): Promise<void> {
    this.sent.push({ from, frame });
    this.#inFlight++;
    try {
      const arriving = (await this.#options.tamper?.(frame, from, this)) ?? [frame];
      const to = OTHER[from];
      for (const each of arriving) this.dealers[to].listener.onFrame(each, this.#lines[to]);
    } finally {
      this.#inFlight--;
    }
  }

  #authority(agent: AgentId): AgentAuthority {
    const side = sideOf(agent);
    return { wallet: walletAddress(WALLETS[side]), epoch: this.#options.epochs?.[side] ?? 1 };
  }
}

function unreachable(): ParleyError {
  return new ParleyError("ChainUnreachable", "the node does not answer", { retryable: true });
}

function sideOf(agent: AgentId): Side {
  return agent === AGENTS.buyer ? "buyer" : "seller";
}

class Line implements Channel {
  readonly peer: string;
  readonly #world: World;
  readonly #side: Side;
  cut = false;

  constructor(world: World, side: Side) {
    this.#world = world;
    this.#side = side;
    this.peer = OTHER[side];
  }

  send(frame: Uint8Array): void {
    if (!this.cut) void this.#world.carry(frame, this.#side);
  }

  close(): void {
    this.cut = true;
  }

  drop(): void {
    this.cut = true;
  }
}

/** Every envelope that a side let out, by `seq`: an honest side has one hash for each. */
export function saidBy(world: World, side: Side): Map<number, Set<string>> {
  const said = new Map<number, Set<string>>();
  for (const { from, frame } of world.sent) {
    if (from !== side || kindOf(frame) === null) continue;
    const { envelope } = decodeMessage(frame);
    const hashes = said.get(envelope.seq) ?? new Set();
    said.set(envelope.seq, hashes.add(hashEnvelope(SEPARATOR, envelope)));
  }
  return said;
}

/** Everything about where a negotiation stands that must survive a crash. */
export function standing(session: Session): unknown {
  const { phase, negotiation, ours, theirs } = session.state;
  const ending = session.state.phase === "ended" ? session.state.ending : null;
  const agreement = session.state.phase === "agreed" ? session.state.agreement : null;
  return { phase, negotiation, ours: ours?.hash, theirs: theirs?.hash, ending, agreement };
}

export function flipBit(bytes: Uint8Array, position: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[position] = (flipped[position] as number) ^ 1;
  return flipped;
}

/** What a frame says; null for one that is no message. */
export function kindOf(frame: Uint8Array): Kind | null {
  return frame[0] === MESSAGE_VERSION ? decodeMessage(frame).envelope.kind : null;
}
