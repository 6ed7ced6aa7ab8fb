import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { SettlementChain } from "../../offchain/adapters/chain/settlement.ts";
import { verifyContracts } from "../../offchain/adapters/chain/verify-contracts.ts";
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../offchain/adapters/journal/memory/journal.ts";
import { issueCertificate } from "../../offchain/identity/certificate.ts";
import { localWallet } from "../../offchain/identity/wallet.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import { type Address, type Bytes32, ZERO_32, ZERO_ADDRESS } from "../../offchain/kernel/ids.ts";
import { type ChainView, openChainView } from "../../offchain/node/chain-view.ts";
import { SystemClock } from "../../offchain/node/clock.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { systemEntropy } from "../../offchain/node/entropy.ts";
import { type Participant, prepareRehearsal, type Rehearsal } from "../../offchain/node/principal.ts";
import type { Chain, SessionProof, SessionProofs } from "../../offchain/ports/chain.ts";
import { type BoundDeal, findRecorded, watchForCommitment } from "../../offchain/settlement/lookout.ts";
import type { Body } from "../../offchain/terms/body.ts";
import { type Deal, hashDeal } from "../../offchain/terms/deal.ts";
import { domainSeparator, settlementDomain } from "../../offchain/terms/eip712.ts";
import { type Envelope, envelopePreimage, hashEnvelope } from "../../offchain/terms/envelope.ts";

const EVIDENCE: Bytes32 = `0x${"ee".repeat(32)}`;

type Signed = BoundDeal & { readonly proofs: SessionProofs };

/** How one side's proof can be off. */
interface Flaws {
  readonly notAfter?: number;
  readonly notBefore?: number;
  readonly epoch?: number;
  readonly otherKey?: boolean;
}

/** What the mandates of this test allow: more than there is, so that what is missing is money. */
const MANDATE = 2n * 10n ** 12n;

