import type { Abi } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { settlementAbi, testTokenAbi } from "../../../offchain/adapters/chain/abis.ts";
import { saidArgs } from "../../../offchain/adapters/chain/session-auth.ts";
import { toHex } from "../../../offchain/kernel/bytes.ts";
import { type Address, type AgentId, type Bytes32, ZERO_32, ZERO_ADDRESS } from "../../../offchain/kernel/ids.ts";
import type { SeededEntropy } from "../../../offchain/kernel/random.ts";
import type { Participant, Rehearsal } from "../../../offchain/node/principal.ts";
import type { DealState } from "../../../offchain/settlement/ledger/deal-state.ts";
import type { Deal } from "../../../offchain/terms/deal.ts";
import type { AnvilNode } from "./node.ts";
import { type Agreed, Voices } from "./voice.ts";

const EVIDENCE: Bytes32 = `0x${"ee".repeat(32)}`;
const DAY_S = 86_400;
/** Deals that things still happen to. */
const LIVELY = 14;

const OVER: ReadonlySet<string> = new Set(["None", "Settled", "Defaulted"]);

interface Actor extends Participant {
  readonly address: Address;
}

/** How a deal stands, for whoever decides what to do about it. */
export type Look = (hash: Bytes32) => DealState | null;

/**
 * Several agents who do what comes to their mind. Much of it is refused by the contract, and then nothing happens: what did happen
 * is for the chain to say.
 */
export class History {
  readonly agreed: Agreed[] = [];
  readonly tokens: readonly Address[];
  readonly #node: AnvilNode;
  readonly #rehearsal: Rehearsal;
  readonly #chance: SeededEntropy;
  readonly #actors: Actor[] = [];
  readonly #voices: Voices;
  readonly #guardian: Address;
  #arbitrator: { readonly address: Address; readonly abi: Abi } = { address: ZERO_ADDRESS, abi: [] };
  #time = 0;

  constructor(node: AnvilNode, rehearsal: Rehearsal, chance: SeededEntropy, guardian: Address) {
    this.#node = node;
    this.#rehearsal = rehearsal;
    this.#chance = chance;
    this.#guardian = guardian;
    this.#voices = new Voices(rehearsal.deployment);
    this.tokens = [rehearsal.token, ZERO_ADDRESS];
  }

  get agents(): readonly AgentId[] {
    return this.#actors.map(({ agent }) => agent);
  }

