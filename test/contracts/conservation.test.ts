// Whatever is done, in whatever order: money is neither made nor lost, and the contract does what a model of a few
// lines says.
import { expect } from "chai";
import fc from "fast-check";
import { agree, agreeBySession, DAY, ethers, load, makeDeal, NATIVE, networkHelpers, type World } from "./fixtures.ts";
import { fuzz, fuzzTime } from "./fuzz.ts";
import type { Deal } from "./typedData.ts";

const RUNS = 40;

type Side = "buyer" | "seller";
type Step =
  | { kind: "move"; way: "deposit" | "withdraw"; side: Side; native: boolean; amount: bigint }
  | { kind: "commit"; native: boolean; metered: boolean; bySession: boolean; money: [bigint, bigint, bigint] }
  | { kind: "act"; name: "deliver" | "accept" | "claim" | "refund"; pick: number }
  | { kind: "wait"; seconds: number };

const amount = fc.bigInt({ min: 0n, max: 600_000_000n });
const side = fc.constantFrom<Side>("buyer", "seller");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant("move" as const),
    way: fc.constantFrom("deposit" as const, "withdraw" as const),
    side,
    native: fc.boolean(),
    amount,
  }),
  fc.record({
    kind: fc.constant("commit" as const),
    native: fc.boolean(),
    metered: fc.boolean(),
    bySession: fc.boolean(),
    money: fc.tuple(amount, amount, amount),
  }),
  fc.record({
    kind: fc.constant("act" as const),
    name: fc.constantFrom("deliver" as const, "accept" as const, "claim" as const, "refund" as const),
    pick: fc.nat(),
  }),
  fc.record({ kind: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 3 * DAY }) }),
);

interface Running {
  deal: Deal;
  transcript: string;
  status: "committed" | "delivered" | "settled";
  since: number;
}

/** What ought to be: free balances by token and side, and every deal with its status. */
class Model {
  readonly free: Record<string, Record<Side, bigint>> = {};
  readonly deals: Running[] = [];

  of(token: string): Record<Side, bigint> {
    const known = this.free[token];
    if (known) return known;
    const fresh = { buyer: 0n, seller: 0n };
    this.free[token] = fresh;
    return fresh;
  }

  escrow(token: string): bigint {
    return this.deals
      .filter(({ deal, status }) => deal.token === token && status !== "settled")
      .reduce((sum, { deal }) => sum + deal.price + deal.buyerBond + deal.sellerBond, 0n);
  }

  /** Who gets what if the act succeeds at this second, or nothing if it must fail. */
  payout(act: "accept" | "claim" | "refund", { deal, status, since }: Running, now: number) {
    const paid = { buyer: deal.buyerBond, seller: deal.price + deal.sellerBond };
    if (act === "accept") return status === "settled" ? undefined : paid;
    if (act === "claim") return status === "delivered" && now > since + deal.reviewPeriod ? paid : undefined;
    if (status !== "committed" || now <= since + deal.deliverWithin + DAY) return undefined;
    const metered = deal.reviewPeriod === 0;
    return {
      buyer: deal.price + deal.buyerBond + (metered ? 0n : deal.sellerBond),
      seller: metered ? deal.sellerBond : 0n,
    };
  }
}

class Run {
  readonly world: World;
  readonly model: Model;
  readonly token: string;

  constructor(world: World, model: Model, token: string) {
    this.world = world;
    this.model = model;
    this.token = token;
  }

  static async start(): Promise<Run> {
    const world = await load();
    const token = await world.token.getAddress();
    const run = new Run(world, new Model(), token);
    for (const each of [token, NATIVE]) {
      run.model.of(each).buyer = await world.settlement.free(world.buyer, each);
      run.model.of(each).seller = await world.settlement.free(world.seller, each);
    }
    return run;
  }

  async take(step: Step): Promise<void> {
    if (step.kind === "wait") await networkHelpers.time.increase(step.seconds);
    else if (step.kind === "commit") await this.#commit(step);
    else if (step.kind === "act") await this.#act(step);
    else if (step.way === "deposit") await this.#deposit(step);
    else await this.#withdraw(step);
    await this.#check();
  }

