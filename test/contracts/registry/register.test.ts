import { expect } from "chai";
import { ethers } from "../fixtures/chain.ts";
import { load, type World } from "../fixtures/world.ts";

const URI = "https://agent.example/agent-registration.json";

describe("AgentRegistry.register", () => {
  let world: World;
  let next: bigint;

  beforeEach(async () => {
    world = await load();
    next = (await world.registry.agentCount()) + 1n;
  });

  it("counts ids from 1", () => {
    expect([world.buyer, world.seller]).to.deep.equal([1n, 2n]);
  });

  it("makes the caller owner and wallet, in the first key epoch", async () => {
    const { registry, stranger } = world;
    await registry.connect(stranger)["register()"]();
    expect(await registry.agentCount()).to.equal(next);
    expect(await registry.ownerOf(next)).to.equal(stranger.address);
    expect(await registry.getAgentWallet(next)).to.equal(stranger.address);
    expect(await registry.keyEpoch(next)).to.equal(1n);
    expect(await registry.stateOf(next)).to.deep.equal([stranger.address, 1n, 1n, 0n]);
    expect(await registry.tokenURI(next)).to.equal("");
  });

  it("emits the events of ERC-8004", async () => {
    const { registry, stranger } = world;
    const sending = registry.connect(stranger)["register(string)"](URI);
    await expect(sending).to.emit(registry, "Registered").withArgs(next, URI, stranger.address);
    await expect(sending).to.emit(registry, "Transfer").withArgs(ethers.ZeroAddress, stranger.address, next);
    await expect(sending)
      .to.emit(registry, "MetadataSet")
      .withArgs(next, "agentWallet", "agentWallet", stranger.address.toLowerCase());
  });

  it("given no URI, emits an empty one", async () => {
    const { registry, stranger } = world;
    await expect(registry.connect(stranger)["register()"]())
      .to.emit(registry, "Registered")
      .withArgs(next, "", stranger.address);
  });

  it("given a URI, keeps it", async () => {
    const { registry, stranger } = world;
    await registry.connect(stranger)["register(string)"](URI);
    expect(await registry.tokenURI(next)).to.equal(URI);
  });

  it("given a contract that says nothing about tokens, registers it all the same", async () => {
    const { registry, stranger } = world;
    const wallet = await ethers.deployContract("ContractWallet", [stranger]);
    const call = registry.interface.encodeFunctionData("register()");
    await wallet.connect(stranger).execute(registry, 0, call);
    expect(await registry.stateOf(next)).to.deep.equal([await wallet.getAddress(), 1n, 1n, 0n]);
  });
});

describe("AgentRegistry.register, with metadata", () => {
  let world: World;
  let next: bigint;

  beforeEach(async () => {
    world = await load();
    next = (await world.registry.agentCount()) + 1n;
  });

  it("keeps URI and entries, and emits an event for each entry besides the wallet's", async () => {
    const { registry, stranger } = world;
    const sending = registry.connect(stranger)["register(string,(string,bytes)[])"](URI, [
      { metadataKey: "agentName", metadataValue: "0x1234" },
      { metadataKey: "", metadataValue: "0x" },
    ]);
    await expect(sending).to.emit(registry, "Registered").withArgs(next, URI, stranger.address);
    await expect(sending).to.emit(registry, "MetadataSet").withArgs(next, "agentName", "agentName", "0x1234");
    await expect(sending).to.emit(registry, "MetadataSet").withArgs(next, "", "", "0x");
    await expect(sending)
      .to.emit(registry, "MetadataSet")
      .withArgs(next, "agentWallet", "agentWallet", stranger.address.toLowerCase());
    expect(await registry.tokenURI(next)).to.equal(URI);
    expect(await registry.getMetadata(next, "agentName")).to.equal("0x1234");
    expect(await registry.stateOf(next)).to.deep.equal([stranger.address, 1n, 1n, 0n]);
  });

  it("given one key twice, keeps the later value", async () => {
    const { registry, stranger } = world;
    await registry.connect(stranger)["register(string,(string,bytes)[])"]("", [
      { metadataKey: "agentName", metadataValue: "0x12" },
      { metadataKey: "agentName", metadataValue: "0x34" },
    ]);
    expect(await registry.getMetadata(next, "agentName")).to.equal("0x34");
  });

  it("given the reserved key in any place, refuses the whole", async () => {
    const { registry, stranger, relayer } = world;
    const reserved = { metadataKey: "agentWallet", metadataValue: relayer.address };
    const other = { metadataKey: "agentName", metadataValue: "0x12" };
    for (const metadata of [[reserved], [other, reserved]]) {
      await expect(registry.connect(stranger)["register(string,(string,bytes)[])"](URI, metadata))
        .to.be.revertedWithCustomError(registry, "MetadataKeyReserved")
        .withArgs(next, "agentWallet");
    }
    expect(await registry.agentCount()).to.equal(next - 1n);
  });
});

