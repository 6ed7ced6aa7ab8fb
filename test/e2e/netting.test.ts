import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { NodeCrypto } from "../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../offchain/adapters/journal/memory/journal.ts";
import { CertificateVerifier, issueCertificate } from "../../offchain/identity/certificate.ts";
import { fixedKey } from "../../offchain/identity/signing-keys.ts";
import { localWallet } from "../../offchain/identity/wallet.ts";
import { toHex } from "../../offchain/kernel/bytes.ts";
import { SystemClock } from "../../offchain/node/clock.ts";
import { type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { systemEntropy } from "../../offchain/node/entropy.ts";
import type { Participant } from "../../offchain/node/principal.ts";
import { nettingOf, nettingProposal } from "../../offchain/settlement/tab/netting.ts";
import { Tab } from "../../offchain/settlement/tab/tab.ts";
import type { TabTerms } from "../../offchain/settlement/tab/terms.ts";
import { dealAt } from "../../offchain/terms/proposal.ts";
import { Stage } from "../../scripts/lib/scenario/stage.ts";

describe("a running account between two agents of a real chain", () => {
  let embedded: EmbeddedChain;
  let stage: Stage;
  const crypto = new NodeCrypto();

  before(async () => {
    embedded = await startEmbeddedChain();
    stage = await Stage.prepare(embedded.url);
  });
  after(async () => {
    stage.stop();
    await embedded.close();
  });

  it("takes a hundred payments without gas, and one deal pays what is left of them", async () => {
    const { token, chain } = stage.rehearsal;
    const [lower, higher] = [stage.buyer, stage.seller].sort((one, other) => (one.agent < other.agent ? -1 : 1));
    assert.ok(lower !== undefined && higher !== undefined);
    const salt = toHex(systemEntropy.bytes(32));
    const parties = [
      { agent: lower.agent, credit: 1_000n },
      { agent: higher.agent, credit: 1_000n },
    ] as const;
    const terms: TabTerms = { parties, token, salt };
    const buying = await open(terms, stage.buyer);
    const selling = await open(terms, stage.seller);
    for (let payment = 0; payment < 100; payment++) await selling.hear(await buying.owe(9n));
    await buying.hear(await selling.owe(25n));
    for (const answer of await selling.hear(await buying.close())) await buying.hear(answer);

    const netting = nettingOf(selling.state);
    assert.ok(netting !== null);
    const { debtor: buyer, creditor: seller, amount: price, statement } = netting;
    assert.deepEqual([buyer, seller, price], [stage.buyer.agent, stage.seller.agent, 875n]);
    const times = { commitBy: (await chain.time()) + 3_600, deliverWithin: 600, reviewPeriod: 600 };
    const proposal = nettingProposal(netting, terms, seller, times, toHex(systemEntropy.bytes(32)));
    const negotiation = toHex(systemEntropy.bytes(32));
    const agreement = await stage.agree(dealAt(proposal, { buyer, seller }, negotiation, price));
    const before = await stage.balances();
    const outcomes = await Promise.all([
      stage.settle("buyer", agreement, stage.diary()),
      stage.settle("seller", agreement, stage.diary(), { deliver: () => statement }),
    ]);
    for (const outcome of outcomes) {
      assert.deepEqual(outcome, { kind: "settled", how: "Accepted", toBuyer: 0n, toSeller: 875n });
    }
    assert.deepEqual(await stage.moved(before), { buyer: -875n, seller: 875n });
  });

  async function open(terms: TabTerms, { agent, wallet }: Participant): Promise<Tab> {
    const { chain } = stage.rehearsal;
    const { deployment } = chain;
    const signer = crypto.sessionSigner(crypto.generateSessionSecret());
    const validity = { notBefore: 0, notAfter: 4_000_000_000, epoch: 1 };
    const certificate = await issueCertificate(localWallet(wallet), deployment, agent, signer.publicKey, validity);
    return await Tab.open({
      ...{ terms, agent, crypto, separator: stage.separator, keys: fixedKey(signer, certificate) },
      ...{ certificates: new CertificateVerifier(chain, deployment), clock: new SystemClock() },
      journal: new MemoryJournal(),
    });
  }
});