  async #deposit({ side, native, amount }: Extract<Step, { kind: "move" }>): Promise<void> {
    const { settlement, token } = this.world;
    const owner = this.world[`${side}Owner`];
    if (native) await settlement.connect(owner).depositNative(this.world[side], false, { value: amount });
    else {
      await token.mint(owner, amount);
      await settlement.connect(owner).deposit(this.world[side], token, amount, false);
    }
    this.model.of(native ? NATIVE : this.token)[side] += amount;
  }

  async #withdraw({ side, native, amount }: Extract<Step, { kind: "move" }>): Promise<void> {
    const { settlement, stranger } = this.world;
    const token = native ? NATIVE : this.token;
    const free = this.model.of(token);
    const sending = settlement.connect(this.world[`${side}Owner`]).withdraw(this.world[side], token, stranger, amount);
    if (amount > free[side]) {
      await expect(sending).to.be.revertedWithCustomError(settlement, "FreeBalanceTooLow");
      return;
    }
    await sending;
    free[side] -= amount;
  }

  async #commit({ native, metered, bySession, money }: Extract<Step, { kind: "commit" }>): Promise<void> {
    const { settlement } = this.world;
    const [price, buyerBond, sellerBond] = money;
    const token = native ? NATIVE : this.token;
    const reviewPeriod = metered ? 0 : DAY;
    const deal = await makeDeal(this.world, { token, price, buyerBond, sellerBond, reviewPeriod });
    const byWallet = await agree(this.world, deal);
    const keys = await agreeBySession(this.world, deal);
    const sending = bySession ? settlement.commitBySession(...keys.args) : settlement.commit(...byWallet);
    const free = this.model.of(token);
    const error =
      free.buyer < price + buyerBond ? "BuyerFundsTooLow" : free.seller < sellerBond ? "SellerFundsTooLow" : undefined;
    if (error) {
      await expect(sending).to.be.revertedWithCustomError(settlement, error);
      return;
    }
    await sending;
    free.buyer -= price + buyerBond;
    free.seller -= sellerBond;
    const since = await networkHelpers.time.latest();
    this.model.deals.push({ deal, transcript: bySession ? keys.transcript : byWallet[1], status: "committed", since });
  }

  async #act({ name, pick }: Extract<Step, { kind: "act" }>): Promise<void> {
    const { settlement, buyerWallet, sellerWallet, relayer } = this.world;
    const running = this.model.deals[pick % Math.max(1, this.model.deals.length)];
    if (!running) return;
    const { deal, transcript } = running;
    const now = (await networkHelpers.time.latest()) + 1;
    await networkHelpers.time.setNextBlockTimestamp(now);
    if (name === "deliver") {
      const inTime = now <= running.since + deal.deliverWithin;
      const may = running.status === "committed" && deal.reviewPeriod !== 0 && inTime;
      const sending = settlement.connect(sellerWallet).deliver(deal, transcript, ethers.ZeroHash);
      if (!may) return await expect(sending).to.revert(ethers);
      await sending;
      Object.assign(running, { status: "delivered", since: now });
      return;
    }
    const sending = settlement.connect(name === "accept" ? buyerWallet : relayer)[name](deal, transcript);
    const payout = this.model.payout(name, running, now);
    if (!payout) return await expect(sending).to.revert(ethers);
    await sending;
    const free = this.model.of(deal.token);
    free.buyer += payout.buyer;
    free.seller += payout.seller;
    Object.assign(running, { status: "settled", since: now });
  }

  async #check(): Promise<void> {
    const { settlement, token, buyer, seller } = this.world;
    for (const each of [this.token, NATIVE]) {
      const free = this.model.of(each);
      expect(await settlement.free(buyer, each)).to.equal(free.buyer);
      expect(await settlement.free(seller, each)).to.equal(free.seller);
      const held = each === NATIVE ? await ethers.provider.getBalance(settlement) : await token.balanceOf(settlement);
      expect(free.buyer + free.seller + this.model.escrow(each), "free + escrow = held").to.equal(held);
    }
  }
}

describe("over any sequence of operations", () => {
  it("free balances and escrow add up to what is held, and follow the model", async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const run = await Run.start();
      for (const each of steps) await run.take(each);
    });
    await fc.assert(property, fuzz(RUNS));
  }).timeout(fuzzTime(RUNS, 120_000));
});
