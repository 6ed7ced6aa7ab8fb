import { Litigant } from "../../offchain/adapters/chain/litigant.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { SettlementChain } from "../../offchain/adapters/chain/settlement.ts";
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../offchain/adapters/journal/memory/journal.ts";
import { issueCertificate } from "../../offchain/identity/certificate.ts";
import { localWallet } from "../../offchain/identity/wallet.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import type { ParleyError } from "../../offchain/kernel/errors.ts";
import { type Bytes32, ZERO_32, ZERO_ADDRESS } from "../../offchain/kernel/ids.ts";
import { SystemClock } from "../../offchain/node/clock.ts";
import { DEVELOPMENT_KEY } from "../../offchain/node/embedded-chain.ts";
import { systemEntropy } from "../../offchain/node/entropy.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import type { SessionProof, SessionProofs } from "../../offchain/ports/chain.ts";
import type { Finding, Rejection } from "../../offchain/ports/connector.ts";
import type { Journal } from "../../offchain/ports/journal.ts";
import type { Undertaking } from "../../offchain/settlement/saga/memory.ts";
import type { Outcome } from "../../offchain/settlement/saga/outcome.ts";
import { type Policy, USUAL_POLICY } from "../../offchain/settlement/saga/plan.ts";
import { Saga, type SagaOffice } from "../../offchain/settlement/saga/saga.ts";
import type { Task } from "../../offchain/settlement/saga/tasks.ts";
import type { Body } from "../../offchain/terms/body.ts";
import { type Deal, hashDeal } from "../../offchain/terms/deal.ts";
import { domainSeparator, settlementDomain } from "../../offchain/terms/eip712.ts";
import { type Envelope, envelopePreimage, hashEnvelope } from "../../offchain/terms/envelope.ts";
import type { Role } from "../../offchain/terms/proposal.ts";

export const EVIDENCE: Bytes32 = `0x${"ee".repeat(32)}`;

export type Agreement = Pick<Undertaking, "deal" | "transcript"> & { readonly proofs: SessionProofs };

/** How the systems around a side behave. */
export interface Conduct {
  readonly reserve?: () => Rejection | null;
  readonly deliver?: () => Bytes32 | null;
  readonly inspect?: () => Finding | null;
  readonly clear?: () => Rejection | "pending" | null;
  readonly policy?: Partial<Policy>;
}

/** What one side has done, by whichever process. */
export interface Diary {
  readonly journal: Journal;
  readonly tasks: Task[];
  readonly releases: string[];
  readonly troubles: ParleyError[];
}

/** A chain with a buyer and a seller on it, who agree on deals and settle them. */
export class Stage {
  readonly rehearsal: Rehearsal;
  readonly buyer: Participant;
  readonly seller: Participant;
  readonly #rpc: Rpc;
  readonly #crypto = new NodeCrypto();
  readonly #others: Participant[] = [];
  readonly #stopping = new AbortController();

  private constructor(rehearsal: Rehearsal, rpc: Rpc, buyer: Participant, seller: Participant) {
    this.rehearsal = rehearsal;
    this.#rpc = rpc;
    this.buyer = buyer;
    this.seller = seller;
  }

  /** Prepares the chain directly at `url`; the two sides reach it by `through`. */
  static async prepare(url: string, through = url): Promise<Stage> {
    const rehearsal = await prepareRehearsal(url, DEVELOPMENT_KEY);
    const rpc = await connectRpc(through);
    return new Stage(rehearsal, rpc, await rehearsal.enroll(1_000_000n), await rehearsal.enroll(1_000_000n));
  }

  get separator(): Bytes32 {
    const { chainId, settlement } = this.rehearsal.deployment;
    return domainSeparator(settlementDomain(chainId, settlement));
  }

  /** Lets every side die that has not come to its end. */
  stop(): void {
    this.#stopping.abort();
  }

