import { expect } from "chai";
import { network } from "hardhat";
import {
  agreeBySession,
  ethers as ethersHere,
  expectStatus,
  load,
  makeDeal,
  networkHelpers,
  Status,
  settlementAt,
  type World,
} from "./fixtures.ts";
import type { Deal } from "./typedData.ts";

const PRECOMPILE = "0x0000000000000000000000000000000000000100";
const OWN_EPOCH = { buyer: { epoch: 1n }, seller: { epoch: 1n } };

/** The same contracts at the same addresses, where P-256 has to be computed. */
describe("on a chain without the precompile of EIP-7951", () => {
  let there: World;
  let deal: Deal;

  beforeEach(async () => {
    const here = await load();
    const { ethers, networkHelpers: helpers } = await network.create({ override: { hardfork: "prague" } });
    const extension = await here.settlement.extension();
    const verifier = await (await ethersHere.getContractAt("SettlementExtension", extension)).verifier();
    for (const contract of [here.registry, here.settlement, extension, verifier]) {
      const code = await ethersHere.provider.getCode(contract);
      await helpers.setCode(await ethersHere.resolveAddress(contract), code);
    }
    await helpers.time.increaseTo(Math.max(await networkHelpers.time.latest(), await helpers.time.latest()) + 1);
    expect(await ethers.provider.call({ to: PRECOMPILE, data: "0x" })).to.equal("0x");
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
    deal = await makeDeal(there, { price: 0n, buyerBond: 0n, sellerBond: 0n });
  });

  it("verifies session keys all the same", async () => {
    const { args } = await agreeBySession(there, deal, OWN_EPOCH);
    const mined = await (await there.settlement.commitBySession(...args)).wait();
    const block = await mined?.getBlock();
    await expectStatus(there.settlement, deal, Status.Committed, block?.timestamp ?? 0);
  });

  it("refuses another body than was signed, and the higher s", async () => {
    for (const buyer of [{ body: ethersHere.id("another") }, { highS: true }]) {
      const { args } = await agreeBySession(there, deal, { ...OWN_EPOCH, buyer: { ...OWN_EPOCH.buyer, ...buyer } });
      await expect(there.settlement.commitBySession(...args)).to.be.revertedWithCustomError(
        there.settlement,
        "BadEnvelopeSignature",
      );
    }
  });
});
