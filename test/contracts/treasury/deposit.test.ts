import { expect } from "chai";
import type { FalseToken, FeeToken, ReenteringToken, SilentToken } from "../../../types/ethers-contracts/index.ts";
import { receipt } from "../fixtures/acts.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { balances, expectConserved, expectOwed } from "../fixtures/balances.ts";
import { ethers, NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { Status } from "../fixtures/enums.ts";
import { DAY } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";

type Odd = FeeToken | FalseToken | SilentToken | ReenteringToken;

describe("Settlement.deposit", () => {
  let world: World;

  beforeEach(async () => {
    world = await load();
  });

  /** Gives the buyer's owner 1,000 of an odd token and lets Settlement take all. */
  async function provide<T extends Odd>(token: T): Promise<T> {
    const { buyerOwner, settlement } = world;
    await token.mint(buyerOwner, 1_000n);
    await token.connect(buyerOwner).approve(settlement, ethers.MaxUint256);
    return token;
  }

  it("given two in one transaction, takes both", async () => {
    const { settlement, token, buyer, buyerOwner } = world;
    const wallet = await ethers.deployContract("ContractWallet", [buyerOwner]);
    await token.mint(wallet, 300n);
    const before = await settlement.free(buyer, token);
    const [tokens, deposits] = [await token.getAddress(), await settlement.getAddress()];
    const deposit = (amount: bigint) =>
      settlement.interface.encodeFunctionData("deposit", [buyer, tokens, amount, false]);
    await wallet.executeAll(
      [tokens, deposits, deposits],
      [token.interface.encodeFunctionData("approve", [deposits, 300n]), deposit(100n), deposit(200n)],
    );
    expect(await settlement.free(buyer, token)).to.equal(before + 300n);
  });

  it("adds to the agent's free balance, whoever pays", async () => {
    const { settlement, token, seller, buyerOwner } = world;
    await token.mint(buyerOwner, 1_000n);
    const sending = settlement.connect(buyerOwner).deposit(seller, token, 400n, false);
    await expect(sending)
      .to.emit(settlement, "Deposited")
      .withArgs(seller, await token.getAddress(), buyerOwner.address, 400n, false);
    expect(await settlement.free(seller, token)).to.equal(FUNDS + 400n);
    expect(await token.balanceOf(settlement)).to.equal(2n * FUNDS + 400n);
    expect(await token.balanceOf(buyerOwner)).to.equal(600n);
  });

  it("given that it is to be stake, adds to that", async () => {
    const { settlement, token, seller, buyerOwner } = world;
    const address = await token.getAddress();
    await token.mint(buyerOwner, 1_000n);
    await expect(settlement.connect(buyerOwner).deposit(seller, token, 400n, true))
      .to.emit(settlement, "Deposited")
      .withArgs(seller, address, buyerOwner.address, 400n, true);
    await settlement.connect(buyerOwner).deposit(seller, token, 1n, true);
    expect(await settlement.free(seller, token)).to.equal(FUNDS);
    expect(await settlement.stakeOf(seller, token)).to.deep.equal([401n, 0n, 0n]);
    await expectOwed(world, address, 0n);
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { settlement, token, buyerOwner } = world;
    for (const agent of [0n, 3n]) {
      await expect(settlement.connect(buyerOwner).deposit(agent, token, 1n, false))
        .to.be.revertedWithCustomError(settlement, "AgentUnknown")
        .withArgs(agent, 2n);
    }
  });

  it("given an agent without a wallet, takes it all the same", async () => {
    const { registry, settlement, token, buyer, buyerOwner } = world;
    await registry.connect(buyerOwner).unsetAgentWallet(buyer);
    await token.mint(buyerOwner, 1n);
    await settlement.connect(buyerOwner).deposit(buyer, token, 1n, false);
    expect(await settlement.free(buyer, token)).to.equal(FUNDS + 1n);
  });

  it("given no contract at the token's address, native coin's included, refuses", async () => {
    const { settlement, buyer, buyerOwner, stranger } = world;
    for (const token of [ethers.ZeroAddress, stranger.address]) {
      await expect(settlement.connect(buyerOwner).deposit(buyer, token, 1n, false))
        .to.be.revertedWithCustomError(settlement, "TokenWithoutCode")
        .withArgs(token);
    }
  });

  it("given too little allowance or balance, fails as the token does", async () => {
    const { settlement, token, buyer, buyerOwner, stranger } = world;
    await token.mint(stranger, 10n);
    await expect(settlement.connect(stranger).deposit(buyer, token, 10n, false)).to.be.revertedWithCustomError(
      token,
      "ERC20InsufficientAllowance",
    );
    await expect(settlement.connect(buyerOwner).deposit(buyer, token, 10n, false)).to.be.revertedWithCustomError(
      token,
      "ERC20InsufficientBalance",
    );
  });

  it("given a token that takes a fee, credits what arrived", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const token = await provide(await ethers.deployContract("FeeToken"));
    await expect(settlement.connect(buyerOwner).deposit(buyer, token, 1_000n, false))
      .to.emit(settlement, "Deposited")
      .withArgs(buyer, await token.getAddress(), buyerOwner.address, 990n, false);
    expect(await settlement.free(buyer, token)).to.equal(990n);
    expect(await token.balanceOf(settlement)).to.equal(990n);
  });

  it("given a token that returns nothing, credits what arrived", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const token = await provide(await ethers.deployContract("SilentToken"));
    await settlement.connect(buyerOwner).deposit(buyer, token, 1_000n, false);
    expect(await settlement.free(buyer, token)).to.equal(1_000n);
  });

  it("given a token that returns false, refuses", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const token = await provide(await ethers.deployContract("FalseToken"));
    await token.setBroken(true);
    await expect(settlement.connect(buyerOwner).deposit(buyer, token, 1_000n, false))
      .to.be.revertedWithCustomError(settlement, "SafeERC20FailedOperation")
      .withArgs(await token.getAddress());
  });

  it("given a token that reports more than a balance can hold, in one deposit or in several, refuses", async () => {
    const { settlement, buyer } = world;
    const token = await ethers.deployContract("LyingToken");
    const most = 2n ** 128n - 1n;
    for (const step of [most + 1n, most]) {
      await token.setStep(step);
      if (step === most) await settlement.deposit(buyer, token, 1n, false);
      await expect(settlement.deposit(buyer, token, 1n, false))
        .to.be.revertedWithCustomError(settlement, "BalanceTooLarge")
        .withArgs(buyer, await token.getAddress(), step === most ? 2n * most : step, most);
    }
  });

  it("given a token that reports more than a stake can hold, refuses", async () => {
    const { settlement, buyer } = world;
    const token = await ethers.deployContract("LyingToken");
    const most = 2n ** 128n - 1n;
    await token.setStep(most);
    await settlement.deposit(buyer, token, 1n, true);
    await token.setStep(1n);
    await expect(settlement.deposit(buyer, token, 1n, true))
      .to.be.revertedWithCustomError(settlement, "BalanceTooLarge")
      .withArgs(buyer, await token.getAddress(), most + 1n, most);
  });

  it("given a token that reports more for two agents than one can hold, refuses to pay one of them all", async () => {
    const { settlement, buyer, seller } = world;
    const token = await ethers.deployContract("LyingToken");
    const most = 2n ** 128n - 1n;
    await token.setStep(most);
    for (const agent of [buyer, seller]) await settlement.deposit(agent, token, 1n, false);
    const deal = await makeDeal(world, {
      token: await token.getAddress(),
      price: most,
      buyerBond: 0n,
      sellerBond: most,
    });
    await commit(world, deal);
    await networkHelpers.time.increase(10 * DAY);
    await expect(settlement.refund(deal, TRANSCRIPT))
      .to.be.revertedWithCustomError(settlement, "BalanceTooLarge")
      .withArgs(buyer, await token.getAddress(), 2n * most, most);
  });

  it("given a token that calls back to move money meanwhile, in any way, refuses", async () => {
    const { settlement, buyer, buyerOwner } = world;
    const token = await provide(await ethers.deployContract("ReenteringToken"));
    const address = await token.getAddress();
    const deal = await makeDeal(world);
    const [v, r, s] = [27, ethers.ZeroHash, ethers.ZeroHash];
    const payment = { from: address, amount: 1n, salt: r, validAfter: 0, validBefore: 2n ** 40n, v, r, s };
    const { session, seen } = await receipt(world, deal, 1n);
    const { interface: functions } = settlement;
    const calls = [
      functions.encodeFunctionData("deposit", [buyer, address, 1n, false]),
      functions.encodeFunctionData("deposit", [buyer, address, 1n, true]),
      functions.encodeFunctionData("depositNative", [buyer, false]),
      functions.encodeFunctionData("depositWithPermit", [buyer, address, 1n, false, 2n ** 40n, v, r, s]),
      functions.encodeFunctionData("depositWithAuthorization", [buyer, address, false, payment]),
      functions.encodeFunctionData("withdraw", [buyer, NATIVE, buyerOwner.address, 0n]),
      functions.encodeFunctionData("dispute", [deal, TRANSCRIPT, 0, r]),
      functions.encodeFunctionData("disputeBySession", [deal, TRANSCRIPT, 0, r, { session, seen }]),
      functions.encodeFunctionData("refer", [deal, TRANSCRIPT]),
    ];
    for (const call of calls) {
      await token.setCall(settlement, call);
      await expect(settlement.connect(buyerOwner).deposit(buyer, token, 10n, false)).to.be.revertedWithCustomError(
        settlement,
        "Reentered",
      );
    }
    expect(await settlement.free(buyer, token)).to.equal(0n);
  });
});