describe("the chain, as an agent uses it", () => {
  const crypto = new NodeCrypto();
  let embedded: EmbeddedChain;
  let rpc: Rpc;
  let rehearsal: Rehearsal;
  let buyer: Participant;
  let seller: Participant;
  let asBuyer: Chain;
  let asSeller: Chain;
  let view: ChainView;

  before(async () => {
    embedded = await startEmbeddedChain();
    rpc = await connectRpc(embedded.url);
    rehearsal = await prepareRehearsal(embedded.url, DEVELOPMENT_KEY);
    [buyer, seller] = [await rehearsal.enroll(1_000_000n, MANDATE), await rehearsal.enroll(1_000_000n, MANDATE)];
    asBuyer = chainOf(buyer);
    asSeller = chainOf(seller);
    view = await openChainView({
      ...{ rpc, deployment: rehearsal.deployment, journal: new MemoryJournal(), clock: new SystemClock() },
      ...{ live: null, pollMs: 20, onTrouble: (error) => assert.fail(error) },
      onLost: (error) => assert.fail(error),
    });
  });

  after(async () => {
    await view.stop();
    await embedded.close();
  });

  it("finds a deal that was committed by an ACCEPT kept from us, and delivers it", async () => {
    const first = await agree();
    const second = await agree({ price: 90n, negotiation: first.deal.negotiation });
    // The seller has offered both, and heard of neither ACCEPT.
    const table = { template: null, offers: [second.deal, first.deal], open: true, doubted: false };
    const looking = watchForCommitment(() => table, options(new AbortController().signal));
    await asBuyer.commit(first.deal, first.proofs);
    const bound = await looking;
    assert.deepEqual(bound, { deal: first.deal, transcript: first.transcript, proofs: null });
    const foreign = { ...table, template: { ...second.deal, price: 0n }, offers: [second.deal] };
    assert.equal(findRecorded(foreign, view.deals), null);
  });

  it("honours an offer that its journal has lost", async () => {
    const { deal, proofs, transcript } = await agree();
    const table = { template: { ...deal, price: 0n }, offers: [], open: false, doubted: true };
    const looking = watchForCommitment(() => table, options(new AbortController().signal));
    await asBuyer.commit(deal, proofs);
    assert.deepEqual(await looking, { deal, transcript, proofs: null });
  });

  it("stops looking once nothing that was offered can be committed any more", async () => {
    const { deal } = await agree();
    const signal = new AbortController().signal;
    const table = (offers: Deal[]) => ({ template: null, offers, open: false, doubted: false });
    const looking = watchForCommitment(() => table([deal]), options(signal));
    await rehearsal.passTime(3_601);
    assert.equal(await looking, null);
    const nothing = watchForCommitment(() => table([]), options(signal));
    assert.equal(await nothing, null);
  });

  it("refuses by the contract's own name, before anything is sent", async () => {
    const now = await asBuyer.time();
    const good = await agree();
    const oneBit: Deal = { ...good.deal, sellerBond: good.deal.sellerBond ^ 1n };
    const cases: readonly (readonly [code: string, attempt: () => Promise<unknown>])[] = [
      ["BadEnvelopeSignature", () => asBuyer.commit(oneBit, good.proofs)],
      ["BadCertificate", () => commitWith({ otherKey: true })],
      ["CertificateExpired", () => commitWith({ notBefore: 1, notAfter: now - 1 })],
      ["CertificateNotYetValid", () => commitWith({ notBefore: now + 9_999, notAfter: now + 99_999 })],
      ["WrongEpoch", () => commitWith({ epoch: 7 })],
      ["BuyerFundsTooLow", () => commitDeal({ price: 10n ** 12n })],
      ["SellerFundsTooLow", () => commitDeal({ sellerBond: 10n ** 12n })],
      ["DealLimitExceeded", () => commitDeal({ price: MANDATE })],
      ["CommitByPassed", () => commitDeal({ commitBy: now - 1 })],
      ["CommitByTooFar", () => commitDeal({ commitBy: now + 6 * 86_400 })],
      ["AgentUnknown", () => commitDeal({ seller: 999_999n })],
    ];
    const before = await rpc.reads.getBlockNumber({ cacheTime: 0 });
    for (const [code, attempt] of cases) await assert.rejects(attempt(), { code }, code);
    assert.equal(await rpc.reads.getBlockNumber({ cacheTime: 0 }), before, "no transaction was sent");
    await asBuyer.commit(good.deal, good.proofs);
    await assert.rejects(asSeller.deliver(oneBit, good.transcript, EVIDENCE), { code: "DealMismatch" });
    await assert.rejects(asBuyer.deliver(good.deal, good.transcript, EVIDENCE), { code: "NotOwnerOrWallet" });
    await assert.rejects(asBuyer.refund(good.deal, good.transcript), { code: "DeadlineNotPassed" });
  });

  it("refuses what was signed before the keys were revoked", async () => {
    const victim = await rehearsal.enroll(1_000n);
    const bound = await agree({ buyer: victim.agent, buyerBond: 0n, price: 5n }, {}, victim);
    await new Operator(rpc, new Sender(rpc, victim.wallet)).revokeKeys(rehearsal.deployment, victim.agent);
    await assert.rejects(asSeller.commit(bound.deal, bound.proofs), { code: "WrongEpoch" });
  });

  it("deals with no contracts but those that it knows", async () => {
    const { deployment, token } = rehearsal;
    await verifyContracts(rpc, deployment);
    const nobody: Address = `0x${"11".repeat(20)}`;
    await assert.rejects(verifyContracts(rpc, { ...deployment, settlement: nobody }), { code: "NoContract" });
    await assert.rejects(verifyContracts(rpc, { ...deployment, settlement: token }), { code: "UnverifiedContract" });
    const other = await new Operator(rpc, new Sender(rpc, DEVELOPMENT_KEY)).deploy();
    const mixed = { ...deployment, registry: other.registry };
    await assert.rejects(verifyContracts(rpc, mixed), { code: "UnverifiedContract" });
  });

  it("tells a chain that is out of reach from one that refuses", async () => {
    const gone = { ...rpc, ...(await unreachable()) };
    const chain = new SettlementChain(gone, new Sender(gone, buyer.wallet), rehearsal.deployment);
    await assert.rejects(chain.time(), { code: "ChainUnreachable", retryable: true });
    assert.throws(
      () => new SettlementChain(rpc, new Sender(rpc, buyer.wallet), { ...rehearsal.deployment, chainId: 5 }),
      {
        code: "WrongChain",
      },
    );
  });

  function chainOf({ wallet }: Participant): Chain {
    return new SettlementChain(rpc, new Sender(rpc, wallet), rehearsal.deployment);
  }

  /** A connection whose node has gone away since. */
  async function unreachable(): Promise<Rpc> {
    const passing = await startEmbeddedChain();
    const connection = await connectRpc(passing.url);
    await passing.close();
    return connection;
  }

  function commitDeal(changes: Partial<Deal>): Promise<unknown> {
    return agree(changes).then(({ deal, proofs }) => asBuyer.commit(deal, proofs));
  }

  function commitWith(flaws: Flaws): Promise<unknown> {
    return agree({}, flaws).then(({ deal, proofs }) => asBuyer.commit(deal, proofs));
  }

  /** A deal that both sides' session keys have signed. */
  async function agree(changes: Partial<Deal> = {}, flaws: Flaws = {}, buying = buyer): Promise<Signed> {
    const deal: Deal = {
      buyer: buying.agent,
      seller: seller.agent,
      token: rehearsal.token,
      price: 100n,
      buyerBond: 10n,
      sellerBond: 20n,
      commitBy: (await asBuyer.time()) + 3_600,
      deliverWithin: 1_000,
      reviewPeriod: 2_000,
      arbitrator: ZERO_ADDRESS,
      maxFee: 0n,
      rulingWithin: 0,
      lapseShare: 0,
      category: ZERO_32,
      terms: ZERO_32,
      negotiation: toHex(systemEntropy.bytes(32)),
      ...changes,
    };
    const body = hashDeal(deal);
    const offer = await say(
      buying,
      { kind: "OFFER", deal },
      { seq: 4, seen: toHex(systemEntropy.bytes(32)), body },
      flaws,
    );
    const seen = hashEnvelope(separator(), offer.message.envelope);
    const accept = await say(seller, { kind: "ACCEPT", deal: body }, { seq: 5, seen, body });
    const transcript = hashEnvelope(separator(), accept.message.envelope);
    return { deal, transcript, proofs: { buyer: offer, seller: accept } };

    async function say(
      { agent, wallet }: Participant,
      content: Extract<Body, { kind: "OFFER" | "ACCEPT" }>,
      fields: Pick<Envelope, "seq" | "seen" | "body">,
      { notAfter = 4e9, notBefore = 0, epoch = 1, otherKey = false }: Flaws = {},
    ): Promise<SessionProof> {
      const signer = crypto.sessionSigner(crypto.generateSessionSecret());
      const issuer = localWallet(otherKey ? DEVELOPMENT_KEY : wallet);
      const validity = { notBefore, notAfter, epoch };
      const certificate = await issueCertificate(issuer, rehearsal.deployment, agent, signer.publicKey, validity);
      const { negotiation } = deal;
      const envelope: Envelope = { negotiation, agent, kind: content.kind, sentAt: 1, prev: ZERO_32, ...fields };
      const signature = await signer.sign(envelopePreimage(separator(), envelope));
      return { certificate, message: { envelope, signature, body: content } };
    }
  }

  function separator(): Bytes32 {
    const { chainId, settlement } = rehearsal.deployment;
    return domainSeparator(settlementDomain(chainId, settlement));
  }

  function options(signal: AbortSignal) {
    return { history: view.deals, clock: new SystemClock(), pollMs: 60_000, finalDepth: 0, signal };
  }
});
