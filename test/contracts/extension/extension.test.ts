import { expect } from "chai";
import { act } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Kind } from "../fixtures/enums.ts";
import { META_EVIDENCE, settlementAt } from "../fixtures/settlement.ts";
import { load, type World } from "../fixtures/world.ts";
import type { Deal } from "../typedData.ts";

describe("SettlementExtension", () => {
  let world: World;
  let deal: Deal;

  beforeEach(async () => {
    world = await load();
    deal = await makeDeal(world);
    await commit(world, deal);
  });

  it("called directly, takes no coin and asks no arbitrator", async () => {
    const { settlement, buyerWallet, buyer } = world;
    const address = await settlement.extension();
    const extension = await settlementAt(address, buyerWallet);
    const side = { agent: buyer, signer: buyerWallet, kind: Kind.Dispute, body: ethers.ZeroHash };
    const word = await act(world, deal, side);
    const value = { value: deal.maxFee };
    const calls = [
      extension.dispute(deal, TRANSCRIPT, 0, ethers.ZeroHash, value),
      extension.disputeBySession(deal, TRANSCRIPT, 0, ethers.ZeroHash, word, value),
      extension.refer(deal, TRANSCRIPT, value),
    ];
    for (const call of calls) {
      await expect(call).to.be.revertedWithCustomError(settlement, "CalledDirectly").withArgs(address);
    }
    await expect(buyerWallet.sendTransaction({ to: address, value: 1n })).to.be.revertedWithoutReason(ethers);
    expect(await ethers.provider.getBalance(address)).to.equal(0n);
  });

  it("called directly, knows nothing of Settlement's deals, mandates and money", async () => {
    const { settlement, relayer, buyer, buyerOwner, token } = world;
    const extension = await settlementAt(await settlement.extension(), relayer);
    expect(await extension.mandateOf(buyer, token, ethers.ZeroHash)).to.deep.equal([
      false,
      false,
      [0n, 0n, 0n, 0n, ethers.ZeroAddress],
    ]);
    await expect(extension.lapse(deal, TRANSCRIPT)).to.be.revertedWithCustomError(settlement, "DealMismatch");
    await extension.connect(buyerOwner).setUnlimited(buyer, false);
    expect((await settlement.mandateOf(buyer, token, ethers.ZeroHash)).unlimited).to.equal(true);
  });

  it("belongs to one registry, which is Settlement's too", async () => {
    const { deployer } = world;
    const other = await ethers.deployContract("AgentRegistry", deployer);
    const extension = await ethers.deployContract("SettlementExtension", [other, deployer], deployer);
    const made = await ethers.deployContract("Settlement", [extension, META_EVIDENCE], deployer);
    expect(await made.registry()).to.equal(await other.getAddress());
  });

  it("is named by Settlement, which says at its deployment what disputes are about", async () => {
    const { registry, settlement, deployer } = world;
    const extension = await ethers.getContractAt("SettlementExtension", await settlement.extension());
    expect(await extension.registry()).to.equal(await registry.getAddress());
    const made = await ethers.deployContract("Settlement", [extension, META_EVIDENCE], deployer);
    const second = await settlementAt(await made.getAddress(), deployer);
    await expect(made.deploymentTransaction()).to.emit(second, "MetaEvidence").withArgs(0n, META_EVIDENCE);
    expect(await made.extension()).to.equal(await extension.getAddress());
    expect(await made.registry()).to.equal(await registry.getAddress());
  });

  it("can serve several Settlements, which share nothing", async () => {
    const { settlement, deployer, buyer, buyerOwner, token } = world;
    const extension = await settlement.extension();
    const made = await ethers.deployContract("Settlement", [extension, META_EVIDENCE], deployer);
    const second = await settlementAt(await made.getAddress(), deployer);
    await second.connect(buyerOwner).removeMandate(buyer, token, ethers.ZeroHash);
    expect((await second.mandateOf(buyer, token, ethers.ZeroHash)).isSet).to.equal(true);
    expect((await settlement.mandateOf(buyer, token, ethers.ZeroHash)).isSet).to.equal(false);
    await second.connect(deployer).pause();
    expect(await settlement.pausedAt()).to.equal(0n);
  });
});
