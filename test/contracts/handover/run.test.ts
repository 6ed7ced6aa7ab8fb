// Random lives of a deal with assets on both sides: whatever happens in whatever order, in the end each asset is with the
// one whose it is by a model of a few lines, and nobody has lost one without pay or word of its own.
import { expect } from "chai";
import fc from "fast-check";
import { receipt } from "../fixtures/acts.ts";
import { agree, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { Outcome } from "../fixtures/enums.ts";
import { withoutEstimates } from "../fixtures/estimates.ts";
import { consentToSplit } from "../fixtures/splits.ts";
import { DAY, HOUR } from "../fixtures/time.ts";
import { fuzz, fuzzRuns, fuzzTime } from "../fuzz.ts";
import {
  type Asset,
  exchange,
  Fate,
  type HandOverWorld,
  loadHandOver,
  NOTHING,
  type Side,
  supply,
} from "./fixtures.ts";

const RUNS = 100;
const SIDES = ["buyer", "seller"] as const;

const place = { byBuyer: fc.boolean(), which: fc.nat(1) };
const put = fc.record({
  act: fc.constant("put" as const),
  ...place,
  inReturn: fc.option(fc.nat(1)),
  hours: fc.integer({ min: 1, max: 49 }),
});
const fetch = fc.record({ act: fc.constantFrom("take" as const, "takeBack" as const), ...place });
const wait = fc.record({ act: fc.constant("wait" as const), hours: fc.oneof(fc.nat(2), fc.nat(30)) });
const commit = fc.record({ act: fc.constant("commit" as const) });
const act = fc.record({
  act: fc.constantFrom(
    ...(["deliver", "deliver", "accept", "claim", "refund", "refund", "dispute", "answer", "lapse", "split"] as const),
    ...(["part", "whole", "closePart", "closeWhole", "exchange"] as const),
  ),
});
const before = fc.array(fc.oneof({ weight: 4, arbitrary: put }, wait, fetch), {
  minLength: 2,
  maxLength: 8,
  size: "max",
});
const after = fc.array(
  fc.oneof({ weight: 2, arbitrary: put }, { weight: 2, arbitrary: wait }, fetch, { weight: 4, arbitrary: act }),
  { minLength: 6, maxLength: 24, size: "max" },
);
const course = fc.record({
  price: fc.constantFrom(0n, 1n, 100n),
  reviewPeriod: fc.constantFrom(0, 12 * HOUR),
  steps: fc.tuple(before, commit, after).map(([first, middle, last]) => [...first, middle, ...last]),
});

type Course = typeof course extends fc.Arbitrary<infer T> ? T : never;
type Step = Course["steps"][number];
type Put = Extract<Step, { act: "put" }>;
type Act = Exclude<Step["act"], "put" | "take" | "takeBack" | "wait">;

/** For how long an asset was put, and for which other one. */
interface Terms {
  until: number;
  inReturn: string | undefined;
}

/** What the model knows: what is put, and how the deal ended. */
interface Model {
  puts: Map<string, Terms>;
  ended?: { at: number; outcome: bigint; disputed: boolean; puts: Map<string, Terms> };
  disputed: boolean;
}

function sideOf({ byBuyer }: { byBuyer: boolean }): Side {
  return byBuyer ? "buyer" : "seller";
}

function nameOf(side: Side, which: number): string {
  return `${side} ${which}`;
}

/** Whose an asset has to be after all times have passed. */
function isSwapped({ ended }: Model, name: string): boolean {
  const terms = ended?.puts.get(name);
  if (!ended || !terms || ended.disputed || ended.at > terms.until) return false;
  if (terms.inReturn === undefined) return true;
  const other = ended.puts.get(terms.inReturn);
  return other !== undefined && ended.at <= other.until && (other.inReturn ?? name) === name;
}

/** What may have cost a side its asset: full pay, or its own word. */
function isFair(side: Side, { ended }: Model, name: string): boolean {
  if (!ended) return false;
  const { outcome } = ended;
  if (outcome === Outcome.Accepted || outcome === Outcome.Claimed || outcome === Outcome.Split) return true;
  if (outcome !== Outcome.Closed) return false;
  return side === "seller" || ended.puts.get(name)?.inReturn !== undefined;
}

/** A deal on the chain and what the model knows of it. */
class Life {
  readonly model: Model = { puts: new Map(), disputed: false };
  readonly #world: HandOverWorld;
  readonly #assets: Record<Side, readonly [Asset, Asset]>;

  constructor(world: HandOverWorld) {
    this.#world = world;
    const { relic, coin } = world;
    this.#assets = { seller: [relic, coin], buyer: [{ ...relic, number: 8n }, coin] };
  }

  async begin(): Promise<void> {
    const { coins, relics, handOver } = this.#world;
    for (const side of SIDES) {
      const wallet = this.#world[`${side}Wallet`];
      for (const asset of this.#assets[side]) await supply(this.#world, asset, wallet);
      await coins.connect(wallet).approve(handOver, ethers.MaxUint256);
      await relics.connect(wallet).setApprovalForAll(handOver, true);
    }
  }

  asset(side: Side, which: number): Asset {
    const asset = this.#assets[side][which];
    if (!asset) throw new Error(`no asset ${which}`);
    return asset;
  }

  /** Does a step if it is allowed, and writes into the model what happened. */
  async do(given: Step): Promise<void> {
    if (given.act === "wait") {
      await networkHelpers.time.increase(given.hours * HOUR + 1);
      return;
    }
    try {
      if (given.act === "put") await this.#put(given);
      else if ("which" in given) await this.#fetch(given);
      else await this.#acts[given.act]();
    } catch (thrown) {
      // the simulated chain has other words for contracts that it doesn't know
      if (!/revert/.test(String(thrown))) throw thrown;
      return;
    }
    await this.#note(given);
  }

  async #put(given: Put): Promise<void> {
    const { handOver, deal } = this.#world;
    const { byBuyer, which, inReturn, hours } = given;
    const side = sideOf(given);
    const other = inReturn === null ? NOTHING : this.asset(byBuyer ? "seller" : "buyer", inReturn);
    const until = (await networkHelpers.time.latest()) + hours * HOUR;
    const putting = handOver.connect(this.#world[`${side}Wallet`]);
    await putting.put(deal, TRANSCRIPT, byBuyer, this.asset(side, which), other, until);
    const name = inReturn === null ? undefined : nameOf(byBuyer ? "seller" : "buyer", inReturn);
    this.model.puts.set(nameOf(side, which), { until, inReturn: name });
  }

  async #fetch(given: { act: "take" | "takeBack"; byBuyer: boolean; which: number }): Promise<void> {
    const { handOver, deal } = this.#world;
    const asset = this.asset(sideOf(given), given.which);
    await handOver[given.act](deal, TRANSCRIPT, given.byBuyer, asset, ethers.ZeroAddress);
    if (given.act === "takeBack") this.model.puts.delete(nameOf(sideOf(given), given.which));
  }

  readonly #acts: Readonly<Record<Act, () => Promise<unknown>>> = {
    commit: async () => await this.#settlement.commit(...(await agree(this.#world, this.#world.deal))),
    deliver: async () => await this.#selling.deliver(this.#world.deal, TRANSCRIPT, ethers.ZeroHash),
    accept: async () => await this.#buying.accept(this.#world.deal, TRANSCRIPT),
    claim: async () => await this.#settlement.claim(this.#world.deal, TRANSCRIPT),
    refund: async () => await this.#settlement.refund(this.#world.deal, TRANSCRIPT),
    dispute: async () => {
      const { deal } = this.#world;
      return await this.#buying.dispute(deal, TRANSCRIPT, 4_000, ethers.ZeroHash, { value: deal.maxFee });
    },
    answer: async () => await this.#selling.answer(this.#world.deal, TRANSCRIPT, 3_000, ethers.ZeroHash),
    lapse: async () => await this.#settlement.lapse(this.#world.deal, TRANSCRIPT),
    split: async () => {
      const { deal } = this.#world;
      const until = (await networkHelpers.time.latest()) + HOUR;
      const signed = await consentToSplit(this.#world, deal, deal.price, until);
      return await this.#settlement.split(deal, TRANSCRIPT, deal.price, until, ...signed);
    },
    part: async () => await this.#receipt(this.#world.deal.price / 2n, false),
    whole: async () => await this.#receipt(this.#world.deal.price, false),
    closePart: async () => await this.#receipt(this.#world.deal.price / 2n, true),
    closeWhole: async () => await this.#receipt(this.#world.deal.price, true),
    exchange: async () => await exchange(this.#world, {}),
  };

  get #settlement() {
    return this.#world.settlement.connect(this.#world.relayer);
  }

  get #buying() {
    return this.#world.settlement.connect(this.#world.buyerWallet);
  }

  get #selling() {
    return this.#world.settlement.connect(this.#world.sellerWallet);
  }

  async #receipt(total: bigint, close: boolean): Promise<void> {
    const { deal } = this.#world;
    const paid = await receipt(this.#world, deal, total);
    await this.#selling.claimReceipt(deal, TRANSCRIPT, total, paid, close);
  }

  async #note({ act }: Step): Promise<void> {
    const { model } = this;
    if (act === "dispute") model.disputed = true;
    const { settlement } = this.#world;
    const [settled] = await settlement.queryFilter(settlement.filters.Settled(), "latest");
    if (!settled || model.ended) return;
    const at = await networkHelpers.time.latest();
    model.ended = { at, outcome: settled.args[1], disputed: model.disputed, puts: new Map(model.puts) };
  }
}

