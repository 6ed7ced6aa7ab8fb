import { expect } from "chai";
import fc from "fast-check";
import { ethers } from "../fixtures/chain.ts";
import { fuzz, fuzzTime } from "../fuzz.ts";
import { give, loadReputation, type ReputationWorld } from "./fixture.ts";

const INT128_MAX = 2n ** 127n - 1n;
const INT128_MIN = -(2n ** 127n);

const RUNS = 40;

describe("ReputationRegistry.readFeedback", () => {
  it("given an index that doesn't exist, refuses", async () => {
    const world = await loadReputation();
    const { reputation, seller, stranger } = world;
    await give(world, stranger, seller);
    for (const index of [0n, 2n]) {
      await expect(reputation.readFeedback(seller, stranger, index))
        .to.be.revertedWithCustomError(reputation, "FeedbackUnknown")
        .withArgs(seller, stranger.address, index, 1n);
    }
  });
});

describe("ReputationRegistry.getSummary", () => {
  let world: ReputationWorld;

  beforeEach(async () => {
    world = await loadReputation();
  });

  /** Gives the seller these values, as [value, decimals]. */
  async function giveAll(...values: [bigint, bigint][]) {
    for (const [value, valueDecimals] of values) {
      await give(world, world.stranger, world.seller, { value, valueDecimals });
    }
  }

  async function summary(tag1 = "", tag2 = "", clients = [world.stranger]) {
    return await world.reputation.getSummary(world.seller, clients, tag1, tag2);
  }

  it("given no clients, refuses", async () => {
    await expect(summary("", "", []))
      .to.be.revertedWithCustomError(world.reputation, "ClientsMissing")
      .withArgs(world.seller);
  });

  it("of nothing is zero", async () => {
    expect(await summary()).to.deep.equal([0n, 0n, 0n]);
  });

  it("averages, rounding toward zero", async () => {
    await giveAll([80n, 0n], [91n, 0n]);
    expect(await summary()).to.deep.equal([2n, 85n, 0n]);
    await giveAll([-400n, 0n]);
    expect(await summary()).to.deep.equal([3n, -76n, 0n]);
  });

  it("averages what has different decimals, with those that most have", async () => {
    await giveAll([9_950n, 2n], [9_850n, 2n], [100n, 0n]);
    expect(await summary()).to.deep.equal([3n, 9_933n, 2n]);
  });

  it("given as many of each, takes the fewer decimals", async () => {
    await giveAll([9_950n, 2n], [98n, 0n]);
    expect(await summary()).to.deep.equal([2n, 98n, 0n]);
  });

  it("counts only the clients named, one named twice counting twice", async () => {
    const { relayer, seller, stranger } = world;
    await giveAll([80n, 0n]);
    await give(world, relayer, seller, { value: 20n });
    expect(await summary()).to.deep.equal([1n, 80n, 0n]);
    expect(await summary("", "", [stranger, relayer])).to.deep.equal([2n, 50n, 0n]);
    expect(await summary("", "", [stranger, stranger, relayer])).to.deep.equal([3n, 60n, 0n]);
  });

  it("counts only what isn't revoked and has the tags asked for", async () => {
    const { reputation, seller, stranger } = world;
    for (const [value, tag1, tag2] of [
      [10n, "uptime", "day"],
      [20n, "uptime", "week"],
      [30n, "starred", "week"],
      [40n, "uptime", "day"],
    ] as const) {
      await give(world, stranger, seller, { value, tag1, tag2 });
    }
    await reputation.connect(stranger).revokeFeedback(seller, 4n);
    expect(await summary()).to.deep.equal([3n, 20n, 0n]);
    expect(await summary("uptime")).to.deep.equal([2n, 15n, 0n]);
    expect(await summary("", "week")).to.deep.equal([2n, 25n, 0n]);
    expect(await summary("uptime", "week")).to.deep.equal([1n, 20n, 0n]);
    expect(await summary("Uptime")).to.deep.equal([0n, 0n, 0n]);
  });

  it("given the largest values, gives as many decimals as fit", async () => {
    await giveAll([INT128_MAX, 0n], [INT128_MAX, 0n]);
    expect(await summary()).to.deep.equal([2n, INT128_MAX, 0n]);
    await giveAll([1n, 18n], [1n, 18n], [1n, 18n]);
    const [count, value, decimals] = await summary();
    expect([count, decimals]).to.deep.equal([5n, 0n]);
    expect(value).to.equal((2n * INT128_MAX) / 5n);
  });

  it("given values that fit with some of their decimals, gives those", async () => {
    await giveAll([10n ** 30n, 0n], [1n, 18n], [1n, 18n]);
    expect(await summary()).to.deep.equal([3n, 10n ** 38n / 3n, 8n]);
  });

  it("given the smallest values, doesn't wrap around", async () => {
    await giveAll([INT128_MIN, 0n], [INT128_MIN, 18n], [INT128_MIN, 18n]);
    const [count, value, decimals] = await summary();
    expect([count, decimals]).to.deep.equal([3n, 0n]);
    expect(value).to.be.within(INT128_MIN, INT128_MIN / 3n);
  });
});

