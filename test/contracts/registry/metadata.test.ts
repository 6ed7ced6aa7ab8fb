import { expect } from "chai";
import { ethers } from "../fixtures/chain.ts";
import { load, type World } from "../fixtures/world.ts";

describe("AgentRegistry.setMetadata", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("given the owner, sets an entry, changes it and empties it", async () => {
    const { registry, buyer, buyerOwner } = world;
    for (const value of ["0x1234", "0x56", "0x"]) {
      await expect(registry.connect(buyerOwner).setMetadata(buyer, "agentName", value))
        .to.emit(registry, "MetadataSet")
        .withArgs(buyer, "agentName", "agentName", value);
      expect(await registry.getMetadata(buyer, "agentName")).to.equal(value);
    }
  });

  it("given an address approved for the token or for all tokens, sets it", async () => {
    const { registry, buyer, buyerOwner, relayer, stranger } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    await registry.connect(buyerOwner).setApprovalForAll(stranger, true);
    for (const [operator, value] of [
      [relayer, "0x01"],
      [stranger, "0x02"],
    ] as const) {
      await registry.connect(operator).setMetadata(buyer, "agentName", value);
      expect(await registry.getMetadata(buyer, "agentName")).to.equal(value);
    }
  });

  it("given anybody else, the wallet included, refuses", async () => {
    const { registry, buyer, buyerWallet, sellerOwner } = world;
    for (const caller of [buyerWallet, sellerOwner]) {
      await expect(registry.connect(caller).setMetadata(buyer, "agentName", "0x12"))
        .to.be.revertedWithCustomError(registry, "NotOwnerOrApproved")
        .withArgs(buyer, caller.address);
    }
  });

  it("given the reserved key, refuses, and takes keys that only look like it", async () => {
    const { registry, buyer, buyerOwner, buyerWallet, stranger } = world;
    await expect(registry.connect(buyerOwner).setMetadata(buyer, "agentWallet", stranger.address))
      .to.be.revertedWithCustomError(registry, "MetadataKeyReserved")
      .withArgs(buyer, "agentWallet");
    for (const key of ["agentwallet", "agentWallet\0", " agentWallet"]) {
      await registry.connect(buyerOwner).setMetadata(buyer, key, stranger.address);
    }
    expect(await registry.getMetadata(buyer, "agentWallet")).to.equal(buyerWallet.address.toLowerCase());
    expect(await registry.getAgentWallet(buyer)).to.equal(buyerWallet.address);
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { registry } = world;
    await expect(registry.setMetadata(99n, "agentName", "0x"))
      .to.be.revertedWithCustomError(registry, "ERC721NonexistentToken")
      .withArgs(99n);
  });

  it("keeps entries of any size, at the caller's cost alone", async () => {
    const { registry, buyer, buyerOwner, buyerWallet } = world;
    const key = "k".repeat(5_000);
    const value = `0x${"ab".repeat(5_000)}`;
    await registry.connect(buyerOwner).setMetadata(buyer, key, value);
    expect(await registry.getMetadata(buyer, key)).to.equal(value);
    expect(await registry.stateOf(buyer)).to.deep.equal([buyerWallet.address, 2n, 1n, 0n]);
  });
});

describe("AgentRegistry.getMetadata", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("of the reserved key is the wallet, as long as there is one", async () => {
    const { registry, buyer, buyerOwner, buyerWallet } = world;
    expect(await registry.getMetadata(buyer, "agentWallet")).to.equal(buyerWallet.address.toLowerCase());
    await registry.connect(buyerOwner).unsetAgentWallet(buyer);
    expect(await registry.getMetadata(buyer, "agentWallet")).to.equal("0x");
  });

  it("is empty of what isn't set and of an agent that doesn't exist", async () => {
    const { registry, buyer } = world;
    expect(await registry.getMetadata(buyer, "agentName")).to.equal("0x");
    expect(await registry.getMetadata(99n, "agentName")).to.equal("0x");
    expect(await registry.getMetadata(99n, "agentWallet")).to.equal("0x");
  });

  it("stays with the token when it changes hands, the wallet aside", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    await registry.connect(buyerOwner).setMetadata(buyer, "agentName", "0x12");
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    expect(await registry.getMetadata(buyer, "agentName")).to.equal("0x12");
    expect(await registry.getMetadata(buyer, "agentWallet")).to.equal("0x");
  });
});

describe("AgentRegistry.isAuthorizedOrOwner", () => {
  it("is true of the owner and of whom it approved, of nobody else", async () => {
    const { registry, buyer, buyerOwner, buyerWallet, relayer, sellerOwner, stranger } = await load();
    await registry.connect(buyerOwner).approve(relayer, buyer);
    await registry.connect(buyerOwner).setApprovalForAll(stranger, true);
    for (const one of [buyerOwner, relayer, stranger]) {
      expect(await registry.isAuthorizedOrOwner(one, buyer), one.address).to.equal(true);
    }
    for (const one of [buyerWallet.address, sellerOwner.address, ethers.ZeroAddress]) {
      expect(await registry.isAuthorizedOrOwner(one, buyer), one).to.equal(false);
    }
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { registry, stranger } = await load();
    await expect(registry.isAuthorizedOrOwner(stranger, 99n))
      .to.be.revertedWithCustomError(registry, "ERC721NonexistentToken")
      .withArgs(99n);
  });
});