describe("random lives of a deal with assets on both sides", () => {
  withoutEstimates();

  it("end with each asset at the one whose it is, and none left", async function () {
    this.timeout(fuzzTime(RUNS, 300_000));
    let swapped = 0;
    const run = async (given: Course) => {
      const { price, reviewPeriod, steps } = given;
      const world = await loadHandOver({ price, reviewPeriod, rulingWithin: 0 }, 4 * DAY);
      const life = new Life(world);
      await life.begin();
      for (const each of steps) await life.do(each);
      await networkHelpers.time.increase(3 * DAY);
      swapped += await settleUp(world, life);
    };
    await fc.assert(fc.asyncProperty(course, run), fuzz(RUNS, 20_260_726));
    // of a few runs it may be none
    if (fuzzRuns(RUNS) >= RUNS) expect(swapped, "some changed hands").to.be.greaterThan(RUNS / 10);
  });

  /** Moves everything to whose it is, and returns how much of it changed hands. */
  async function settleUp(world: HandOverWorld, life: Life): Promise<number> {
    const { handOver, deal, relics, coins } = world;
    let swapped = 0;
    for (const side of SIDES) {
      for (const which of [0, 1]) {
        const name = nameOf(side, which);
        const asset = life.asset(side, which);
        const args = [deal, TRANSCRIPT, side === "buyer", asset] as const;
        const { fate } = await handOver.parcelOf(...args);
        const isGone = isSwapped(life.model, name);
        const home = life.model.puts.has(name) ? [Fate.Back] : [Fate.None];
        expect(isGone ? [Fate.Due, Fate.Handed] : home, name).to.include(fate);
        if (fate === Fate.Due) await handOver.take(...args, ethers.ZeroAddress);
        if (fate === Fate.Back) await handOver.takeBack(...args, ethers.ZeroAddress);
        const to = isGone ? world[side === "buyer" ? "sellerOwner" : "buyerOwner"] : world[`${side}Wallet`];
        if (asset.token === world.relic.token) expect(await relics.ownerOf(asset.number)).to.equal(to.address);
        else expect(await coins.balanceOf(to)).to.equal(asset.number);
        if (isGone) expect(isFair(side, life.model, name), `${name} went by fair means`).to.equal(true);
        swapped += Number(isGone);
      }
    }
    expect(await coins.balanceOf(handOver)).to.equal(0n);
    expect(await relics.balanceOf(handOver)).to.equal(0n);
    return swapped;
  }
});
