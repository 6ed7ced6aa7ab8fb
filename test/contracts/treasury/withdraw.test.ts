import { expect } from "chai";
import { registerAgent } from "../fixtures/agents.ts";
import { commit } from "../fixtures/agreements.ts";
import { ethers, NATIVE, networkHelpers, type TestSigner } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { at, HOUR } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";

describe("Settlement.withdraw", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  it("given the owner, sends tokens to whom it says", async () => {
    const { settlement, token, buyer, buyerOwner, stranger } = world;
    await expect(settlement.connect(buyerOwner).withdraw(buyer, token, stranger, 300n))
      .to.emit(settlement, "Withdrawn")
      .withArgs(buyer, await token.getAddress(), stranger.address, 300n);
    expect(await token.balanceOf(stranger)).to.equal(300n);
    expect(await settlement.free(buyer, token)).to.equal(FUNDS - 300n);
  });

  it("given the owner, sends native coin to whom it says", async () => {
    const { settlement, buyer, buyerOwner, stranger } = world;
    const before = await ethers.provider.getBalance(stranger);
    await settlement.connect(buyerOwner).withdraw(buyer, NATIVE, stranger, FUNDS);
    expect(await ethers.provider.getBalance(stranger)).to.equal(before + FUNDS);
    expect(await settlement.free(buyer, NATIVE)).to.equal(0n);
  });

  it("given a contract that takes plain coin and no calls, sends to it", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const wallet = await ethers.deployContract("ContractWallet", [buyerOwner]);
    await settlement.connect(buyerOwner).withdraw(buyer, NATIVE, wallet, 300n);
    expect(await ethers.provider.getBalance(wallet)).to.equal(300n);
  });

  it("given anybody else, wallet and approved operator included, refuses", async () => {
    const { registry, settlement, token, buyer, buyerOwner, buyerWallet, relayer, sellerOwner } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    for (const caller of [buyerWallet, relayer, sellerOwner]) {
      await expect(settlement.connect(caller).withdraw(buyer, token, caller, 1n))
        .to.be.revertedWithCustomError(settlement, "NotOwner")
        .withArgs(buyer, caller.address);
    }
  });

  it("given a new owner of the agent's token, serves it and no longer the former", async () => {
    const { registry, settlement, token, buyer, buyerOwner, stranger } = world;
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    await expect(settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, 1n)).to.be.revertedWithCustomError(
      settlement,
      "NotOwner",
    );
    await settlement.connect(stranger).withdraw(buyer, token, stranger, FUNDS);
    expect(await token.balanceOf(stranger)).to.equal(FUNDS);
  });

  it("given more than is free, refuses, whatever is in escrow", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    const deal = await makeDeal(world);
    await commit(world, deal);
    const free = FUNDS - deal.price - deal.buyerBond;
    await expect(settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, free + 1n))
      .to.be.revertedWithCustomError(settlement, "FreeBalanceTooLow")
      .withArgs(buyer, await token.getAddress(), free + 1n, free);
    await settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, free);
  });

  it("given the zero address or Settlement itself as recipient, refuses", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    for (const to of [ethers.ZeroAddress, await settlement.getAddress()]) {
      await expect(settlement.connect(buyerOwner).withdraw(buyer, token, to, 1n))
        .to.be.revertedWithCustomError(settlement, "RecipientInvalid")
        .withArgs(to);
    }
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { registry, settlement, token, stranger } = world;
    await expect(settlement.connect(stranger).withdraw(99n, token, stranger, 0n)).to.be.revertedWithCustomError(
      registry,
      "ERC721NonexistentToken",
    );
  });

  it("given a recipient that doesn't take native coin, fails and leaves the balance", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const rejecter = await ethers.deployContract("Rejecter");
    await expect(settlement.connect(buyerOwner).withdraw(buyer, NATIVE, rejecter, 5n))
      .to.be.revertedWithCustomError(settlement, "NativeTransferFailed")
      .withArgs(await rejecter.getAddress(), 5n);
    expect(await settlement.free(buyer, NATIVE)).to.equal(FUNDS);
  });

  it("given a token that returns false, fails and leaves the balance", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const token = await ethers.deployContract("FalseToken");
    await token.mint(buyerOwner, 9n);
    await token.connect(buyerOwner).approve(settlement, 9n);
    await settlement.connect(buyerOwner).deposit(buyer, token, 9n, false);
    await token.setBroken(true);
    await expect(settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, 9n))
      .to.be.revertedWithCustomError(settlement, "SafeERC20FailedOperation")
      .withArgs(await token.getAddress());
    expect(await settlement.free(buyer, token)).to.equal(9n);
  });

  it("given a token that returns nothing, sends it", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const token = await ethers.deployContract("SilentToken");
    await token.mint(buyerOwner, 9n);
    await token.connect(buyerOwner).approve(settlement, 9n);
    await settlement.connect(buyerOwner).deposit(buyer, token, 9n, false);
    await settlement.connect(buyerOwner).withdraw(buyer, token, buyerOwner, 9n);
    expect(await token.balanceOf(buyerOwner)).to.equal(9n);
  });

  it("given an owner that withdraws again while it is paid, refuses", async () => {
    const { registry, settlement, stranger } = world;
    const wallet = await ethers.deployContract("ContractWallet", [stranger]);
    const token = await ethers.deployContract("ReenteringToken");
    await wallet.connect(stranger).execute(registry, 0, registry.interface.encodeFunctionData("register()"));
    const agent = await registry.agentCount();
    await token.mint(stranger, 10n);
    await token.connect(stranger).approve(settlement, 10n);
    await settlement.connect(stranger).deposit(agent, token, 10n, false);
    const withdrawal = settlement.interface.encodeFunctionData("withdraw", [
      agent,
      await token.getAddress(),
      await wallet.getAddress(),
      5n,
    ]);
    await token.setCall(
      wallet,
      wallet.interface.encodeFunctionData("executeFreely", [await settlement.getAddress(), withdrawal]),
    );
    await expect(wallet.connect(stranger).execute(settlement, 0, withdrawal)).to.be.revertedWithCustomError(
      settlement,
      "Reentered",
    );
    expect(await settlement.free(agent, token)).to.equal(10n);
  });

  it("given a lock, refuses up to its last second, the new owner too", async () => {
    const { registry, settlement, token, buyer, buyerOwner, stranger } = world;
    const until = (await networkHelpers.time.latest()) + HOUR;
    await registry.connect(buyerOwner).lock(buyer, until);
    const withdraw = async (by: TestSigner) => await settlement.connect(by).withdraw(buyer, token, stranger, 1n);
    await expect(at(until - 2, () => withdraw(buyerOwner)))
      .to.be.revertedWithCustomError(settlement, "AgentLocked")
      .withArgs(until - 2, until);
    await at(until - 1, () => registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer));
    await expect(at(until, () => withdraw(stranger)))
      .to.be.revertedWithCustomError(settlement, "AgentLocked")
      .withArgs(until, until);
    await at(until + 1, () => withdraw(stranger));
    expect(await token.balanceOf(stranger)).to.equal(1n);
  });

  it("keeps agents' balances apart", async () => {
    const { settlement, token, stranger } = world;
    const agent = await registerAgent(world, stranger);
    await expect(settlement.connect(stranger).withdraw(agent, token, stranger, 1n))
      .to.be.revertedWithCustomError(settlement, "FreeBalanceTooLow")
      .withArgs(agent, await token.getAddress(), 1n, 0n);
  });
});
