import { expect } from "chai";
import { network } from "hardhat";
import { agreeBySession } from "./fixtures/agreements.ts";
import { ethers } from "./fixtures/chain.ts";
import { expectStatus, makeDeal } from "./fixtures/deals.ts";
import { Status } from "./fixtures/enums.ts";
import { worldOn } from "./fixtures/otherChain.ts";
import { load, type World } from "./fixtures/world.ts";
import type { Deal } from "./typedData.ts";

const PRECOMPILE = "0x0000000000000000000000000000000000000100";

/** The same contracts at the same addresses, where P-256 has to be computed. */
describe("on a chain without the precompile of EIP-7951", () => {
  let there: World;
  let deal: Deal;

  beforeEach(async () => {
    const chain = await network.create({ override: { hardfork: "prague" } });
    expect(await chain.ethers.provider.call({ to: PRECOMPILE, data: "0x" })).to.equal("0x");
    there = await worldOn(chain, await load());
    deal = await makeDeal(there, { price: 0n, buyerBond: 0n, sellerBond: 0n });
  });

  it("verifies session keys all the same", async () => {
    const { args } = await agreeBySession(there, deal);
    const mined = await (await there.settlement.commitBySession(...args)).wait();
    const block = await mined?.getBlock();
    await expectStatus(there.settlement, deal, Status.Committed, block?.timestamp ?? 0);
  });

  it("refuses another body than was signed, and the higher s", async () => {
    for (const buyer of [{ body: ethers.id("another") }, { highS: true }]) {
      const { args } = await agreeBySession(there, deal, { buyer });
      await expect(there.settlement.commitBySession(...args)).to.be.revertedWithCustomError(
        there.settlement,
        "BadEnvelopeSignature",
      );
    }
  });
});
