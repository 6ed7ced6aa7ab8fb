import { expect } from "chai";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { at } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";

describe("AgentRegistry.revokeKeys", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("given owner or wallet, ends the epoch and keeps the wallet", async () => {
    const { registry, buyer, buyerOwner, buyerWallet } = world;
    let epoch = 2n;
    for (const caller of [buyerOwner, buyerWallet]) {
      const time = (await networkHelpers.time.latest()) + 10;
      await expect(at(time, () => registry.connect(caller).revokeKeys(buyer)))
        .to.emit(registry, "EpochEnded")
        .withArgs(buyer, epoch, buyerWallet.address, time);
      expect(await registry.ended(buyer, epoch)).to.deep.equal([buyerWallet.address, BigInt(time)]);
      epoch += 1n;
      expect(await registry.stateOf(buyer)).to.deep.equal([buyerWallet.address, epoch, 1n, 0n]);
    }
  });

  it("given anybody else, an approved operator included, refuses", async () => {
    const { registry, buyer, buyerOwner, relayer, sellerWallet } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    for (const caller of [relayer, sellerWallet]) {
      await expect(registry.connect(caller).revokeKeys(buyer))
        .to.be.revertedWithCustomError(registry, "NotOwnerOrWallet")
        .withArgs(buyer, caller.address);
    }
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { registry } = world;
    await expect(registry.revokeKeys(99n)).to.be.revertedWithCustomError(registry, "ERC721NonexistentToken");
  });

  it("leaves other agents' epochs alone", async () => {
    const { registry, buyer, buyerOwner, seller } = world;
    await registry.connect(buyerOwner).revokeKeys(buyer);
    expect(await registry.keyEpoch(seller)).to.equal(2n);
  });
});

describe("AgentRegistry, when an agent changes hands", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("clears the wallet and ends the epoch", async () => {
    const { registry, buyer, buyerOwner, buyerWallet, stranger } = world;
    const sending = registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    await expect(sending).to.emit(registry, "EpochEnded");
    await expect(sending).to.emit(registry, "MetadataSet").withArgs(buyer, "agentWallet", "agentWallet", "0x");
    expect(await registry.stateOf(buyer)).to.deep.equal([ethers.ZeroAddress, 3n, 2n, 0n]);
    expect(await registry.getAgentWallet(buyer)).to.equal(ethers.ZeroAddress);
    expect((await registry.ended(buyer, 2n)).wallet).to.equal(buyerWallet.address);
  });

  it("takes the former wallet's right to revoke, and gives it to the new owner", async () => {
    const { registry, buyer, buyerOwner, buyerWallet, stranger } = world;
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    for (const former of [buyerOwner, buyerWallet]) {
      await expect(registry.connect(former).revokeKeys(buyer)).to.be.revertedWithCustomError(
        registry,
        "NotOwnerOrWallet",
      );
    }
    await registry.connect(stranger).revokeKeys(buyer);
    expect(await registry.keyEpoch(buyer)).to.equal(4n);
  });

  it("given a transfer to the same owner, changes nothing", async () => {
    const { registry, buyer, buyerOwner, buyerWallet } = world;
    await registry.connect(buyerOwner).transferFrom(buyerOwner, buyerOwner, buyer);
    expect(await registry.stateOf(buyer)).to.deep.equal([buyerWallet.address, 2n, 1n, 0n]);
  });
});
