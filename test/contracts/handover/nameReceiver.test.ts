import { expect } from "chai";
import { commit } from "../fixtures/agreements.ts";
import { ethers } from "../fixtures/chain.ts";
import { exchange, expectRefused, type HandOverWorld, holderOf, loadHandOver, put } from "./fixtures.ts";

describe("HandOver.nameReceiver", () => {
  let world: HandOverWorld;

  beforeEach(async () => {
    world = await loadHandOver();
  });

  it("given the owner, sends there what is due to the agent, until it says otherwise", async () => {
    const { registry, handOver, deal, relic, buyer, buyerOwner, stranger } = world;
    await expect(handOver.connect(buyerOwner).nameReceiver(buyer, stranger))
      .to.emit(handOver, "ReceiverNamed")
      .withArgs(buyer, await registry.tenure(buyer), stranger.address);
    expect(await handOver.receiverOf(buyer)).to.equal(stranger.address);
    await commit(world, deal);
    await put(world, "seller", relic);
    await exchange(world, { fromSeller: [relic] });
    expect(await holderOf(world)).to.equal(stranger.address);
    await handOver.connect(buyerOwner).nameReceiver(buyer, ethers.ZeroAddress);
    expect(await handOver.receiverOf(buyer)).to.equal(buyerOwner.address);
  });

  it("refuses the wallet, operators and everybody else: no key of an agent moves what is its owner's", async () => {
    const { registry, handOver, buyer, buyerOwner, buyerWallet, relayer, stranger } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    for (const by of [buyerWallet, relayer, stranger]) {
      await expectRefused(world, handOver.connect(by).nameReceiver(buyer, by), "NotOwner", buyer, by.address);
    }
  });

  it("ends when the agent is sold, and doesn't come back with its former owner", async () => {
    const { registry, handOver, buyer, buyerOwner, stranger, relayer } = world;
    await handOver.connect(buyerOwner).nameReceiver(buyer, relayer);
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    expect(await handOver.receiverOf(buyer)).to.equal(stranger.address);
    await registry.connect(stranger).transferFrom(stranger, buyerOwner, buyer);
    expect(await handOver.receiverOf(buyer)).to.equal(buyerOwner.address);
  });

  it("lets a contract that owns the agent name itself", async () => {
    const { registry, handOver, buyer, buyerOwner } = world;
    const safe = await ethers.deployContract("ContractWallet", [buyerOwner]);
    await registry.connect(buyerOwner).transferFrom(buyerOwner, safe, buyer);
    expect(await handOver.receiverOf(buyer)).to.equal(ethers.ZeroAddress);
    const data = handOver.interface.encodeFunctionData("nameReceiver", [buyer, await safe.getAddress()]);
    await safe.connect(buyerOwner).execute(handOver, 0n, data);
    expect(await handOver.receiverOf(buyer)).to.equal(await safe.getAddress());
  });

  it("knows no agent that doesn't exist", async () => {
    const { registry, handOver } = world;
    for (const asking of [handOver.receiverOf(99n), handOver.nameReceiver(99n, ethers.ZeroAddress)]) {
      await expect(asking).to.be.revertedWithCustomError(registry, "ERC721NonexistentToken");
    }
  });
});
