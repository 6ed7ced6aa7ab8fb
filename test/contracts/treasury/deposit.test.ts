import { expect } from "chai";
import { ethers, FUNDS, load, type World } from "../fixtures.ts";

describe("Settlement.deposit", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  /** An odd token of which the buyer's owner holds 1,000 and lets Settlement take all. */
  async function odd<Name extends "FeeToken" | "FalseToken" | "SilentToken" | "ReenteringToken">(name: Name) {
    const { buyerOwner, settlement } = world;
    const token = await ethers.deployContract<typeof name>(name);
    await token.mint(buyerOwner, 1_000n);
    await token.connect(buyerOwner).approve(settlement, ethers.MaxUint256);
    return token;
  }

  it("adds to the agent's free balance, whoever pays", async () => {
    const { settlement, token, seller, buyerOwner } = world;
    await token.mint(buyerOwner, 1_000n);
    const sending = settlement.connect(buyerOwner).deposit(seller, token, 400n);
    await expect(sending)
      .to.emit(settlement, "Deposited")
      .withArgs(seller, await token.getAddress(), buyerOwner.address, 400n);
    expect(await settlement.free(seller, token)).to.equal(FUNDS + 400n);
    expect(await token.balanceOf(settlement)).to.equal(2n * FUNDS + 400n);
    expect(await token.balanceOf(buyerOwner)).to.equal(600n);
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { settlement, token, buyerOwner } = world;
    for (const agent of [0n, 3n]) {
      await expect(settlement.connect(buyerOwner).deposit(agent, token, 1n))
        .to.be.revertedWithCustomError(settlement, "AgentUnknown")
        .withArgs(agent, 2n);
    }
  });

  it("given an agent without a wallet, takes it all the same", async () => {
    const { registry, settlement, token, buyer, buyerOwner } = world;
    await registry.connect(buyerOwner).unsetAgentWallet(buyer);
    await token.mint(buyerOwner, 1n);
    await settlement.connect(buyerOwner).deposit(buyer, token, 1n);
    expect(await settlement.free(buyer, token)).to.equal(FUNDS + 1n);
  });

  it("given no contract at the token's address, native coin's included, refuses", async () => {
    const { settlement, buyer, buyerOwner, stranger } = world;
    for (const token of [ethers.ZeroAddress, stranger.address]) {
      await expect(settlement.connect(buyerOwner).deposit(buyer, token, 1n))
        .to.be.revertedWithCustomError(settlement, "TokenWithoutCode")
        .withArgs(token);
    }
  });

  it("given too little allowance or balance, fails as the token does", async () => {
    const { settlement, token, buyer, buyerOwner, stranger } = world;
    await token.mint(stranger, 10n);
    await expect(settlement.connect(stranger).deposit(buyer, token, 10n)).to.be.revertedWithCustomError(
      token,
      "ERC20InsufficientAllowance",
    );
    await expect(settlement.connect(buyerOwner).deposit(buyer, token, 10n)).to.be.revertedWithCustomError(
      token,
      "ERC20InsufficientBalance",
    );
  });

  it("given a token that takes a fee, credits what arrived", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const token = await odd("FeeToken");
    await expect(settlement.connect(buyerOwner).deposit(buyer, token, 1_000n))
      .to.emit(settlement, "Deposited")
      .withArgs(buyer, await token.getAddress(), buyerOwner.address, 990n);
    expect(await settlement.free(buyer, token)).to.equal(990n);
    expect(await token.balanceOf(settlement)).to.equal(990n);
  });

  it("given a token that returns nothing, credits what arrived", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const token = await odd("SilentToken");
    await settlement.connect(buyerOwner).deposit(buyer, token, 1_000n);
    expect(await settlement.free(buyer, token)).to.equal(1_000n);
  });

  it("given a token that returns false, refuses", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const token = await odd("FalseToken");
    await token.setBroken(true);
    await expect(settlement.connect(buyerOwner).deposit(buyer, token, 1_000n))
      .to.be.revertedWithCustomError(settlement, "SafeERC20FailedOperation")
      .withArgs(await token.getAddress());
  });

  it("given a token that reports more than a balance can be, refuses", async () => {
    const { settlement, buyer } = world;
    const token = await ethers.deployContract("LyingToken");
    await token.setStep(2n ** 128n);
    await expect(settlement.deposit(buyer, token, 1n))
      .to.be.revertedWithCustomError(settlement, "DepositTooLarge")
      .withArgs(2n ** 128n, 2n ** 128n - 1n);
  });

  it("given a token whose deposits add up to more than a balance can be, refuses the last", async () => {
    const { settlement, buyer } = world;
    const token = await ethers.deployContract("LyingToken");
    await token.setStep(2n ** 128n - 1n);
    await settlement.deposit(buyer, token, 1n);
    await expect(settlement.deposit(buyer, token, 1n)).to.be.revertedWithPanic(0x11);
  });

  it("given a token that calls back to deposit or withdraw meanwhile, refuses", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const token = await odd("ReenteringToken");
    const calls = [
      settlement.interface.encodeFunctionData("deposit", [buyer, await token.getAddress(), 1n]),
      settlement.interface.encodeFunctionData("depositNative", [buyer]),
    ];
    for (const call of calls) {
      await token.setCall(settlement, call);
      await expect(settlement.connect(buyerOwner).deposit(buyer, token, 10n)).to.be.revertedWithCustomError(
        settlement,
        "Reentered",
      );
    }
    expect(await settlement.free(buyer, token)).to.equal(0n);
  });
});

describe("Settlement.depositNative", () => {
  it("adds to the agent's free balance, whoever pays", async () => {
    const { settlement, buyer, stranger } = await load();
    await expect(settlement.connect(stranger).depositNative(buyer, { value: 7n }))
      .to.emit(settlement, "Deposited")
      .withArgs(buyer, ethers.ZeroAddress, stranger.address, 7n);
    expect(await settlement.free(buyer, ethers.ZeroAddress)).to.equal(FUNDS + 7n);
    expect(await ethers.provider.getBalance(settlement)).to.equal(2n * FUNDS + 7n);
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { settlement } = await load();
    await expect(settlement.depositNative(3n, { value: 7n }))
      .to.be.revertedWithCustomError(settlement, "AgentUnknown")
      .withArgs(3n, 2n);
  });

  it("given coin that names no agent, refuses", async () => {
    const { settlement, stranger } = await load();
    await expect(stranger.sendTransaction({ to: settlement, value: 1n })).to.revert(ethers);
  });
});
