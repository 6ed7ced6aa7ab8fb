import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { NodeCrypto } from "../../../offchain/adapters/crypto/node/crypto.ts";
import { MemoryJournal } from "../../../offchain/adapters/journal/memory/journal.ts";
import { Dealer } from "../../../offchain/dealing/dealer.ts";
import type { Session } from "../../../offchain/dealing/session.ts";
import { CertificateVerifier, issueCertificate } from "../../../offchain/identity/certificate.ts";
import { fixedKey } from "../../../offchain/identity/signing-keys.ts";
import { localWallet } from "../../../offchain/identity/wallet.ts";
import { SimulatedClock } from "../../../offchain/kernel/clock.ts";
import type { AgentId, Bytes32 } from "../../../offchain/kernel/ids.ts";
import { SeededEntropy } from "../../../offchain/kernel/random.ts";
import type { PriceStrategy } from "../../../offchain/negotiation/price/strategy.ts";
import type { Channel } from "../../../offchain/ports/transport.ts";
import { domainSeparator, settlementDomain } from "../../../offchain/terms/eip712.ts";
import type { Proposal } from "../../../offchain/terms/proposal.ts";
import { walletAddress } from "../../../offchain/terms/wallet-signature.ts";
import { proposalFor } from "../../proposal.ts";

const DEPLOYMENT = { chainId: 31337, registry: `0x${"11".repeat(20)}`, settlement: `0x${"22".repeat(20)}` } as const;
const SEPARATOR = domainSeparator(settlementDomain(DEPLOYMENT.chainId, DEPLOYMENT.settlement));
const BUYER: AgentId = 1n;
const WANTED: Bytes32 = `0x${"99".repeat(32)}`;
const crypto = new NodeCrypto();

const BUYS: PriceStrategy = { kind: "time-dependent", from: 100n, limit: 1_000n, pace: 1 };

/** A seller that agrees below 1,000, or never. */
function sells(willing: boolean): PriceStrategy {
  return { kind: "time-dependent", from: 1_500n, limit: willing ? 700n : 1_400n, pace: 1 };
}

function walletOf(agent: AgentId): Bytes32 {
  return `0x${agent.toString(16).padStart(64, "0")}`;
}

/** A buyer that wants something `most` times, and sellers that it asks, on one clock and a wire that takes its time. */
class Market {
  readonly #clock = new SimulatedClock();
  readonly #random: SeededEntropy;
  #journal = new MemoryJournal();
  /** Raised by every restart: what a process that is gone still sends reaches nobody. */
  #life = 0;
  readonly #most: number;
  readonly #sellers: readonly Dealer[];
  readonly troubles: unknown[] = [];
  buyer: Dealer;
  #inFlight = 0;

