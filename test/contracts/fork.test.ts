import { expect } from "chai";
import type { TypedDataDomain } from "ethers";
import { network } from "hardhat";
import { agree, agreeBySession } from "./fixtures/agreements.ts";
import { ethers } from "./fixtures/chain.ts";
import { expectStatus, makeDeal } from "./fixtures/deals.ts";
import { registryDomain, settlementDomain } from "./fixtures/domains.ts";
import { Status } from "./fixtures/enums.ts";
import { worldOn } from "./fixtures/otherChain.ts";
import { load, type World } from "./fixtures/world.ts";

const FORK = 31_338;

/** The same contracts at the same addresses, on a chain that went its own way. */
describe("after a fork of the chain", () => {
  let here: World;
  let there: World;
  let domains: TypedDataDomain[];

  beforeEach(async () => {
    here = await load();
    there = await worldOn(await network.create({ override: { chainId: FORK } }), here);
    domains = [await registryDomain(there.registry), await settlementDomain(there.settlement)];
  });

  it("has domains of its own", async () => {
    const separators = [await there.registry.DOMAIN_SEPARATOR(), await there.settlement.DOMAIN_SEPARATOR()];
    expect(domains.map(({ chainId }) => chainId)).to.deep.equal([BigInt(FORK), BigInt(FORK)]);
    expect(separators).to.deep.equal(domains.map((domain) => ethers.TypedDataEncoder.hashDomain(domain)));
  });

  it("refuses agreements and certificates signed for the other chain", async () => {
    const { settlement, buyer } = there;
    const free = await makeDeal(here, { price: 0n, buyerBond: 0n, sellerBond: 0n });
    const epochs = { buyerEpoch: 1n, sellerEpoch: 1n };
    await expect(settlement.commit(...(await agree(here, free, epochs))))
      .to.be.revertedWithCustomError(settlement, "BadWalletSignature")
      .withArgs(buyer, there.buyerWallet.address);
    const sides = { buyer: { epoch: 1n }, seller: { epoch: 1n } };
    const { args } = await agreeBySession(here, free, { ...sides, buyerAccepts: false });
    await expect(settlement.commitBySession(...args))
      .to.be.revertedWithCustomError(settlement, "BadCertificate")
      .withArgs(buyer, there.buyerWallet.address);
  });

  it("takes those signed for it", async () => {
    const { settlement } = there;
    const free = await makeDeal(here, { price: 0n, buyerBond: 0n, sellerBond: 0n });
    await settlement.commitBySession(...(await agreeBySession(there, free)).args);
    expect((await settlement.recordOf(free)).status).to.equal(Status.Committed);
    await expectStatus(here.settlement, free, Status.None, 0);
  });
});
