// The draw is fair. Seeds are counted, not random, so these figures are the same at each run.
import { expect } from "chai";
import { ethers } from "../fixtures/chain.ts";
import { below, distinct } from "./model.ts";

describe("the draw of a panel", () => {
  it("favours no place: each is drawn as often as the others, up to chance", async () => {
    const probe = await ethers.deployContract("CourtProbe");
    for (const [size, count] of [
      [3, 7],
      [7, 11],
      [15, 40],
    ] as const) {
      const tallies = Array<number>(count).fill(0);
      const draws = 3_000;
      for (let first = 0; first < draws; first += 200) {
        const part = await probe.tally.staticCall(first, 200, size, count, { gasLimit: 16_000_000n });
        for (const [place, times] of part.entries()) tallies[place] = (tallies[place] ?? 0) + Number(times);
      }
      expect(tallies.reduce((sum, times) => sum + times)).to.equal(draws * size);
      // Pearson's statistic, scaled for draws without repetition, has about `count - 1` degrees of freedom.
      const mean = (draws * size) / count;
      const spread = tallies.reduce((sum, times) => sum + (times - mean) ** 2, 0) / mean;
      const statistic = (spread * (count - 1)) / (count - size);
      const degrees = count - 1;
      expect(statistic, `${size} of ${count}`).to.be.within(
        degrees - 4 * Math.sqrt(2 * degrees),
        degrees + 4 * Math.sqrt(2 * degrees),
      );
    }
  });

  it("favours no pair: each set of places is as likely as the others", async () => {
    const tallies = new Map<string, number>();
    for (let i = 0; i < 6_000; ++i) {
      const picks = distinct(ethers.toBeHex(i, 32), 3, 5);
      const key = picks.sort().join();
      tallies.set(key, (tallies.get(key) ?? 0) + 1);
    }
    expect(tallies.size).to.equal(10);
    const statistic = [...tallies.values()].reduce((sum, times) => sum + (times - 600) ** 2 / 600, 0);
    // 99.9% of a chi-squared variable with 9 degrees of freedom lie below 27.88.
    expect(statistic).to.be.below(27.88);
  });

  it("is the model's, never draws a place twice, and takes all where all are needed", async () => {
    const probe = await ethers.deployContract("CourtProbe");
    for (const [size, count] of [
      [1, 1],
      [3, 3],
      [3, 4],
      [15, 15],
      [31, 4_000_000_000],
    ] as const) {
      for (let i = 0; i < 20; ++i) {
        const seed = ethers.id(`${size}/${count}/${i}`);
        const picks = (await probe.distinct(seed, size, count)).map(Number);
        expect(picks).to.deep.equal(distinct(seed, size, count));
        expect(new Set(picks).size).to.equal(size);
        expect(Math.max(...picks)).to.be.below(count);
      }
    }
  });

  it("throws away the words that would favour low numbers", async () => {
    const probe = await ethers.deployContract("CourtProbe");
    // With such a bound about half of all words are thrown away.
    const bound = 2n ** 255n + 1n;
    let again = 0;
    for (let i = 0; i < 40; ++i) {
      const seed = ethers.toBeHex(i, 32);
      const drawn = await probe.below(seed, 0, bound);
      expect(drawn).to.equal(below(seed, 0, bound));
      const first = ethers.keccak256(
        ethers.AbiCoder.defaultAbiCoder().encode(["bytes32", "uint256", "uint256"], [seed, 0, 0]),
      );
      if (BigInt(first) % bound !== drawn) ++again;
    }
    expect(again).to.be.within(8, 32);
  });
});
