// What has to hold after every step, judged by what the contract shows and says, not by the model. See README.md.
import { expect } from "chai";
import { Status } from "../fixtures/enums.ts";
import { type Deal, hashDeal } from "../typedData.ts";
import { AGENTS, type Chain, UNREGISTERED } from "./chain.ts";
import { potOf } from "./deals.ts";
import type { Plan } from "./plan.ts";
import type { Happened } from "./run.ts";
import type { Entry, State } from "./state.ts";
import { DAY, UNBONDING } from "./time.ts";
import type { Readings } from "./views.ts";

/** A step, with what was to be seen before and after it. */
export interface Seen {
  plan: Plan;
  told: string;
  before: Readings;
  after: Readings;
  happened: Happened;
  state: State;
}

const NEXT: Record<string, readonly bigint[]> = {
  [`${Status.None}`]: [Status.Committed, Status.Declared],
  [`${Status.Committed}`]: [Status.Delivered, Status.Settled],
  [`${Status.Delivered}`]: [Status.Disputed, Status.Settled],
  [`${Status.Disputed}`]: [Status.Settled],
  [`${Status.Declared}`]: [Status.Committed, Status.Defaulted],
  [`${Status.Settled}`]: [],
  [`${Status.Defaulted}`]: [],
};

/** A fault's reward goes to the other side that the envelope names, even if nobody has registered that agent. */
const HOLDERS = [...AGENTS, UNREGISTERED];

const SCALE = 10n ** 30n;

function reading(readings: Readings, name: string): readonly unknown[] {
  const values = readings.get(name);
  if (!values) throw new Error(`${name} can't be read`);
  return values;
}

function amount(readings: Readings, name: string, index = 0): bigint {
  return BigInt(reading(readings, name)[index] as bigint);
}

export class Invariants {
  readonly #chain: Chain;
  readonly #paid = new Map<string, bigint>();
  readonly #hashes = new Map<string, string>();
  readonly #asked = new Map<string, bigint>();
  readonly #used = new Map<string, { time: bigint; share: bigint }[]>();

  constructor(chain: Chain) {
    this.#chain = chain;
  }

  check(seen: Seen): void {
    this.#isSolvent(seen);
    this.#keepsMoney(seen);
    this.#followsTheStates(seen);
    this.#paysOnce(seen);
    this.#keepsBudgets(seen);
    this.#holdsStake(seen);
  }

  /** I1: what agents have, what deals hold and what is burnt add up to what is owed, and that is held. */
  #isSolvent({ after, state, told }: Seen): void {
    for (const token of this.#chain.tokens) {
      const shown = after.get(`solvent ${token}`);
      if (!shown) continue;
      const [holds, , owed, burnt] = shown as [boolean, bigint, bigint, bigint];
      const agents = HOLDERS.reduce((sum, agent) => sum + this.#wealth(after, agent, token), 0n);
      const escrow = [...state.entries.values()].reduce((sum, entry) => sum + this.#escrowed(after, entry, token), 0n);
      expect(agents + escrow + burnt, `I1: ${token} owed after ${told}`).to.equal(owed);
      expect(holds, `I1: ${token} held after ${told}`).to.equal(true);
    }
  }

  #wealth(readings: Readings, agent: bigint, token: string): bigint {
    const stake = `stakeOf ${agent} ${token}`;
    return amount(readings, `free ${agent} ${token}`) + amount(readings, stake, 0) + amount(readings, stake, 1);
  }

