import { firstBlockOf } from "../../../offchain/adapters/chain/first-block.ts";
import { Litigant } from "../../../offchain/adapters/chain/litigant.ts";
import { connectRpc, type Rpc } from "../../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../../offchain/adapters/chain/sender.ts";
import { SettlementChain } from "../../../offchain/adapters/chain/settlement.ts";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import { issueCertificate } from "../../../offchain/identity/certificate.ts";
import { localWallet } from "../../../offchain/identity/wallet.ts";
import { toHex } from "../../../offchain/kernel/bytes.ts";
import type { ParleyError } from "../../../offchain/kernel/errors.ts";
import { type Bytes32, ZERO_32, ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import { type ChainView, openChainView } from "../../../offchain/node/chain-view.ts";
import { SystemClock } from "../../../offchain/node/clock.ts";
import { DEVELOPMENT_KEY } from "../../../offchain/node/embedded-chain.ts";
import { systemEntropy } from "../../../offchain/node/entropy.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../../offchain/node/principal.ts";
import type { Inclusion, SessionProof, SessionProofs } from "../../../offchain/ports/chain.ts";
import type { Clearance } from "../../../offchain/ports/clearance.ts";
import type { Finding, Rejection } from "../../../offchain/ports/connector.ts";
import type { SessionSigner } from "../../../offchain/ports/crypto.ts";
import type { Journal } from "../../../offchain/ports/journal.ts";
import type { History } from "../../../offchain/settlement/history.ts";
import type { Undertaking } from "../../../offchain/settlement/saga/memory.ts";
import type { SagaOffice } from "../../../offchain/settlement/saga/office.ts";
import type { Outcome } from "../../../offchain/settlement/saga/outcome.ts";
import { type Policy, USUAL_POLICY } from "../../../offchain/settlement/saga/plan.ts";
import { Saga } from "../../../offchain/settlement/saga/saga.ts";
import type { Task } from "../../../offchain/settlement/saga/tasks.ts";
import { type Body, hashBody } from "../../../offchain/terms/body.ts";
import type { Certificate } from "../../../offchain/terms/certificate.ts";
import { type Deal, hashDeal } from "../../../offchain/terms/deal.ts";
import { domainSeparator, settlementDomain } from "../../../offchain/terms/eip712.ts";
import { type Envelope, envelopePreimage, hashEnvelope } from "../../../offchain/terms/envelope.ts";
import type { Role } from "../../../offchain/terms/proposal.ts";

export const EVIDENCE: Bytes32 = `0x${"ee".repeat(32)}`;

export type Agreement = Pick<Undertaking, "deal" | "transcript"> & { readonly proofs: SessionProofs };

/** How a deal ended, for a process that has come to its end itself. */
export type Settled = Outcome | "died";

/** How the systems around a side behave. */
export interface Conduct {
  readonly reserve?: () => Rejection | null;
  readonly deliver?: () => Bytes32 | null;
  readonly inspect?: () => Finding | null;
  readonly clear?: () => Awaited<ReturnType<Clearance["clear"]>>;
  /** Told of the settlement before it goes on. */
  readonly onBegun?: (saga: Saga) => void;
  readonly receipt?: () => SessionProof | null;
  readonly finalDepth?: number;
  /** The way to the chain, where it is another than the stage's own. */
  readonly rpc?: Rpc;
  readonly policy?: Partial<Policy>;
}

/** What one side has done, by whichever process. */
export interface Diary {
  readonly journal: Journal;
  /** What was read of the chain. */
  readonly followed: Journal;
  readonly tasks: Task[];
  readonly releases: string[];
  readonly troubles: ParleyError[];
}

/** What a buyer and a seller start with. */
export interface Casting {
  /** In the buyer's treasury, and as much at stake. */
  readonly buyerFunds?: bigint;
  /** Most that the buyer's mandate allows in a deal; without it, all it has. */
  readonly buyerLimit?: bigint;
}

const FUNDS = 1_000_000n;

/** Last second of certificates: far beyond anything that is played. */
const USUAL_END = 4_000_000_000;

/** A chain with a buyer and a seller on it, who agree on deals and settle them. */
export class Stage {
  readonly rehearsal: Rehearsal;
  readonly rpc: Rpc;
  readonly buyer: Participant;
  readonly seller: Participant;
  /** Gas that everything took so far, but for preparing the stage. */
  gas = 0n;
  readonly #crypto = new NodeCrypto();
  readonly #voices = new Map<string, Promise<Voice>>();
  readonly #senders = new Map<bigint, Sender>();
  readonly #others: Participant[] = [];
  readonly #stopping = new AbortController();
  readonly #dying: Sender[] = [];

  readonly #from: number;

  private constructor(rehearsal: Rehearsal, rpc: Rpc, from: number, buyer: Participant, seller: Participant) {
    this.#from = from;
    this.rehearsal = rehearsal;
    this.rpc = rpc;
    this.buyer = buyer;
    this.seller = seller;
  }

  /** Prepares the chain directly at `url`; the two sides reach it by `through`. */
  static async prepare(url: string, through = url): Promise<Stage> {
    const rehearsal = await prepareRehearsal(url, DEVELOPMENT_KEY);
    const from = await firstBlockOf(await connectRpc(url), rehearsal.deployment.settlement);
    return Stage.#cast(rehearsal, await connectRpc(through), from, {});
  }

  /** The same chain with another buyer and seller. */
  recast(casting: Casting = {}): Promise<Stage> {
    return Stage.#cast(this.rehearsal, this.rpc, this.#from, casting);
  }

  static async #cast(rehearsal: Rehearsal, rpc: Rpc, from: number, casting: Casting): Promise<Stage> {
    const { buyerFunds = FUNDS, buyerLimit } = casting;
    const buyer = await rehearsal.enroll(buyerFunds, buyerLimit);
    return new Stage(rehearsal, rpc, from, buyer, await rehearsal.enroll(FUNDS));
  }

  get separator(): Bytes32 {
    const { chainId, settlement } = this.rehearsal.deployment;
    return domainSeparator(settlementDomain(chainId, settlement));
  }

  /** Lets every side die that has not come to its end. */
  stop(): void {
    this.#stopping.abort();
    for (const sender of this.#dying) void sender.stop();
  }

  diary(): Diary {
    return { journal: new MemoryJournal(), followed: new MemoryJournal(), tasks: [], releases: [], troubles: [] };
  }

  /** A deal that both sides' session keys have signed. */
  async agree(changes: Partial<Deal> = {}, buying = this.buyer): Promise<Agreement> {
    if (buying !== this.buyer) this.#others.push(buying);
    const deal: Deal = {
      ...{ buyer: buying.agent, seller: this.seller.agent, token: this.rehearsal.token },
      ...{ price: 100n, buyerBond: 10n, sellerBond: 20n },
      ...{ commitBy: (await this.rehearsal.chain.time()) + 3_600, deliverWithin: 1_000, reviewPeriod: 2_000 },
      ...{ arbitrator: ZERO_ADDRESS, maxFee: 0n, rulingWithin: 0, lapseShare: 0 },
      ...{ category: ZERO_32, terms: ZERO_32, negotiation: toHex(systemEntropy.bytes(32)) },
      ...changes,
    };
    const unseen = toHex(systemEntropy.bytes(32)) as Bytes32;
    const offer = await this.say(buying, deal, { kind: "OFFER", deal }, { seq: 4, seen: unseen });
    const seen = hashEnvelope(this.separator, offer.message.envelope);
    const accept = await this.say(this.seller, deal, { kind: "ACCEPT", deal: hashDeal(deal) }, { seq: 5, seen });
    const transcript = hashEnvelope(this.separator, accept.message.envelope);
    return { deal, transcript, proofs: { buyer: offer, seller: accept } };
  }

  /** Settles an agreement as one side, until it is over or `until` says that the process dies. */
  async settle(
    role: Role,
    agreement: Agreement,
    diary: Diary,
    conduct: Conduct = {},
    until: (task: Task) => boolean = () => false,
    dying = new AbortController(),
  ): Promise<Settled> {
    const { rpc = this.rpc } = conduct;
    const over = AbortSignal.any([dying.signal, this.#stopping.signal]);
    let view: ChainView | undefined;
    // One that dies in the middle of writing never gets to an end of its own.
    over.addEventListener("abort", () => void view?.stop(), { once: true });
    try {
      view = await openChainView({
        ...{ rpc, deployment: this.rehearsal.deployment, journal: diary.followed, clock: new SystemClock() },
        ...{ from: this.#from, live: null, pollMs: 20, onTrouble: (error) => diary.troubles.push(error) },
        onLost: (error) => diary.troubles.push(error),
      });
      const office = this.#office(role, agreement, diary, conduct, view.deals, (task, inclusion) => {
        this.count(inclusion);
        diary.tasks.push(task);
        if (until(task)) dying.abort();
      });
      const saga = await Saga.begin(office, { role, ...agreement, terms: null });
      conduct.onBegun?.(saga);
      return await saga.run(over);
    } catch (thrown) {
      if (over.aborted) return "died";
      throw thrown;
    } finally {
      await view?.stop();
    }
  }

  /** What each side has, free and at stake. */
  async balances(): Promise<Balances> {
    const { chain, token } = this.rehearsal;
    const of = async (agent: bigint) => (await chain.free(agent, token)) + (await chain.staked(agent, token));
    return { buyer: await of(this.buyer.agent), seller: await of(this.seller.agent) };
  }

  async moved(before: Balances): Promise<Balances> {
    const now = await this.balances();
    return { buyer: now.buyer - before.buyer, seller: now.seller - before.seller };
  }

  #office(
    role: Role,
    { deal }: Agreement,
    { journal, releases, troubles }: Diary,
    conduct: Conduct,
    history: History,
    onTask: (task: Task, inclusion: Inclusion | null) => void,
  ): SagaOffice {
    const { reserve, deliver, inspect, clear, policy, receipt, finalDepth = 0, rpc = this.rpc } = conduct;
    const { deployment } = this.rehearsal;
    const { wallet } = this.#participant(deal[role]);
    const sender = new Sender(rpc, wallet, { journal, bumpAfterMs: 200, onTrouble: (error) => troubles.push(error) });
    this.#dying.push(sender);
    return {
      chain: new SettlementChain(rpc, sender, deployment),
      history,
      remedies: new Litigant(rpc, sender, deployment),
      ...{ clock: new SystemClock(), journal, policy: { ...USUAL_POLICY, leaveCommitS: 1_800, ...policy } },
      clearances: [{ clear: async () => clear?.() ?? null }],
      supply: {
        reserve: async () => reserve?.() ?? null,
        deliver: async () => (deliver === undefined ? EVIDENCE : deliver()),
        release: async ({ id }) => void releases.push(id),
      },
      intake: { inspect: async () => (inspect === undefined ? { good: true } : inspect()) },
      ...{ rate: null, finalDepth, pollMs: 20 },
      receipt: () => receipt?.() ?? null,
      onDone: (_saga, task, inclusion) => onTask(task, inclusion),
      onTrouble: (_saga, error) => troubles.push(error),
    };
  }

  #participant(agent: bigint): Participant {
    const found = [...this.#others, this.buyer, this.seller].find((one) => one.agent === agent);
    if (found === undefined) throw new Error(`agent ${agent} has no part in this`);
    return found;
  }

  /** Something that an agent's session key says about a deal. */
  async say(
    participant: Participant,
    { negotiation }: Deal,
    content: Body,
    fields: Pick<Envelope, "seq" | "seen"> = { seq: 6, seen: ZERO_32 },
    notAfter = USUAL_END,
  ): Promise<SessionProof> {
    const { agent } = participant;
    const { signer, certificate } = await this.#voice(participant, notAfter);
    const { kind } = content;
    const envelope: Envelope = {
      negotiation,
      agent,
      kind,
      sentAt: 1,
      prev: ZERO_32,
      body: hashBody(content),
      ...fields,
    };
    const signature = await signer.sign(envelopePreimage(this.separator, envelope));
    return { certificate, message: { envelope, signature, body: content } };
  }

  /** Takes the gas of an act into account. */
  count(inclusion: Pick<Inclusion, "gasUsed"> | null): void {
    this.gas += inclusion?.gasUsed ?? 0n;
  }

  /** Sends transactions of an agent's wallet. */
  sender({ agent, wallet }: Participant): Sender {
    const sender = this.#senders.get(agent) ?? new Sender(this.rpc, wallet);
    this.#senders.set(agent, sender);
    return sender;
  }

  /** One session key for each agent, and for each end of its certificate. */
  #voice({ agent, wallet }: Participant, notAfter: number): Promise<Voice> {
    const name = `${agent} ${notAfter}`;
    const voice = this.#voices.get(name) ?? this.#certify(agent, wallet, notAfter);
    this.#voices.set(name, voice);
    return voice;
  }

  async #certify(agent: bigint, wallet: Bytes32, notAfter: number): Promise<Voice> {
    const signer = this.#crypto.sessionSigner(this.#crypto.generateSessionSecret());
    const validity = { notBefore: 0, notAfter, epoch: 1 };
    const { deployment } = this.rehearsal;
    const certificate = await issueCertificate(localWallet(wallet), deployment, agent, signer.publicKey, validity);
    return { signer, certificate };
  }
}

interface Voice {
  readonly signer: SessionSigner;
  readonly certificate: Certificate;
}

export interface Balances {
  readonly buyer: bigint;
  readonly seller: bigint;
}
