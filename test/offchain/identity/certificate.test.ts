import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CertificateVerifier, checkValidity, issueCertificate } from "../../../offchain/identity/certificate.ts";
import { localWallet } from "../../../offchain/identity/wallet.ts";
import { type Bytes32, ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import type { AgentAuthority, Registry } from "../../../offchain/ports/chain.ts";
import { type Certificate, hashSessionKey } from "../../../offchain/terms/certificate.ts";
import type { RefusalCode } from "../../../offchain/terms/refusal.ts";
import { actor, certify, DEPLOYMENT, flip, NOW } from "../../vectors/actors.ts";

const ALICE = actor(1n);
const BOB = actor(2n);
const { key } = ALICE.certificate;

/** A registry that knows Alice only, and counts how often it is asked. */
class OneAgent implements Registry {
  asked = 0;
  readonly recorded = new Set<string>();
  answer: AgentAuthority = { wallet: ALICE.wallet, epoch: 1 };

  async authority(agent: bigint): Promise<AgentAuthority> {
    this.asked++;
    return agent === ALICE.agent ? this.answer : { wallet: ZERO_ADDRESS, epoch: 0 };
  }

  async certified(agent: bigint, epoch: number, certificate: Bytes32): Promise<boolean> {
    return this.recorded.has(`${agent} ${epoch} ${certificate}`);
  }
}

async function verify(certificate: Certificate, { now = NOW, until = NOW, authority = {} } = {}): Promise<void> {
  const registry = new OneAgent();
  registry.answer = { ...registry.answer, ...authority };
  await new CertificateVerifier(registry, DEPLOYMENT).verify(certificate, ALICE.agent, now, until);
}

async function refuses(code: RefusalCode, verifying: Promise<void>): Promise<void> {
  await assert.rejects(verifying, { name: "Refusal", code });
}

describe("a certificate", () => {
  it("that the agent's wallet signed lets its key speak", async () => {
    await verify(ALICE.certificate);
  });

  it("counts from its first second to its last, both included", async () => {
    await verify(ALICE.certificate, { now: key.notBefore, until: key.notBefore });
    await verify(ALICE.certificate, { now: key.notAfter, until: key.notAfter });
    await refuses("CertificateNotYetValid", verify(ALICE.certificate, { now: key.notBefore - 1 }));
    await refuses("CertificateExpired", verify(ALICE.certificate, { now: key.notAfter + 1 }));
  });

  it("must last as long as what is signed under it", async () => {
    await refuses("CertificateExpired", verify(ALICE.certificate, { until: key.notAfter + 1 }));
  });

  it("ends with its epoch, and doesn't begin before it", async () => {
    await refuses("EpochEnded", verify(ALICE.certificate, { authority: { epoch: 2 } }));
    await refuses("EpochEnded", verify(ALICE.certificate, { authority: { epoch: 0 } }));
  });

  it("is for one agent and one Settlement", async () => {
    await refuses("CertificateInvalid", verify(BOB.certificate));
    const elsewhere = actor(1n, { settlement: DEPLOYMENT.registry });
    await refuses("CertificateInvalid", verify(elsewhere.certificate));
  });

  it("is worth nothing unsigned, or signed by another wallet, or altered", async () => {
    const { signature } = ALICE.certificate;
    const altered: Certificate[] = [
      { key, signature: "0x" },
      { key, signature: flip(signature) },
      { key, signature: `${signature}00` },
      { key, signature: `0x${"00".repeat(65)}` },
      { key, signature: BOB.certificate.signature },
      certify(BOB.walletSecret, key),
      { key: { ...key, notAfter: key.notAfter + 1 }, signature },
      { key: { ...key, notBefore: key.notBefore - 1 }, signature },
      { key: { ...key, x: flip(key.x) }, signature },
      { key: { ...key, y: flip(key.y) }, signature },
    ];
    for (const certificate of altered) await refuses("CertificateInvalid", verify(certificate));
  });

  it("needs no signature where the registry has recorded it, for that epoch and those very terms", async () => {
    const registry = new OneAgent();
    const verifier = new CertificateVerifier(registry, DEPLOYMENT);
    const verifying = (one: Certificate) => verifier.verify(one, ALICE.agent, NOW, NOW);
    const unsigned: Certificate = { key, signature: "0x" };
    await refuses("CertificateInvalid", verifying(unsigned));
    registry.recorded.add(`${key.agent} ${key.epoch} ${hashSessionKey(key)}`);
    await verifying(unsigned);
    await refuses("CertificateInvalid", verifying({ ...unsigned, key: { ...key, notAfter: key.notAfter + 1 } }));
    // As on the chain: who brings a signature is judged by it.
    await refuses("CertificateInvalid", verifying({ key, signature: flip(ALICE.certificate.signature) }));
    registry.answer = { ...registry.answer, epoch: 2 };
    await refuses("EpochEnded", verifying(unsigned));
  });

  it("is for nobody where the agent has no wallet, or is none", async () => {
    await refuses("CertificateInvalid", verify(ALICE.certificate, { authority: { wallet: ZERO_ADDRESS } }));
    const unsigned = { key: { ...key, agent: 9n, epoch: 0 }, signature: "0x" } as const;
    const verifying = new CertificateVerifier(new OneAgent(), DEPLOYMENT).verify(unsigned, 9n, NOW, NOW);
    await refuses("CertificateInvalid", verifying);
  });

  it("is worth nothing at another registry or on another chain", async () => {
    for (const changes of [{ chainId: 1 }, { registry: DEPLOYMENT.settlement }]) {
      const verifier = new CertificateVerifier(new OneAgent(), { ...DEPLOYMENT, ...changes });
      await refuses("CertificateInvalid", verifier.verify(ALICE.certificate, ALICE.agent, NOW, NOW));
    }
  });

  it("is issued by a wallet for an agent's key", async () => {
    const wallet = localWallet(ALICE.walletSecret);
    assert.equal(wallet.address, ALICE.wallet);
    const { notBefore, notAfter, epoch } = key;
    const issued = await issueCertificate(wallet, DEPLOYMENT, 1n, ALICE.session, { notBefore, notAfter, epoch });
    assert.deepEqual(issued, ALICE.certificate);
  });
});

describe("CertificateVerifier", () => {
  it("asks for epoch and wallet each time, though it remembers signatures", async () => {
    const registry = new OneAgent();
    const verifier = new CertificateVerifier(registry, DEPLOYMENT);
    const verifying = () => verifier.verify(ALICE.certificate, ALICE.agent, NOW, NOW);
    await verifying();
    await verifying();
    assert.equal(registry.asked, 2);
    registry.answer = { wallet: BOB.wallet, epoch: 1 };
    await refuses("CertificateInvalid", verifying());
    registry.answer = { wallet: ALICE.wallet, epoch: 2 };
    await refuses("EpochEnded", verifying());
  });

  it("remembers only so many, and verifies the others again", async () => {
    const registry = new OneAgent();
    const verifier = new CertificateVerifier(registry, DEPLOYMENT, 1);
    const other = certify(ALICE.walletSecret, { ...key, notAfter: key.notAfter + 1 });
    for (const certificate of [ALICE.certificate, other, ALICE.certificate, other]) {
      await verifier.verify(certificate, ALICE.agent, NOW, NOW);
      await refuses("CertificateInvalid", verifier.verify({ ...certificate, signature: "0x" }, ALICE.agent, NOW, NOW));
    }
  });

  it("passes on that the registry can't be reached", async () => {
    const outOfReach = () => Promise.reject(new Error("out of reach"));
    const registry: Registry = { authority: outOfReach, certified: outOfReach };
    const verifying = new CertificateVerifier(registry, DEPLOYMENT).verify(ALICE.certificate, ALICE.agent, NOW, NOW);
    await assert.rejects(verifying, { message: "out of reach" });
  });
});

describe("what a key has signed", () => {
  const GRACE_S = 100;
  const answers = async (registry: Registry, now: number) =>
    await new CertificateVerifier(registry, DEPLOYMENT).verifyLiability(ALICE.certificate, ALICE.agent, now, GRACE_S);

  it("binds its agent for some time after the key's end", async () => {
    const registry = new OneAgent();
    await answers(registry, key.notAfter + GRACE_S);
    await refuses("CertificateExpired", answers(registry, key.notAfter + GRACE_S + 1));
    await refuses("CertificateNotYetValid", answers(registry, key.notBefore - 1));
  });

  it("binds it as long after its epoch's end, whoever's the wallet is by then", async () => {
    const endedAt = key.notBefore + 50;
    const ended = new OneAgent();
    ended.answer = { wallet: BOB.wallet, epoch: 2 };
    await refuses("EpochEnded", answers(ended, endedAt));
    for (const [wallet, code] of [
      [ALICE.wallet, null],
      [BOB.wallet, "CertificateInvalid"],
    ] as const) {
      const registry = Object.assign(new OneAgent(), {
        answer: ended.answer,
        ended: async () => ({ wallet, endedAt }),
      });
      if (code === null) await answers(registry, endedAt + GRACE_S);
      else await refuses(code, answers(registry, endedAt + GRACE_S));
      await refuses("EpochEnded", answers(registry, endedAt + GRACE_S + 1));
    }
  });

  it("binds nobody else", async () => {
    const verifier = new CertificateVerifier(new OneAgent(), DEPLOYMENT);
    await refuses("CertificateInvalid", verifier.verifyLiability(ALICE.certificate, BOB.agent, NOW, GRACE_S));
  });
});

describe("checkValidity", () => {
  it("tells the facts", () => {
    const check = () => checkValidity(ALICE.certificate, { wallet: ALICE.wallet, epoch: 1 }, key.notAfter + 5);
    assert.throws(check, { code: "CertificateExpired", facts: { agent: "1", now: key.notAfter + 5 } });
  });
});
