// Whatever is stated, ruled, receipted and charged: the deal pays what a model of a few lines says, to the last unit.
import { expect } from "chai";
import fc from "fast-check";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { escrowOf } from "../fixtures/deals.ts";
import { fuzz, fuzzTime } from "../fuzz.ts";
import {
  answer,
  claimReceipt,
  type DisputeWorld,
  dispute,
  expectAllBooks,
  expectFree,
  loadDelivered,
  STATEMENT_PERIOD,
} from "./fixtures.ts";

const RUNS = 60;

const share = fc.integer({ min: 0, max: 10_000 });
const amount = fc.bigInt({ min: 0n, max: 300_000_000n });
const course = fc.record({
  native: fc.boolean(),
  price: amount,
  buyerBond: amount,
  sellerBond: amount,
  lapseShare: share,
  maxFee: fc.bigInt({ min: 0n, max: 2_000_000n }),
  cost: fc.bigInt({ min: 0n, max: 3_000_000n }),
  owned: share,
  asked: fc.option(share, { nil: undefined }),
  /** Whether the arbitrator is asked, and what it rules if it does. */
  referred: fc.boolean(),
  ruling: fc.option(
    fc.oneof(fc.bigInt({ min: 3n, max: 10_003n }), fc.constantFrom(0n, 1n, 2n, 3n, 10_003n, 10_004n, 2n ** 255n)),
    { nil: undefined },
  ),
  /** Part of the price for which there is a receipt, in percent, and when it is claimed. */
  receipt: fc.integer({ min: 0, max: 100 }),
  receiptFirst: fc.boolean(),
});

type Course = typeof course extends fc.Arbitrary<infer T> ? T : never;

function least(one: bigint, other: bigint): bigint {
  return BigInt(Math.min(Number(one), Number(other)));
}

/** What the seller gets of price and bonds, and the buyer's deposit back. */
function expected(given: Course) {
  const { price, buyerBond, sellerBond, owned, asked, lapseShare, maxFee, cost, ruling } = given;
  const received = (price * BigInt(given.receipt)) / 100n;
  const pay = (points: number, bonds: bigint) => {
    const earned = (price * BigInt(points)) / 10_000n;
    return (earned < received ? received : earned) + bonds;
  };
  if (asked !== undefined && asked <= owned) return { toSeller: pay(asked, sellerBond), fee: 0n };
  const fee = given.referred ? least(cost, maxFee) : 0n;
  const sensible = ruling !== undefined && ruling >= 1n && ruling <= 10_003n;
  if (!given.referred || !sensible) return { toSeller: pay(lapseShare, sellerBond), fee };
  const said = ruling === 1n ? 0 : ruling === 2n ? 10_000 : Number(ruling) - 3;
  const highest = asked ?? 10_000;
  const right = Math.min(Math.max(said, owned), highest);
  const lead = right - owned - (highest - right);
  const bonds = lead > 500 ? sellerBond + buyerBond : lead < -500 ? 0n : sellerBond;
  return { toSeller: pay(right, bonds), fee };
}

async function play(world: DisputeWorld, given: Course): Promise<void> {
  const { settlement, arbitrator, deal, relayer } = world;
  const received = (deal.price * BigInt(given.receipt)) / 100n;
  const claims = received !== 0n;
  if (claims && given.receiptFirst) await claimReceipt(world, deal, received);
  const since = await dispute(world, given.owned);
  if (claims && !given.receiptFirst) await claimReceipt(world, deal, received);
  if (given.asked === undefined) await networkHelpers.time.increaseTo(since + STATEMENT_PERIOD);
  else await answer(world, given.asked);
  if (given.asked !== undefined && given.asked <= given.owned) return;
  if (given.referred) {
    await arbitrator.setCost(given.cost);
    await settlement.connect(relayer).refer(deal, TRANSCRIPT, { value: 3_000_000n });
    if (given.ruling !== undefined) await arbitrator.forceRuling(settlement, 0n, given.ruling);
  }
  if (given.referred && given.ruling !== undefined) await settlement.execute(deal, TRANSCRIPT);
  else {
    await networkHelpers.time.increaseTo((await settlement.disputeOf(deal)).rulingUntil + 1n);
    await settlement.lapse(deal, TRANSCRIPT);
  }
}

describe("over any course of a dispute", () => {
  it("each side gets what the model says, and nothing is made or lost", async () => {
    const property = fc.asyncProperty(course, async (given) => {
      const { price, buyerBond, sellerBond, lapseShare, maxFee, native } = given;
      const changes = { price, buyerBond, sellerBond, lapseShare, maxFee, ...(native ? { token: NATIVE } : {}) };
      const world = await loadDelivered(changes);
      await play(world, given);
      const { toSeller, fee } = expected(given);
      // the deposit came from outside, so what is left of it is the buyer's gain
      const back = maxFee - fee;
      const gain = toSeller - sellerBond;
      await expectFree(world, world.deal.token, -gain + (native ? back : 0n), gain);
      if (!native) await expectFree(world, NATIVE, back, 0n);
      await expectAllBooks(world, 0n, 0n);
      expect(toSeller <= escrowOf(world.deal)).to.equal(true);
    });
    await fc.assert(property, fuzz(RUNS, 20_260_103));
  }).timeout(fuzzTime(RUNS, 120_000));
});