  private constructor(most: number, seed: number, buyer: Dealer, sellers: readonly Dealer[]) {
    [this.#most, this.buyer, this.#sellers] = [most, buyer, sellers];
    this.#random = new SeededEntropy(seed);
  }

  static async open(most: number, willing: readonly boolean[], seed: number): Promise<Market> {
    const sellers: Dealer[] = [];
    const market = new Market(most, seed, null as unknown as Dealer, sellers);
    market.buyer = await market.#dealer(BUYER, market.#journal);
    for (const [index, is] of willing.entries()) {
      sellers.push(await market.#dealer(BigInt(index) + 2n, new MemoryJournal(), sells(is)));
    }
    await Promise.all(sellers.map((_, index) => market.#open(index)));
    return market;
  }

  /** Ends the buyer's process and starts it again from its journal. */
  async restart(): Promise<void> {
    const { buyer } = this;
    this.#life++;
    this.#journal = await copyOf(this.#journal);
    this.buyer = await this.#dealer(BUYER, this.#journal);
    void buyer.stop();
    await this.buyer.recover((address) => this.#line(Number(address)));
    for (const session of this.buyer.sessions) if (session.dialled) this.buyer.listener.onOpen?.(session.dialled);
  }

  /** Lets everybody work until nothing moves any more; looks after every frame whether too many could bind the buyer. */
  async quiet(): Promise<void> {
    for (let still = 0; still < 4; still++) {
      await new Promise((resolve) => setImmediate(resolve));
      this.check();
      if (this.#inFlight > 0) still = -1;
    }
  }

  check(): void {
    const bound = [...this.buyer.sessions].filter(
      (session) => hasSigned(session) && !this.voided.has(session.state.half),
    );
    assert.ok(bound.length <= this.#most, `${bound.length} may bind the buyer, which wants ${this.#most}`);
  }

  readonly voided = new Set<Bytes32>();

  /** Nothing came of what was ended: its time to commit is over. */
  annul(): void {
    for (const session of this.buyer.sessions) {
      if (session.state.phase !== "ended" || this.voided.has(session.state.half)) continue;
      this.voided.add(session.state.half);
      this.buyer.release(session, false);
    }
  }

  get agreements(): number {
    return [...this.buyer.sessions].filter(({ state }) => state.phase === "agreed").length;
  }

  async #open(index: number): Promise<void> {
    const wanted = { id: WANTED, most: this.#most };
    const intent = {
      peer: BigInt(index) + 2n,
      address: String(index),
      proposal: this.#proposal(),
      strategy: BUYS,
      wanted,
    };
    await this.buyer.open(intent, this.#line(index));
  }

  #line(index: number): Channel {
    const seller = this.#sellers[index];
    if (seller === undefined) throw new Error(`no seller ${index}`);
    const life = this.#life;
    const near: Channel = {
      peer: `${index}`,
      send: (frame) => {
        if (life === this.#life) this.#carry(() => seller.listener.onFrame(frame, far));
      },
      close,
      drop: close,
    };
    const far: Channel = {
      peer: "buyer",
      send: (frame) => this.#carry(() => this.buyer.listener.onFrame(frame, near)),
      close,
      drop: close,
    };
    return near;
  }

  #carry(arrive: () => void): void {
    this.#inFlight++;
    let turns = 1 + (this.#random.uint32() % 5);
    const wait = () => {
      if (turns-- > 0) return void setImmediate(wait);
      this.#inFlight--;
      arrive();
    };
    wait();
  }

  async #dealer(agent: AgentId, journal: MemoryJournal, strategy?: PriceStrategy): Promise<Dealer> {
    const signer = crypto.sessionSigner(crypto.generateSessionSecret());
    const now = Math.floor(this.#clock.now() / 1000);
    const validity = { notBefore: now - 60, notAfter: now + 86_400, epoch: 1 };
    const certificate = await issueCertificate(
      localWallet(walletOf(agent)),
      DEPLOYMENT,
      agent,
      this.#keys.get(agent)?.publicKey ?? signer.publicKey,
      validity,
    );
    const own = this.#keys.get(agent) ?? signer;
    this.#keys.set(agent, own);
    return new Dealer({
      agent,
      certificates: new CertificateVerifier(
        { authority: async (of) => ({ wallet: walletAddress(walletOf(of)), epoch: 1 }), certified: async () => false },
        DEPLOYMENT,
      ),
      stakes: { staked: async () => 1_000n },
      clock: this.#clock,
      crypto,
      entropy: new SeededEntropy(Number(agent) + 1),
      journal,
      paceMs: 0,
      separator: SEPARATOR,
      keys: fixedKey(own, certificate),
      ...(strategy && { respond: () => strategy }),
      fail: (_session, thrown) => this.troubles.push(thrown),
    });
  }

  readonly #keys = new Map<AgentId, ReturnType<NodeCrypto["sessionSigner"]>>();

  #proposal(): Proposal {
    return proposalFor({ rounds: 6, commitBy: Math.floor(this.#clock.now() / 1000) + 600 });
  }
}

async function copyOf(journal: MemoryJournal): Promise<MemoryJournal> {
  const copy = new MemoryJournal();
  for (const stream of await journal.streams()) {
    for (const [index, record] of (await journal.read(stream)).entries())
      await copy.append(stream, index, record, "process");
  }
  return copy;
}

function close(): void {
  // These lines end with the test.
}

/** Whether the buyer has signed an offer, or an acceptance. */
function hasSigned({ state }: Session): boolean {
  for (let link = state.ours; link !== null; link = link.previous) {
    if (link.kind === "OFFER" || link.kind === "ACCEPT") return true;
  }
  return false;
}

describe("one intent with many sellers", () => {
  it("comes to at most as many agreements as are wanted, however it goes", async () => {
    const cases = fc.record({
      most: fc.integer({ min: 1, max: 3 }),
      willing: fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }),
      seed: fc.nat(),
      restarts: fc.nat(2),
    });
    const property = fc.asyncProperty(cases, async ({ most, willing, seed, restarts }) => {
      const market = await Market.open(most, willing, seed);
      for (let restart = 0; restart < restarts; restart++) {
        for (let turn = 0; turn < 12; turn++) await new Promise((resolve) => setImmediate(resolve));
        await market.restart();
      }
      // As often as negotiations come to nothing, others take their place.
      for (let round = 0; round <= willing.length; round++) {
        await market.quiet();
        market.annul();
      }
      await market.quiet();
      const able = willing.filter((is) => is).length;
      assert.equal(market.agreements, Math.min(most, able));
      assert.deepEqual(market.troubles, []);
    });
    await fc.assert(property, { numRuns: 25, seed: 7 });
  });

  it("lets the others only listen while one may bind", async () => {
    const market = await Market.open(1, [false, false, false], 3);
    const phases = () => [...market.buyer.sessions].map(({ state }) => state.phase).sort();
    await market.quiet();
    // What was offered in the one that has ended may still be accepted until `commitBy`.
    assert.deepEqual(phases(), ["bargaining", "bargaining", "ended"]);
    market.annul();
    await market.quiet();
    assert.deepEqual(phases(), ["bargaining", "ended", "ended"]);
  });
});
