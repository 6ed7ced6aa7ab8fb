// Whatever is agreed, declared, cured, penalised and shown, in whatever order: the books add up after every step, and
// in the end everybody can take out all that isn't burnt.
import { expect } from "chai";
import fc from "fast-check";
import { expectBooks } from "../disputes/fixtures.ts";
import { agreeBySession } from "../fixtures/agreements.ts";
import { readAll } from "../fixtures/batch.ts";
import { networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { withoutEstimates } from "../fixtures/estimates.ts";
import { refusalOf } from "../fixtures/refusals.ts";
import { DAY, HOUR } from "../fixtures/time.ts";
import type { World } from "../fixtures/world.ts";
import { fuzz, fuzzRuns, fuzzTime } from "../fuzz.ts";
import type { Deal } from "../typedData.ts";
import { exposureOf, loadStaked, ownerOf, type Side, say, walletOf } from "./fixtures.ts";

const RUNS = 10;

/** Refusals that are part of the game; anything else, a panic above all, fails the run. */
const EXPECTED = new Set([
  "BuyerFundsTooLow",
  "SellerFundsTooLow",
  "DeadlinePassed",
  "DeadlineNotPassed",
  "StatusMismatch",
  "NotOwner",
  "WrongEpoch",
  "FaultPaid",
  "FreeBalanceTooLow",
  "StakeTooLow",
  "StakeNotReleasable",
  "NothingLeaving",
]);

const side = fc.constantFrom<Side>("buyer", "seller");
const amount = fc.bigInt({ min: 0n, max: 60_000_000n });
const step = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constantFrom("withdraw" as const, "deposit" as const, "stake" as const, "unstake" as const),
      side,
      amount: fc.oneof(amount, fc.constant(950_000_000n)),
    }),
    weight: 4,
  },
  { arbitrary: fc.record({ kind: fc.constantFrom("release" as const, "revoke" as const), side }), weight: 1 },
  { arbitrary: fc.record({ kind: fc.constant("agree" as const), side, price: amount, bond: amount }), weight: 4 },
  {
    arbitrary: fc.record({
      kind: fc.constantFrom("cure" as const, "penalise" as const, "equivocate" as const),
      side,
      pick: fc.nat(),
    }),
    weight: 6,
  },
  {
    arbitrary: fc.record({ kind: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: DAY }) }),
    weight: 2,
  },
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Agreed {
  deal: Deal;
  transcript: string;
}

class Run {
  readonly #world: World;
  readonly #deals: Agreed[] = [];
  readonly #token: string;
  readonly seen: Record<string, number> = {};

  constructor(world: World, token: string) {
    this.#world = world;
    this.#token = token;
  }

