import { expect } from "chai";
import { ethers } from "../fixtures/chain.ts";
import { DAY, MINUTE } from "../fixtures/time.ts";
import { deploy, LONGEST, PARAMETERS, PENALTY } from "./fixtures.ts";

const MOST = 2n ** 96n - 1n;

describe("a Court's parameters", () => {
  it("are what it was deployed with", async () => {
    const court = await deploy();
    const { panelSizes, ...given } = PARAMETERS;
    const actual = await court.parameters();
    expect([...actual.panelSizes]).to.deep.equal(panelSizes.map(BigInt));
    expect([...actual].slice(0, -1)).to.deep.equal(Object.values(given).map(BigInt));
    expect(await court.penalty()).to.equal(PENALTY);
    expect(await court.longestDispute()).to.equal(LONGEST);
    expect(await court.seatCount()).to.equal(0n);
  });

  for (const [name, lowest, highest] of [
    ["seatStake", 1n, MOST],
    ["feePerVote", 1n, MOST],
    ["penaltyShare", 1n, 10_000n],
    ["seedDelay", 1n, 256n],
    ["drawTime", BigInt(MINUTE), BigInt(30 * DAY)],
    ["commitTime", BigInt(MINUTE), BigInt(30 * DAY)],
    ["revealTime", BigInt(MINUTE), BigInt(30 * DAY)],
    ["appealTime", BigInt(MINUTE), BigInt(30 * DAY)],
  ] as const) {
    it(`are refused with a ${name} outside its bounds, taken at them`, async () => {
      const court = await deploy();
      for (const value of highest === MOST ? [lowest - 1n] : [lowest - 1n, highest + 1n]) {
        await expect(deploy({ [name]: value }))
          .to.be.revertedWithCustomError(court, "ParameterOutOfRange")
          .withArgs(ethers.encodeBytes32String(name), value, lowest, highest);
      }
      for (const value of [lowest, highest]) {
        await deploy({ [name]: value, ...(name === "seatStake" && { penaltyShare: 10_000n }) });
      }
    });
  }

  it("are refused with a penalty that is nothing", async () => {
    const court = await deploy();
    await expect(deploy({ seatStake: 9_999n, penaltyShare: 1n }))
      .to.be.revertedWithCustomError(court, "ParameterOutOfRange")
      .withArgs(ethers.encodeBytes32String("penalty"), 0n, 1n, 9_999n);
    await deploy({ seatStake: 10_000n, penaltyShare: 1n });
  });

  it("are refused with panels that are even, don't grow, or are too large", async () => {
    const court = await deploy();
    for (const [panelSizes, even] of [
      [[0, 5, 9], 0n],
      [[3, 4, 9], 4n],
      [[3, 5, 32], 32n],
    ] as const) {
      await expect(deploy({ panelSizes: [...panelSizes] }))
        .to.be.revertedWithCustomError(court, "PanelSizeEven")
        .withArgs(even);
    }
    for (const [panelSizes, size, lowest] of [
      [[3, 3, 9], 3n, 4n],
      [[3, 5, 5], 5n, 6n],
      [[7, 5, 9], 5n, 8n],
      [[3, 5, 33], 33n, 6n],
      [[33, 35, 37], 33n, 1n],
    ] as const) {
      await expect(deploy({ panelSizes: [...panelSizes] }))
        .to.be.revertedWithCustomError(court, "ParameterOutOfRange")
        .withArgs(ethers.encodeBytes32String("panelSizes"), size, lowest, 31n);
    }
    await deploy({ panelSizes: [1, 3, 5] });
    await deploy({ panelSizes: [27, 29, 31] });
  });
});
