import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { issueCertificate } from "../../../offchain/identity/certificate.ts";
import { SessionKeys, type SessionKeysOptions, USUAL_SCHEDULE } from "../../../offchain/identity/session-keys.ts";
import { fixedKey } from "../../../offchain/identity/signing-keys.ts";
import { localWallet } from "../../../offchain/identity/wallet.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import type { PublicKey } from "../../../offchain/ports/crypto.ts";
import type { KeptSessionKey, SessionVault } from "../../../offchain/ports/session-vault.ts";
import type { Certificate } from "../../../offchain/terms/certificate.ts";
import { actor, DEPLOYMENT } from "../../vectors/actors.ts";

const ALICE = actor(1n);
const HOUR = 60 * 60;
const DAY = 24 * HOUR;
const MESSAGE = Uint8Array.of(1, 2, 3);

/** Outlives the keys of one process, as a file does. */
class MemoryVault implements SessionVault {
  kept: readonly KeptSessionKey[] = [];
  broken = false;

  async load(): Promise<readonly KeptSessionKey[]> {
    return this.kept;
  }

  async save(keys: readonly KeptSessionKey[]): Promise<void> {
    if (this.broken) throw new Error("the disk is full");
    this.kept = [...keys];
  }
}

/** One agent with a clock, a chain and a disk that a test can stop. */
class Stage {
  readonly clock = new SimulatedClock();
  readonly crypto = new NodeCrypto();
  readonly vault = new MemoryVault();
  readonly troubles: unknown[] = [];
  epoch = 1;
  outage = false;
  certified = 0;

  async start(changes: Partial<SessionKeysOptions> = {}): Promise<SessionKeys> {
    return await SessionKeys.start({
      agent: ALICE.agent,
      settlement: DEPLOYMENT.settlement,
      clock: this.clock,
      crypto: this.crypto,
      vault: this.vault,
      certify: (key, validity) => {
        this.certified++;
        return issueCertificate(localWallet(ALICE.walletSecret), DEPLOYMENT, ALICE.agent, key, validity);
      },
      epoch: async () => {
        if (this.outage) throw new Error("the node does not answer");
        return this.epoch;
      },
      report: (thrown) => this.troubles.push(thrown),
      schedule: { check: HOUR },
      ...changes,
    });
  }

  get now(): number {
    return Math.floor(this.clock.now() / 1000);
  }

  async pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= HOUR) {
      this.clock.advance(Math.min(left, HOUR) * 1000);
      await quiet();
    }
  }
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function same(one: PublicKey, other: PublicKey): boolean {
  return one.x === other.x;
}