  async take(step: Step): Promise<void> {
    if (step.kind === "wait") await networkHelpers.time.increase(step.seconds);
    else if (step.kind === "agree") await this.#agree(step);
    else if ("pick" in step) await this.#go(step);
    else if ("amount" in step) await this.#move(step.kind, step.side, step.amount);
    else await this.#leave(step.kind, step.side);
    await expectBooks(this.#world, this.#token, await this.#escrow());
  }

  async #move(kind: "withdraw" | "deposit" | "stake" | "unstake", side: Side, amount: bigint): Promise<void> {
    const { token, stranger } = this.#world;
    const [agent, settlement] = [this.#world[side], this.#world.settlement.connect(ownerOf(this.#world, side))];
    if (kind === "deposit") {
      await token.mint(ownerOf(this.#world, side), amount);
      await settlement.deposit(agent, token, amount, false);
    } else if (kind === "withdraw") await this.#attempt(() => settlement.withdraw(agent, token, stranger, amount));
    else await this.#attempt(() => settlement[kind](agent, token, amount));
  }

  async #leave(kind: "release" | "revoke", side: Side): Promise<void> {
    const { registry, token } = this.#world;
    const settlement = this.#world.settlement.connect(ownerOf(this.#world, side));
    if (kind === "release") await this.#attempt(() => settlement.release(this.#world[side], token));
    else await registry.connect(walletOf(this.#world, side)).revokeKeys(this.#world[side]);
  }

  /** Both sign; now and then one takes its keys back before the other comes to commit or declare. */
  async #agree({ side, price, bond }: Extract<Step, { kind: "agree" }>): Promise<void> {
    const { settlement, registry } = this.#world;
    const deal = await makeDeal(this.#world, { price, buyerBond: bond, sellerBond: bond });
    const { args, transcript } = await agreeBySession(this.#world, deal);
    const other = side === "buyer" ? "seller" : "buyer";
    if (price % 3n === 0n) await registry.connect(walletOf(this.#world, other)).revokeKeys(this.#world[other]);
    const caller = settlement.connect(walletOf(this.#world, side));
    if (await this.#attempt(() => caller.commitOrDeclare(...args))) this.#deals.push({ deal, transcript });
  }

  async #go({ kind, side, pick }: Extract<Step, { pick: number }>): Promise<void> {
    const { settlement } = this.#world;
    const agreed = this.#deals[pick % Math.max(1, this.#deals.length)];
    if (!agreed) return;
    const { deal, transcript } = agreed;
    if (kind === "equivocate") {
      const first = await say(this.#world, deal, side, "Offer");
      const second = await say(this.#world, deal, side, "Accept");
      if (await this.#attempt(() => settlement.equivocation(deal[side], deal, first.said, second.said)))
        this.#see(kind);
    } else if (await this.#attempt(() => settlement.connect(ownerOf(this.#world, side))[kind](deal, transcript))) {
      this.#see(kind);
    }
  }

  /** Everybody stops, and takes out all there is. */
  async finish(): Promise<void> {
    const { settlement, buyerWallet, sellerWallet, token, registry } = this.#world;
    await networkHelpers.time.increase(8 * DAY);
    for (const { deal, transcript } of this.#deals) {
      const { status } = await settlement.recordOf(deal);
      if (status === Status.Declared) await settlement.penalise(deal, transcript);
      if (status === Status.Committed) await settlement.connect(buyerWallet).accept(deal, transcript);
    }
    for (const side of ["buyer", "seller"] as const) {
      const { bonded } = await settlement.stakeOf(this.#world[side], token);
      await this.#move("unstake", side, bonded);
    }
    await networkHelpers.time.increase(7 * DAY + HOUR);
    for (const side of ["buyer", "seller"] as const) {
      await this.#leave("release", side);
      await this.#move("withdraw", side, await settlement.free(this.#world[side], token));
    }
    const { held, burnt } = await settlement.solvent(token);
    expect(held, "only what is burnt is left").to.equal(burnt);
    expect([await registry.getAgentWallet(this.#world.seller)]).to.deep.equal([sellerWallet.address]);
  }

  async #escrow(): Promise<bigint> {
    const { settlement } = this.#world;
    const deals = this.#deals.map(({ deal }) => [deal]);
    const records = await readAll(settlement, "recordOf", deals);
    let sum = 0n;
    for (const [index, { deal }] of this.#deals.entries()) {
      const status = records[index]?.status;
      if (status === Status.Committed) sum += exposureOf(deal, "buyer") + exposureOf(deal, "seller");
      if (status !== Status.Declared) continue;
      const { declarer } = await settlement.declarationOf(deal);
      sum += exposureOf(deal, declarer === deal.buyer ? "buyer" : "seller");
    }
    return sum;
  }

  #see(what: string): void {
    this.seen[what] = (this.seen[what] ?? 0) + 1;
  }

  /** The simulated chain doesn't recognise errors that Settlement doesn't declare itself. */
  async #attempt(send: () => Promise<unknown>): Promise<boolean> {
    try {
      await send();
      return true;
    } catch (error) {
      const name = refusalOf(this.#world.settlement, error);
      if (name === undefined || !EXPECTED.has(name)) throw error;
      return false;
    }
  }
}

describe("over any sequence of faults", () => {
  withoutEstimates();

  it("the books add up, every declaration ends, and only what is burnt stays", async () => {
    const seen: Record<string, number> = {};
    const property = fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 50 }), async (steps) => {
      const world = await loadStaked();
      const run = new Run(world, await world.token.getAddress());
      for (const each of steps) await run.take(each);
      await run.finish();
      for (const [what, times] of Object.entries(run.seen)) seen[what] = (seen[what] ?? 0) + times;
    });
    await fc.assert(property, { ...fuzz(RUNS, 20_260_104), endOnFailure: true });
    // fewer runs than normal may miss something
    if (fuzzRuns(RUNS) < RUNS) return;
    for (const what of ["cure", "penalise", "equivocate"]) expect(seen[what], what).to.be.above(2);
  }).timeout(fuzzTime(RUNS, 120_000));
});
