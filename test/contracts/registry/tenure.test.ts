import { expect } from "chai";
import { setWallet } from "../fixtures/agents.ts";
import { ethers } from "../fixtures/chain.ts";
import { load, type World } from "../fixtures/world.ts";

describe("AgentRegistry.tenure", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("counts owners from 1, and a former owner who comes back as another", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    expect(await registry.tenure(buyer)).to.equal(1n);
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    expect(await registry.tenure(buyer)).to.equal(2n);
    await registry.connect(stranger).transferFrom(stranger, buyerOwner, buyer);
    expect(await registry.tenure(buyer)).to.equal(3n);
    expect(await registry.stateOf(buyer)).to.deep.equal([ethers.ZeroAddress, 4n, 3n, 0n]);
  });

  it("is raised by an operator's transfer and by a safe one too", async () => {
    const { registry, buyer, buyerOwner, stranger, relayer } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    await registry.connect(relayer).transferFrom(buyerOwner, stranger, buyer);
    await registry.connect(stranger)["safeTransferFrom(address,address,uint256)"](stranger, relayer, buyer);
    expect(await registry.tenure(buyer)).to.equal(3n);
  });

  it("isn't raised by a transfer to the same owner, nor by changes of wallet and keys", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    await registry.connect(buyerOwner).transferFrom(buyerOwner, buyerOwner, buyer);
    await registry.connect(buyerOwner).revokeKeys(buyer);
    await setWallet(registry, buyerOwner, buyer, stranger);
    await registry.connect(buyerOwner).unsetAgentWallet(buyer);
    expect(await registry.tenure(buyer)).to.equal(1n);
  });

  it("leaves other agents alone", async () => {
    const { registry, buyer, seller, buyerOwner, stranger } = world;
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    expect(await registry.tenure(seller)).to.equal(1n);
  });

  it("given a transfer that fails, stays", async () => {
    const { registry, settlement, buyer, buyerOwner } = world;
    await expect(
      registry.connect(buyerOwner)["safeTransferFrom(address,address,uint256)"](buyerOwner, settlement, buyer),
    ).to.be.revertedWithCustomError(registry, "ERC721InvalidReceiver");
    expect(await registry.tenure(buyer)).to.equal(1n);
  });
});