interface Item {
  value: bigint;
  valueDecimals: bigint;
}

/** What `getSummary` has to give, in the plainest way. */
function average(items: readonly Item[]): [bigint, bigint, bigint] {
  if (items.length === 0) return [0n, 0n, 0n];
  const often = (decimals: bigint) => items.filter((one) => one.valueDecimals === decimals).length;
  const all = Array.from({ length: 19 }, (_, decimals) => BigInt(decimals));
  const most = Math.max(...all.map(often));
  let decimals = all.find((one) => often(one) === most) ?? 0n;
  const sum = items.reduce((total, one) => total + one.value * 10n ** (18n - one.valueDecimals), 0n);
  let value = sum / (BigInt(items.length) * 10n ** (18n - decimals));
  for (; value > INT128_MAX || value < INT128_MIN; decimals -= 1n) value /= 10n;
  return [BigInt(items.length), value, decimals];
}

describe("ReputationRegistry.getSummary, of any feedback", () => {
  it("is what a plain model computes, revoked feedback aside", async () => {
    const item = fc.record({
      value: fc.bigInt({ min: INT128_MIN, max: INT128_MAX }),
      valueDecimals: fc.bigInt({ min: 0n, max: 18n }),
      revoked: fc.boolean(),
    });
    const property = fc.asyncProperty(fc.array(item, { maxLength: 6 }), async (items) => {
      const world = await loadReputation();
      const { reputation, seller, stranger } = world;
      for (const [place, { revoked, ...rating }] of items.entries()) {
        await give(world, stranger, seller, rating);
        if (revoked) await reputation.connect(stranger).revokeFeedback(seller, place + 1);
      }
      const counted = items.filter((one) => !one.revoked);
      expect(await reputation.getSummary(seller, [stranger], "", "")).to.deep.equal(average(counted));
    });
    await fc.assert(property, fuzz(RUNS, 20_260_105));
  }).timeout(fuzzTime(RUNS, 40_000));
});

describe("ReputationRegistry.readAllFeedback", () => {
  let world: ReputationWorld;

  beforeEach(async () => {
    world = await loadReputation();
    const { reputation, seller, stranger, relayer } = world;
    await give(world, stranger, seller, { value: 10n, tag1: "uptime", tag2: "day" });
    await give(world, relayer, seller, { value: 205n, valueDecimals: 1n, tag1: "uptime", tag2: "week" });
    await give(world, stranger, seller, { value: 30n, tag1: "", tag2: "week" });
    await reputation.connect(stranger).revokeFeedback(seller, 1n);
  });

  it("lists everybody's feedback, by client, without what is revoked", async () => {
    const { reputation, seller, stranger, relayer } = world;
    expect(await reputation.readAllFeedback(seller, [], "", "", false)).to.deep.equal([
      [stranger.address, relayer.address],
      [2n, 1n],
      [30n, 205n],
      [0n, 1n],
      ["", "uptime"],
      ["week", "week"],
      [false, false],
    ]);
  });

  it("lists what is revoked if asked to", async () => {
    const { reputation, seller, stranger } = world;
    expect(await reputation.readAllFeedback(seller, [stranger], "", "", true)).to.deep.equal([
      [stranger.address, stranger.address],
      [1n, 2n],
      [10n, 30n],
      [0n, 0n],
      ["uptime", ""],
      ["day", "week"],
      [true, false],
    ]);
  });

  it("lists only the tags asked for", async () => {
    const { reputation, seller } = world;
    const listed = async (tag1: string, tag2: string) => {
      const [, , values] = await reputation.readAllFeedback(seller, [], tag1, tag2, true);
      return values;
    };
    expect(await listed("uptime", "")).to.deep.equal([10n, 205n]);
    expect(await listed("", "week")).to.deep.equal([30n, 205n]);
    expect(await listed("uptime", "day")).to.deep.equal([10n]);
  });

  it("of clients who said nothing and of an unknown agent is empty", async () => {
    const { reputation, seller, buyerOwner } = world;
    const nothing = [[], [], [], [], [], [], []];
    expect(await reputation.readAllFeedback(seller, [buyerOwner, ethers.ZeroAddress], "", "", true)).to.deep.equal(
      nothing,
    );
    expect(await reputation.readAllFeedback(99n, [], "", "", true)).to.deep.equal(nothing);
  });
});