  async prepare(count: number): Promise<void> {
    for (let made = 0; made < count; made++) {
      const participant = await this.#rehearsal.enroll(10_000n, 10n ** 9n);
      this.#actors.push({ ...participant, address: addressOf(participant.wallet) });
      await this.#voices.join(participant);
    }
    await this.#node.prepare([this.#guardian, ...this.#actors.map(({ address }) => address)]);
    const { settlement } = this.#rehearsal.deployment;
    for (const { address, agent } of this.#actors) {
      const token = { address: this.#rehearsal.token, abi: testTokenAbi as Abi };
      await this.#node.call(address, token.address, token.abi, "mint", [address, 10n ** 12n]);
      await this.#node.call(address, token.address, token.abi, "approve", [settlement, 10n ** 12n]);
      // In native coin there is no mandate that could bind.
      await this.#settle(address, "setUnlimited", [agent, true]);
      await this.#settle(address, "depositNative", [agent, false], 9_000n);
    }
    this.#arbitrator = await this.#node.deploy(this.#guardian, "mocks/CentralArbitrator.sol/CentralArbitrator", [
      this.#guardian,
      5n,
    ]);
  }

  /** Something happens. */
  async act(look: Look): Promise<void> {
    const { timestamp } = await this.#node.ask<{ timestamp: string }>("eth_getBlockByNumber", ["latest", false]);
    this.#time = Number(timestamp);
    const roll = this.#below(100);
    if (roll < 14) await this.#agree();
    else if (roll < 30) await this.#moveMoney();
    else if (roll < 32) await this.#equivocate();
    else if (roll < 34) await this.#node.passTime([60, 2_000, DAY_S + 100, 8 * DAY_S][this.#below(4)] ?? 1);
    else if (roll < 35) await this.#pause();
    else if (roll < 36) await this.#node.mine(this.#below(3) + 1);
    else await this.#carryOn(look);
  }

  async #agree(): Promise<void> {
    const agreed = await this.#voices.agree(this.#draft());
    this.agreed.push(agreed);
    await this.#commit(agreed);
  }

  #draft(): Deal {
    const [buyer, seller] = this.#two();
    return {
      buyer: buyer.agent,
      seller: seller.agent,
      token: this.tokens[this.#below(4) === 0 ? 1 : 0] ?? ZERO_ADDRESS,
      // Some more than the buyer has: those get declared.
      price: BigInt(this.#below(6) === 0 ? 40_000 : this.#below(900)),
      buyerBond: BigInt(this.#below(90)),
      sellerBond: BigInt(this.#below(90)),
      commitBy: this.#time + 3_600 + this.#below(3 * DAY_S),
      deliverWithin: 10_000 + this.#below(10 * DAY_S),
      reviewPeriod: this.#below(6) === 0 ? 0 : 10_000 + this.#below(10 * DAY_S),
      arbitrator: this.#arbitrator.address,
      maxFee: BigInt([0, 3, 5, 40][this.#below(4)] ?? 0),
      rulingWithin: 10_000 + this.#below(20 * DAY_S),
      lapseShare: this.#below(10_001),
      category: ZERO_32,
      terms: ZERO_32,
      negotiation: toHex(this.#chance.bytes(32)),
    };
  }

  async #commit({ deal, args }: Agreed): Promise<void> {
    if (deal.price < 40_000n) return this.#settle(this.#any().address, "commitBySession", args);
    // The seller shows that the buyer lacks the money.
    await this.#settle(this.#actor(deal.seller).address, "commitOrDeclare", args);
  }

  async #moveMoney(): Promise<void> {
    const actor = this.#any();
    const { agent, address } = actor;
    const token = this.tokens[this.#below(3) === 0 ? 1 : 0] ?? ZERO_ADDRESS;
    const amount = BigInt(this.#below(3_000));
    const toStake = this.#below(3) === 0;
    switch (this.#below(6)) {
      case 0:
        return this.#deposit(actor, token, amount, toStake);
      case 1:
        return this.#settle(address, "withdraw", [agent, token, address, amount]);
      case 2:
        return this.#settle(address, "stake", [agent, token, amount]);
      case 3:
      case 4:
        return this.#settle(address, "unstake", [agent, token, amount / 4n]);
      default:
        return this.#settle(address, "release", [agent, token]);
    }
  }

  #deposit({ agent, address }: Actor, token: Address, amount: bigint, toStake: boolean): Promise<void> {
    if (token === ZERO_ADDRESS) return this.#settle(address, "depositNative", [agent, toStake], amount);
    return this.#settle(address, "deposit", [agent, token, amount, toStake]);
  }

  async #equivocate(): Promise<void> {
    // Of a deal on the chain, or of one that never gets there.
    const deal = (this.#below(2) === 0 ? this.#recent()?.deal : undefined) ?? this.#draft();
    const one = await this.#voices.say(deal.buyer, deal, { kind: "OFFER", deal });
    const other = await this.#voices.say(deal.buyer, deal, { kind: "OFFER", deal: { ...deal, price: 1n } }, 2);
    await this.#settle(this.#any().address, "equivocation", [deal.buyer, deal, saidArgs(one), saidArgs(other)]);
  }

  async #pause(): Promise<void> {
    await this.#settle(this.#guardian, "pause", []);
    if (this.#below(8) > 0) await this.#settle(this.#guardian, "unpause", []);
  }

  async #carryOn(look: Look): Promise<void> {
    // Rather with one that is not over yet.
    const some = [this.#recent(), this.#recent(), this.#recent()].filter((one) => one !== undefined);
    const agreed = some.find(({ hash }) => !OVER.has(look(hash)?.status ?? "None")) ?? some[0];
    if (agreed === undefined) return;
    const { deal, transcript, hash } = agreed;
    const state = look(hash);
    const [buyer, seller] = [this.#actor(deal.buyer).address, this.#actor(deal.seller).address];
    const base = [deal, transcript] as const;
    const roll = this.#below(10);
    switch (state?.status) {
      case "Committed":
        if (roll < 7) return this.#settle(seller, "deliver", [...base, EVIDENCE]);
        if (roll < 8) return this.#receive(agreed);
        if (this.#below(3) === 0) return this.#settle(buyer, "accept", base);
        if (this.#below(2) === 0) return this.#split(agreed);
        return this.#late(deal.deliverWithin + DAY_S, "refund", base);
      case "Delivered":
        if (roll < 8) return this.#settle(buyer, "dispute", [...base, this.#below(6_000), EVIDENCE], deal.maxFee);
        if (this.#below(4) === 0) return this.#receive(agreed);
        if (this.#below(3) === 0) return this.#settle(buyer, "accept", base);
        if (this.#below(2) === 0) return this.#split(agreed);
        return this.#late(deal.reviewPeriod, "claim", base);
      case "Disputed":
        return this.#quarrel(agreed, state, roll);
      case "Declared":
        if (roll < 5) return this.#late(Math.max(3_600, deal.commitBy - this.#time), "penalise", base);
        await this.#deposit(this.#actor(deal.buyer), deal.token, 45_000n, false);
        return this.#settle(this.#any().address, "cure", base);
      case undefined:
        return this.#commit(agreed);
      default:
        return;
    }
  }

  async #quarrel(agreed: Agreed, { dispute }: DealState, roll: number): Promise<void> {
    const { deal, transcript } = agreed;
    const [buyer, seller] = [this.#actor(deal.buyer).address, this.#actor(deal.seller).address];
    const base = [deal, transcript] as const;
    if (roll < 1) return this.#split(agreed);
    if (roll < 2) return this.#settle(buyer, "submitEvidence", [...base, "ipfs://evidence"]);
    if (roll < 3) return this.#receive(agreed);
    if (roll < 4 && this.#below(3) === 0) return this.#late(deal.rulingWithin + DAY_S, "lapse", base);
    if (dispute?.answered === false && roll < 7)
      return this.#settle(seller, "answer", [...base, this.#below(10_001), EVIDENCE]);
    // A seller that does not answer in a day asks for all.
    if (dispute?.answered === false) await this.#node.passTime(DAY_S + 10);
    if (dispute?.referral === null) return this.#settle(buyer, "refer", base, BigInt(this.#below(9)));
    if (dispute?.ruling === null && dispute.referral !== null) {
      const { address, abi } = this.#arbitrator;
      const ruling = this.#below(10_010);
      return this.#node.call(this.#guardian, address, abi, "giveRuling", [dispute.referral.disputeId, ruling]);
    }
    return this.#settle(seller, "execute", base);
  }

  async #receive({ deal, transcript, hash }: Agreed): Promise<void> {
    const total = deal.price === 0n ? 0n : 1n + BigInt(this.#below(Number(deal.price)));
    const auth = await this.#voices.act(deal.buyer, deal, { kind: "RECEIPT", deal: hash, total });
    const from = this.#actor(deal.seller).address;
    await this.#settle(from, "claimReceipt", [deal, transcript, total, auth, this.#below(3) === 0]);
  }

  async #split({ deal, transcript, hash }: Agreed): Promise<void> {
    const toSeller = deal.price / 2n + deal.sellerBond;
    const until = this.#time + DAY_S;
    const body = { kind: "CANCEL", deal: hash, toSeller, until } as const;
    const both = await Promise.all([deal.buyer, deal.seller].map((agent) => this.#voices.act(agent, deal, body)));
    await this.#settle(this.#any().address, "splitBySession", [deal, transcript, toSeller, until, ...both]);
  }

  /** What can be done only once a time is over. Now and then it is tried too early. */
  async #late(seconds: number, functionName: string, args: readonly unknown[]): Promise<void> {
    if (this.#below(5) > 0) await this.#node.passTime(seconds + 10);
    await this.#settle(this.#any().address, functionName, args);
  }

  #settle(from: Address, functionName: string, args: readonly unknown[], value = 0n): Promise<void> {
    return this.#node.call(
      from,
      this.#rehearsal.deployment.settlement,
      settlementAbi as Abi,
      functionName,
      args,
      value,
    );
  }

  #below(limit: number): number {
    return Math.floor(this.#chance.fraction() * limit);
  }

  #recent(): Agreed | undefined {
    const lively = this.agreed.slice(-LIVELY);
    return lively[this.#below(lively.length)];
  }

  #any(): Actor {
    return this.#of(this.#below(this.#actors.length));
  }

  #two(): [Actor, Actor] {
    const first = this.#below(this.#actors.length);
    const other = (first + 1 + this.#below(this.#actors.length - 1)) % this.#actors.length;
    return [this.#of(first), this.#of(other)];
  }

  #actor(agent: AgentId): Actor {
    return this.#of(this.#actors.findIndex((one) => one.agent === agent));
  }

  #of(index: number): Actor {
    const actor = this.#actors[index];
    if (actor === undefined) throw new Error(`there is no actor ${index}`);
    return actor;
  }
}

function addressOf(wallet: Bytes32): Address {
  return privateKeyToAccount(wallet).address.toLowerCase() as Address;
}
