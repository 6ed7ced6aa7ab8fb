import { expect } from "chai";
import type { TypedDataDomain } from "ethers";
import { network } from "hardhat";
import {
  agree,
  agreeBySession,
  ethers as ethersHere,
  expectStatus,
  load,
  makeDeal,
  networkHelpers,
  registryDomain,
  Status,
  settlementAt,
  settlementDomain,
  type World,
} from "./fixtures.ts";

const FORK = 31_338;
const OWN_EPOCH = { buyer: { epoch: 1n }, seller: { epoch: 1n } };

/** The same contracts at the same addresses, on a chain that went its own way. */
describe("after a fork of the chain", () => {
  let here: World;
  let there: World;
  let domains: TypedDataDomain[];

  beforeEach(async () => {
    here = await load();
    const { ethers, networkHelpers: helpers } = await network.create({ override: { chainId: FORK } });
    const extension = await here.settlement.extension();
    for (const contract of [here.registry, here.settlement, extension]) {
      const code = await ethersHere.provider.getCode(contract);
      await helpers.setCode(await ethersHere.resolveAddress(contract), code);
    }
    // either clock may be ahead: both started at a real time, and only one is set back between tests
    const latest = Math.max(await networkHelpers.time.latest(), await helpers.time.latest());
    await helpers.time.increaseTo(latest + 1);
    const registry = await ethers.getContractAt("AgentRegistry", await here.registry.getAddress());
    const buyerWallet = await ethers.getSigner(here.buyerWallet.address);
    const sellerWallet = await ethers.getSigner(here.sellerWallet.address);
    const settlement = await settlementAt(await here.settlement.getAddress(), buyerWallet);
    for (const [agent, wallet] of [
      [here.buyer, buyerWallet],
      [here.seller, sellerWallet],
    ] as const) {
      await registry.connect(wallet)["register()"]();
      await settlement.connect(wallet).setUnlimited(agent, true);
    }
    there = { ...here, registry, settlement, buyerWallet, sellerWallet };
    domains = [await registryDomain(registry), await settlementDomain(settlement)];
  });

  it("has domains of its own", async () => {
    const separators = [await there.registry.DOMAIN_SEPARATOR(), await there.settlement.DOMAIN_SEPARATOR()];
    expect(domains.map(({ chainId }) => chainId)).to.deep.equal([BigInt(FORK), BigInt(FORK)]);
    expect(separators).to.deep.equal(domains.map((domain) => ethersHere.TypedDataEncoder.hashDomain(domain)));
  });

  it("refuses agreements and certificates signed for the other chain", async () => {
    const { settlement, buyer } = there;
    const free = await makeDeal(here, { price: 0n, buyerBond: 0n, sellerBond: 0n });
    const epochs = { buyerEpoch: 1n, sellerEpoch: 1n };
    await expect(settlement.commit(...(await agree(here, free, epochs))))
      .to.be.revertedWithCustomError(settlement, "BadWalletSignature")
      .withArgs(buyer, there.buyerWallet.address);
    const { args } = await agreeBySession(here, free, { ...OWN_EPOCH, buyerAccepts: false });
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