describe("an agent's session keys", () => {
  it("are taken up again at the next start, with the certificate that they had", async () => {
    const stage = new Stage();
    const first = await stage.start();
    const certificate = first.certificate(stage.now + DAY);
    await first.stop();
    await stage.pass(HOUR);
    const second = await stage.start();
    assert.deepEqual(second.certificate(stage.now + DAY), certificate);
    assert.equal(stage.certified, 1);
    const signature = await second.signer(certificate.key).sign(MESSAGE);
    assert.ok(stage.crypto.verify(certificate.key, MESSAGE, signature));
  });

  it("are followed by the next while the newest still covers the longest negotiation", async () => {
    const stage = new Stage();
    const keys = await stage.start();
    const first = keys.certificate(stage.now);
    await stage.pass(3 * DAY);
    const second = keys.certificate(stage.now);
    assert.notEqual(second.key.x, first.key.x);
    assert.ok(second.key.notBefore < first.key.notAfter, "both count for some time");
    assert.ok(stage.now + USUAL_SCHEDULE.cover + USUAL_SCHEDULE.slack <= second.key.notAfter);
    // What began with the first goes on with it.
    assert.ok(stage.crypto.verify(first.key, MESSAGE, await keys.signer(first.key).sign(MESSAGE)));
  });

  it("begin nothing that would outlast them", async () => {
    const stage = new Stage();
    const keys = await stage.start();
    const { notAfter } = keys.certificate(stage.now).key;
    keys.certificate(notAfter - USUAL_SCHEDULE.slack);
    assert.throws(() => keys.certificate(notAfter - USUAL_SCHEDULE.slack + 1), { code: "ProposalRefused" });
  });

  it("sign nothing once their certificate has ended, even by a signer that was handed out before", async () => {
    const stage = new Stage();
    const keys = await stage.start();
    const { key } = keys.certificate(stage.now);
    const signer = keys.signer(key);
    stage.clock.advance((key.notAfter - stage.now) * 1000);
    await signer.sign(MESSAGE);
    stage.clock.advance(1000);
    assert.throws(() => signer.sign(MESSAGE), { code: "CertificateEnded" });
    await quiet();
    assert.throws(() => keys.signer(key), { code: "KeysChanged" }, "it is destroyed");
    assert.ok(!stage.vault.kept.some(({ certificate }) => same(certificate.key, key)));
  });

  it("end with their epoch, and others are made for the next one", async () => {
    const stage = new Stage();
    const keys = await stage.start();
    const signer = keys.signer(keys.certificate(stage.now).key);
    stage.epoch = 2;
    await stage.pass(HOUR);
    assert.throws(() => signer.sign(MESSAGE), { code: "CertificateEnded" });
    assert.deepEqual(
      keys.certificates.map(({ key }) => key.epoch),
      [2],
    );
    // A node that lags behind doesn't bring the old epoch back.
    stage.epoch = 1;
    await stage.pass(HOUR);
    assert.equal(keys.certificates.length, 1);
    await keys.rotate();
    assert.equal(keys.certificate(stage.now).key.epoch, 2);
  });

  it("follow each other while the chain is out of reach, however long", async () => {
    const stage = new Stage();
    const keys = await stage.start();
    stage.outage = true;
    await stage.pass(20 * DAY);
    const { key } = keys.certificate(stage.now + USUAL_SCHEDULE.cover);
    assert.equal(key.epoch, 1);
    await keys.signer(key).sign(MESSAGE);
    assert.ok(stage.troubles.length > 0, "it is told");
    await keys.stop();
  });

  it("that were retired begin nothing, and finish what they began", async () => {
    const stage = new Stage();
    const first = await stage.start();
    const { key } = first.certificate(stage.now);
    await first.stop();
    stage.vault.kept = stage.vault.kept.map((one) => ({ ...one, retired: true }));
    const second = await stage.start();
    assert.notEqual(second.certificate(stage.now).key.x, key.x);
    await second.signer(key).sign(MESSAGE);
  });

  it("of another agent or another Settlement begin nothing", async () => {
    for (const changes of [{ agent: 2n }, { settlement: DEPLOYMENT.registry }]) {
      const stage = new Stage();
      await (await stage.start()).stop();
      const certified = stage.certified;
      const other = await stage.start(changes);
      assert.equal(stage.certified, certified + 1);
      await other.stop();
    }
  });

  it("are destroyed once nothing needs them, but not before what has just begun could say so", async () => {
    const stage = new Stage();
    const keys = await stage.start();
    const { key } = keys.certificate(stage.now);
    await keys.rotate();
    await keys.release(() => false);
    assert.equal(keys.certificates.length, 2, "it may have been chosen a moment ago");
    await stage.pass(HOUR);
    await keys.release((one) => same(one, key));
    assert.equal(keys.certificates.length, 2, "it is in use");
    await keys.release(() => false);
    assert.throws(() => keys.signer(key), { code: "KeysChanged" });
    assert.equal(stage.vault.kept.length, 1);
  });

  it("are kept before they are used: none that the next start wouldn't have", async () => {
    const stage = new Stage();
    const keys = await stage.start();
    const { key } = keys.certificate(stage.now);
    stage.vault.broken = true;
    await assert.rejects(keys.rotate(), /disk is full/);
    assert.deepEqual(keys.certificate(stage.now).key, key);
    stage.vault.broken = false;
    await keys.rotate();
    assert.deepEqual(keys.certificate(stage.now), stage.vault.kept.at(-1)?.certificate);
  });

  it("can't start where nobody says which epoch it is", async () => {
    const stage = new Stage();
    stage.outage = true;
    await assert.rejects(stage.start(), /does not answer/);
  });

  it("refuse a schedule that leaves no time between two of them", async () => {
    const schedule = { ...USUAL_SCHEDULE, lifetime: USUAL_SCHEDULE.cover };
    await assert.rejects(new Stage().start({ schedule }), { code: "BadSchedule" });
  });

  it("stop being made when the agent stops", async () => {
    const stage = new Stage();
    await (await stage.start()).stop();
    await stage.pass(10 * DAY);
    assert.equal(stage.certified, 1);
  });

  interface Live {
    readonly certificate: Certificate;
    readonly commitBy: number;
  }

  /** What happens in an hour of the agent's life. */
  const hour = fc.record({
    /** Hours until `commitBy` of a negotiation that begins; null for none. */
    opens: fc.option(fc.integer({ min: 0, max: 5 * 24 }), { freq: 4 }),
    restarts: fc.integer({ min: 0, max: 9 }),
    diskFull: fc.integer({ min: 0, max: 3 }),
    nodeDown: fc.integer({ min: 0, max: 3 }),
  });

  it("drop no negotiation, and sign with no key that has ended, whatever restarts, outages and full disks come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hour, { minLength: 1, maxLength: 24 * 14 }), async (hours) => {
        const stage = new Stage();
        let keys = await stage.start();
        let live: Live[] = [];
        let badHours = 0;
        for (const { opens, restarts, diskFull, nodeDown } of hours) {
          // Both pass before the lead time is over, as they would have to.
          const isBad = diskFull === 0 || nodeDown === 0;
          badHours = isBad ? badHours + 1 : 0;
          stage.vault.broken = diskFull === 0 && badHours < 10;
          stage.outage = nodeDown === 0 && badHours < 10;
          if (restarts === 0 && !stage.vault.broken && !stage.outage) {
            await keys.stop();
            keys = await stage.start();
          }
          if (opens !== null) {
            const commitBy = stage.now + opens * HOUR;
            live.push({ certificate: keys.certificate(commitBy), commitBy });
          }
          for (const { certificate } of live) {
            assert.ok(stage.now <= certificate.key.notAfter, "never with a key that has ended");
            await keys.signer(certificate.key).sign(MESSAGE);
          }
          await stage.pass(HOUR);
          // The END of what was too late is said after `commitBy`.
          live = live.filter(({ commitBy }) => commitBy > stage.now);
          const inUse = live.map(({ certificate }) => certificate.key);
          await keys.release((key) => inUse.some((one) => same(one, key))).catch(() => undefined);
          assert.ok(keys.certificates.length <= 8, `${keys.certificates.length} keys at a time`);
        }
        await keys.stop();
      }),
      { numRuns: 15 },
    );
  });
});

describe("one key that never changes", () => {
  it("signs for its own certificate, and for nobody else's", () => {
    const crypto = new NodeCrypto();
    const keys = fixedKey(crypto.sessionSigner(ALICE.session), ALICE.certificate);
    assert.equal(keys.certificate(Number.MAX_SAFE_INTEGER), ALICE.certificate);
    assert.equal(keys.signer(ALICE.certificate.key).publicKey.x, ALICE.session.x);
    assert.throws(() => keys.signer(actor(2n).session), { code: "KeysChanged" });
  });
});
