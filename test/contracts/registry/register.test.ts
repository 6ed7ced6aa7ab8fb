import { expect } from "chai";
import { ethers, load, type World } from "../fixtures.ts";

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
    expect(await registry.authority(next)).to.deep.equal([stranger.address, 1n]);
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
    expect(await registry.authority(next)).to.deep.equal([await wallet.getAddress(), 1n]);
  });
});

describe("AgentRegistry, of an agent that doesn't exist", () => {
  it("names no wallet and epoch 0", async () => {
    const { registry } = await load();
    for (const id of [0n, 99n]) {
      expect(await registry.authority(id)).to.deep.equal([ethers.ZeroAddress, 0n]);
      expect(await registry.keyEpoch(id)).to.equal(0n);
      await expect(registry.getAgentWallet(id)).to.be.revertedWithCustomError(registry, "ERC721NonexistentToken");
    }
  });
});

describe("AgentRegistry, as a token", () => {
  it("has a name, and says what it supports", async () => {
    const { registry } = await load();
    expect([await registry.name(), await registry.symbol()]).to.deep.equal(["Parley Agent", "AGENT"]);
    const supported = ["0x01ffc9a7", "0x80ac58cd", "0x5b5e139f", "0x49064906"];
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