  /** What a negotiation holds in a token: its pot, or the declarer's part of it, and a fee that nobody got yet. */
  #escrowed(readings: Readings, { deal }: Entry, token: string): bigint {
    const status = amount(readings, `recordOf ${deal.terms}`, 2);
    let held = 0n;
    if (deal.token === token && [Status.Committed, Status.Delivered, Status.Disputed].some((live) => live === status)) {
      held += potOf(deal) - amount(readings, `receivedOf ${deal.terms}`);
    }
    if (deal.token === token && status === Status.Declared) {
      const byBuyer = amount(readings, `declarationOf ${deal.terms}`) === deal.buyer;
      held += byBuyer ? deal.price + deal.buyerBond : deal.sellerBond;
    }
    const isReferred = reading(readings, `disputeOf ${deal.terms}`)[5] === true;
    if (BigInt(token) === 0n && status === Status.Disputed && !isReferred) held += deal.maxFee;
    return held;
  }

  /** I2: what is owed changes by what came or went, and by nothing else; a donation is nobody's. */
  #keepsMoney({ plan, before, after, told }: Seen): void {
    for (const token of this.#chain.tokens) {
      const was = before.get(`solvent ${token}`);
      const is = after.get(`solvent ${token}`);
      if (!was || !is || plan.name === "donate") continue;
      const [change, came] = [2, 1].map((index) => (is[index] as bigint) - (was[index] as bigint));
      expect(change, `I2: ${token} owed changed by what came, in ${told}`).to.equal(came);
    }
  }

  /** I3 and I4: states follow each other as they should, and final ones stay as they are. */
  #followsTheStates({ before, after, plan, happened, state, told }: Seen): void {
    for (const { deal } of state.entries.values()) {
      const name = `recordOf ${deal.terms}`;
      const was = before.has(name) ? amount(before, name, 2) : Status.None;
      const is = amount(after, name, 2);
      const isFinal = was === Status.Settled || was === Status.Defaulted;
      if (was !== is) expect(NEXT[`${was}`], `I3: ${was} to ${is} in ${told}`).to.include(is);
      if (isFinal) {
        expect(`${reading(after, name)}`, `I4: a final record after ${told}`).to.equal(`${reading(before, name)}`);
        if (
          plan.preview &&
          plan.matter?.deal.negotiation === deal.negotiation &&
          isSameParties(plan.matter.deal, deal)
        ) {
          expect(happened.error, `I4: ${told} after the end`).to.not.equal(undefined);
        }
      }
    }
  }

  /** I5: all that a deal pays, from its first receipt to its end, is what went in, and it ends once. */
  #paysOnce({ happened, after, state, told }: Seen): void {
    for (const { name, args } of happened.logs) {
      if (name !== "Settled" && name !== "Defaulted") continue;
      const hash: string = args["deal"];
      expect(this.#paid.has(hash), `I5: ended twice in ${told}`).to.equal(false);
      this.#paid.set(hash, name === "Settled" ? args["toBuyer"] + args["toSeller"] : args["returned"]);
    }
    for (const { deal, status } of state.entries.values()) {
      if (status !== Status.Settled) continue;
      const paid = (this.#paid.get(this.#hash(deal)) ?? 0n) + amount(after, `receivedOf ${deal.terms}`);
      expect(paid, `I5: all that was paid by ${told}`).to.equal(potOf(deal));
    }
  }

  #hash(deal: Deal): string {
    const hash = this.#hashes.get(deal.terms) ?? hashDeal(deal);
    this.#hashes.set(deal.terms, hash);
    return hash;
  }

  /** I6: the shares of daily budgets that are used in any window add up to at most one, and its length in days. */
  #keepsBudgets(seen: Seen): void {
    for (const { name, args } of seen.happened.logs) {
      const deal = seen.plan.deals?.find((each) => this.#hash(each) === args["deal"]) ?? seen.plan.matter?.deal;
      if (!deal) continue;
      if (name === "Committed") for (const agent of [deal.buyer, deal.seller]) this.#takes(seen, deal, agent);
      if (name === "Declared") this.#takes(seen, deal, args["declarer"]);
      if (name === "Cured" && !wasRevoked(seen, deal, args["agent"])) this.#takes(seen, deal, args["agent"]);
    }
  }

  #takes({ after, state, told }: Seen, deal: Deal, agent: bigint): void {
    const [isSet, , , budget = 0n] = reading(after, `mandateOf ${agent} ${deal.token} ${deal.category}`);
    const exposure = agent === deal.buyer ? deal.price + deal.buyerBond : deal.sellerBond;
    if (!isSet || exposure === 0n) return;
    this.#use(`${agent} ${deal.token}`, state.now, (exposure * SCALE) / BigInt(budget as bigint), told);
  }

  #use(account: string, time: bigint, share: bigint, told: string): void {
    const used = [...(this.#used.get(account) ?? []), { time, share }];
    this.#used.set(account, used);
    let sum = 0n;
    for (const each of used.toReversed()) {
      sum += each.share;
      const most = SCALE + (SCALE * (time - each.time)) / DAY;
      expect(sum <= most, `I6: budget used since ${each.time} by ${told}`).to.equal(true);
    }
  }

  /** I8: stake goes only by being asked back and waiting, or by a fault. */
  #holdsStake({ before, after, happened, state, told }: Seen): void {
    for (const { name, args } of happened.logs) {
      const account = `${args["agent"]} ${args["token"]}`;
      if (name === "Unstaking") this.#asked.set(account, state.now);
      if (name !== "Released") continue;
      const since = this.#asked.get(account) ?? state.now;
      expect(state.now > since + UNBONDING, `I8: ${account} released by ${told}`).to.equal(true);
    }
    const forfeited = new Set(happened.logs.filter(({ name }) => name === "Penalised").map(accountOf));
    const released = new Set(happened.logs.filter(({ name }) => name === "Released").map(accountOf));
    for (const agent of AGENTS) {
      for (const token of this.#chain.tokens) {
        const name = `stakeOf ${agent} ${token}`;
        const [was, is] = [before, after].map((each) => amount(each, name, 0) + amount(each, name, 1)) as [
          bigint,
          bigint,
        ];
        const account = `${agent} ${token}`;
        if (is < was)
          expect(forfeited.has(account) || released.has(account), `I8: ${account} in ${told}`).to.equal(true);
      }
    }
  }
}

/** Whether the keys under which the agent had agreed were taken back, so that its owner cured, without mandate. */
function wasRevoked({ before }: Seen, deal: Deal, agent: bigint): boolean {
  return reading(before, `declarationOf ${deal.terms}`)[1] !== reading(before, `stateOf ${agent}`)[1];
}

function accountOf({ args }: { args: Record<string, unknown> }): string {
  return `${args["agent"]} ${args["token"]}`;
}

function isSameParties(one: { buyer: bigint; seller: bigint }, other: { buyer: bigint; seller: bigint }): boolean {
  return [one.buyer, one.seller].sort().join() === [other.buyer, other.seller].sort().join();
}