  diary(): Diary {
    return { journal: new MemoryJournal(), tasks: [], releases: [], troubles: [] };
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
    const body = hashDeal(deal);
    const unseen = toHex(systemEntropy.bytes(32)) as Bytes32;
    const offer = await this.#say(buying, deal, { kind: "OFFER", deal }, { seq: 4, seen: unseen, body });
    const seen = hashEnvelope(this.separator, offer.message.envelope);
    const accept = await this.#say(this.seller, deal, { kind: "ACCEPT", deal: body }, { seq: 5, seen, body });
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
  ): Promise<Outcome | "died"> {
    const dying = new AbortController();
    const office = this.#office(role, agreement, diary, conduct, (task) => {
      diary.tasks.push(task);
      if (until(task)) dying.abort();
    });
    const saga = await Saga.begin(office, { role, ...agreement, terms: null });
    try {
      return await saga.run(AbortSignal.any([dying.signal, this.#stopping.signal]));
    } catch (thrown) {
      if (dying.signal.aborted || this.#stopping.signal.aborted) return "died";
      throw thrown;
    }
  }

  async balances(): Promise<{ buyer: bigint; seller: bigint }> {
    const of = (agent: bigint) => this.rehearsal.chain.free(agent, this.rehearsal.token);
    return { buyer: await of(this.buyer.agent), seller: await of(this.seller.agent) };
  }

  async moved(before: { buyer: bigint; seller: bigint }): Promise<{ buyer: bigint; seller: bigint }> {
    const now = await this.balances();
    return { buyer: now.buyer - before.buyer, seller: now.seller - before.seller };
  }

  #office(
    role: Role,
    { deal }: Agreement,
    { journal, releases, troubles }: Diary,
    conduct: Conduct,
    onTask: (task: Task) => void,
  ): SagaOffice {
    const { reserve, deliver, inspect, clear, policy } = conduct;
    const { deployment } = this.rehearsal;
    const { wallet } = this.#participant(deal[role]);
    const sender = new Sender(this.#rpc, wallet, { journal, bumpAfterMs: 200 });
    return {
      chain: new SettlementChain(this.#rpc, sender, deployment),
      remedies: new Litigant(this.#rpc, sender, deployment),
      ...{ clock: new SystemClock(), journal, policy: { ...USUAL_POLICY, leaveCommitS: 1_800, ...policy } },
      clearances: [{ clear: async () => clear?.() ?? null }],
      supply: {
        reserve: async () => reserve?.() ?? null,
        deliver: async () => (deliver === undefined ? EVIDENCE : deliver()),
        release: async ({ id }) => void releases.push(id),
      },
      intake: { inspect: async () => (inspect === undefined ? { good: true } : inspect()) },
      ...{ rate: null, pollMs: 20 },
      onDone: (_saga, task) => onTask(task),
      onTrouble: (_saga, error) => troubles.push(error),
    };
  }

  #participant(agent: bigint): Participant {
    const found = [...this.#others, this.buyer, this.seller].find((one) => one.agent === agent);
    if (found === undefined) throw new Error(`agent ${agent} has no part in this`);
    return found;
  }

  async #say(
    { agent, wallet }: Participant,
    { negotiation }: Deal,
    content: Extract<Body, { kind: "OFFER" | "ACCEPT" }>,
    fields: Pick<Envelope, "seq" | "seen" | "body">,
  ): Promise<SessionProof> {
    const signer = this.#crypto.sessionSigner(this.#crypto.generateSessionSecret());
    const validity = { notBefore: 0, notAfter: 4e9, epoch: 1 };
    const { deployment } = this.rehearsal;
    const certificate = await issueCertificate(localWallet(wallet), deployment, agent, signer.publicKey, validity);
    const envelope: Envelope = { negotiation, agent, kind: content.kind, sentAt: 1, prev: ZERO_32, ...fields };
    const signature = await signer.sign(envelopePreimage(this.separator, envelope));
    return { certificate, message: { envelope, signature, body: content } };
  }
}
