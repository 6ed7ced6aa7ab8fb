import { expect } from "chai";
import { load, type World } from "../fixtures/world.ts";

const URI = "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";

describe("AgentRegistry.setAgentURI", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("given the owner, changes it", async () => {
    const { registry, buyer, buyerOwner } = world;
    await expect(registry.connect(buyerOwner).setAgentURI(buyer, URI))
      .to.emit(registry, "URIUpdated")
      .withArgs(buyer, URI, buyerOwner.address);
    expect(await registry.tokenURI(buyer)).to.equal(URI);
  });

  it("given an address approved for the token or for all tokens, changes it", async () => {
    const { registry, buyer, buyerOwner, relayer, stranger } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    await registry.connect(buyerOwner).setApprovalForAll(stranger, true);
    for (const operator of [relayer, stranger]) {
      await expect(registry.connect(operator).setAgentURI(buyer, URI))
        .to.emit(registry, "URIUpdated")
        .withArgs(buyer, URI, operator.address);
    }
  });

  it("given anybody else, the wallet included, refuses", async () => {
    const { registry, buyer, buyerWallet, sellerOwner } = world;
    for (const caller of [buyerWallet, sellerOwner]) {
      await expect(registry.connect(caller).setAgentURI(buyer, URI))
        .to.be.revertedWithCustomError(registry, "NotOwnerOrApproved")
        .withArgs(buyer, caller.address);
    }
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { registry } = world;
    await expect(registry.setAgentURI(99n, URI))
      .to.be.revertedWithCustomError(registry, "ERC721NonexistentToken")
      .withArgs(99n);
  });
});