describe("Settlement.deposit, given a token that settles a deal meanwhile", () => {
  it("pays the deal and credits the deposit, each once", async () => {
    const world = await load();
    const { settlement, buyer, buyerOwner, sellerWallet } = world;
    const token = await ethers.deployContract("ReenteringToken");
    const address = await token.getAddress();
    await token.mint(buyerOwner, 1_000n);
    await token.connect(buyerOwner).approve(settlement, 1_000n);
    await settlement.connect(buyerOwner).deposit(buyer, token, 900n, false);
    const deal = await makeDeal(world, { token: address, price: 500n, buyerBond: 40n, sellerBond: 0n });
    await commit(world, deal);
    await settlement.connect(sellerWallet).deliver(deal, TRANSCRIPT, ethers.ZeroHash);
    await networkHelpers.time.increase(3 * DAY);

    await token.setCall(settlement, settlement.interface.encodeFunctionData("claim", [deal, TRANSCRIPT]));
    await settlement.connect(buyerOwner).deposit(buyer, token, 100n, false);
    expect(await balances(world, address)).to.deep.equal({ buyer: 500n, seller: 500n });
    await expectConserved(world, address, 0n);
    expect((await settlement.recordOf(deal)).status).to.equal(Status.Settled);
  });
});

describe("Settlement.depositNative", () => {
  it("adds to the agent's free balance, whoever pays", async () => {
    const { settlement, buyer, stranger } = await load();
    await expect(settlement.connect(stranger).depositNative(buyer, false, { value: 7n }))
      .to.emit(settlement, "Deposited")
      .withArgs(buyer, ethers.ZeroAddress, stranger.address, 7n, false);
    expect(await settlement.free(buyer, ethers.ZeroAddress)).to.equal(FUNDS + 7n);
    expect(await ethers.provider.getBalance(settlement)).to.equal(2n * FUNDS + 7n);
  });

  it("given that it is to be stake, adds to that", async () => {
    const world = await load();
    const { settlement, buyer, stranger } = world;
    await expect(settlement.connect(stranger).depositNative(buyer, true, { value: 7n }))
      .to.emit(settlement, "Deposited")
      .withArgs(buyer, NATIVE, stranger.address, 7n, true);
    expect(await settlement.free(buyer, NATIVE)).to.equal(FUNDS);
    expect(await settlement.stakeOf(buyer, NATIVE)).to.deep.equal([7n, 0n, 0n]);
    await expectOwed(world, NATIVE, 0n);
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { settlement } = await load();
    await expect(settlement.depositNative(3n, false, { value: 7n }))
      .to.be.revertedWithCustomError(settlement, "AgentUnknown")
      .withArgs(3n, 2n);
  });

  it("given coin that names no agent, refuses", async () => {
    const { settlement, stranger } = await load();
    await expect(stranger.sendTransaction({ to: settlement, value: 1n }))
      .to.be.revertedWithCustomError(settlement, "CoinWithoutAgent")
      .withArgs(stranger.address, 1n);
    expect(await ethers.provider.getBalance(settlement)).to.equal(2n * FUNDS);
  });

  it("given coin with a call that nobody knows, or that takes none, refuses", async () => {
    const { settlement, stranger, buyer } = await load();
    const data = settlement.interface.encodeFunctionData("free", [buyer, NATIVE]);
    const setting = settlement.interface.encodeFunctionData("setUnlimited", [buyer, true]);
    for (const each of ["0x12345678", data, setting]) {
      await expect(stranger.sendTransaction({ to: settlement, value: 1n, data: each }), each).to.revert(ethers);
    }
    expect(await ethers.provider.getBalance(settlement)).to.equal(2n * FUNDS);
  });
});