describe("AgentRegistry.registerMany", () => {
  let world: World;
  let next: bigint;

  beforeEach(async () => {
    world = await load();
    next = (await world.registry.agentCount()) + 1n;
  });

  it("registers one agent for each URI, without a gap", async () => {
    const { registry, stranger } = world;
    const uris = [URI, "", "ipfs://two"];
    expect(await registry.connect(stranger).registerMany.staticCall(uris)).to.equal(next);
    const sending = registry.connect(stranger).registerMany(uris);
    for (const [index, uri] of uris.entries()) {
      const id = next + BigInt(index);
      await expect(sending).to.emit(registry, "Registered").withArgs(id, uri, stranger.address);
      await expect(sending).to.emit(registry, "Transfer").withArgs(ethers.ZeroAddress, stranger.address, id);
      await expect(sending)
        .to.emit(registry, "MetadataSet")
        .withArgs(id, "agentWallet", "agentWallet", stranger.address.toLowerCase());
      expect(await registry.tokenURI(id)).to.equal(uri);
      expect(await registry.stateOf(id)).to.deep.equal([stranger.address, 1n, 1n, 0n]);
    }
    expect(await registry.agentCount()).to.equal(next + 2n);
    expect(await registry.balanceOf(stranger)).to.equal(3n);
  });

  it("given none, refuses", async () => {
    const { registry, stranger } = world;
    await expect(registry.connect(stranger).registerMany([])).to.be.revertedWithCustomError(
      registry,
      "NothingToRegister",
    );
  });

  it("given more than the caller's gas allows, registers none of them", async () => {
    const { registry, stranger } = world;
    const many = new Array<string>(50).fill(URI);
    await expect(registry.connect(stranger).registerMany(many, { gasLimit: 1_000_000n })).to.be.revert(ethers);
    expect(await registry.agentCount()).to.equal(next - 1n);
  });
});

describe("AgentRegistry, of an agent that doesn't exist", () => {
  it("names no wallet and epoch 0", async () => {
    const { registry } = await load();
    for (const id of [0n, 99n]) {
      expect(await registry.stateOf(id)).to.deep.equal([ethers.ZeroAddress, 0n, 0n, 0n]);
      expect(await registry.keyEpoch(id)).to.equal(0n);
      expect(await registry.tenure(id)).to.equal(0n);
      await expect(registry.getAgentWallet(id)).to.be.revertedWithCustomError(registry, "ERC721NonexistentToken");
    }
  });
});

/** The id by ERC-165 of what IAgentRegistry adds to ERC-721. */
async function ownInterfaceId(): Promise<string> {
  const inherited = [
    "balanceOf(address)",
    "ownerOf(uint256)",
    "approve(address,uint256)",
    "getApproved(uint256)",
    "setApprovalForAll(address,bool)",
    "isApprovedForAll(address,address)",
    "transferFrom(address,address,uint256)",
    "safeTransferFrom(address,address,uint256)",
    "safeTransferFrom(address,address,uint256,bytes)",
    "supportsInterface(bytes4)",
  ];
  const contract = await ethers.getContractAt("IAgentRegistry", ethers.ZeroAddress);
  let id = 0n;
  contract.interface.forEachFunction((one) => {
    if (!inherited.includes(one.format())) id ^= BigInt(one.selector);
  });
  return ethers.toBeHex(id, 4);
}

describe("AgentRegistry, as a token", () => {
  it("has a name, and says what it supports", async () => {
    const { registry } = await load();
    expect([await registry.name(), await registry.symbol()]).to.deep.equal(["Parley Agent", "AGENT"]);
    const supported = ["0x01ffc9a7", "0x80ac58cd", "0x5b5e139f", "0x49064906"];
    supported.push(await ownInterfaceId());
    for (const id of supported) expect(await registry.supportsInterface(id), id).to.equal(true);
    expect(await registry.supportsInterface("0xffffffff")).to.equal(false);
  });

  it("signs under the domain of ERC-8004's reference", async () => {
    const { registry } = await load();
    const { name, version, chainId, verifyingContract } = await registry.eip712Domain();
    expect([name, version]).to.deep.equal(["ERC8004IdentityRegistry", "1"]);
    const separator = ethers.TypedDataEncoder.hashDomain({ name, version, chainId, verifyingContract });
    expect(await registry.DOMAIN_SEPARATOR()).to.equal(separator);
  });
});
