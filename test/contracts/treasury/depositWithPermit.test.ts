import { expect } from "chai";
import { Signature } from "ethers";
import { expectOwed } from "../fixtures/balances.ts";
import { ethers, networkHelpers, type TestSigner } from "../fixtures/chain.ts";
import { tokenDomain } from "../fixtures/domains.ts";
import { at, HOUR } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { permitTypes } from "../typedData.ts";

const AMOUNT = 700n;

describe("Settlement.depositWithPermit", () => {
  let world: World;
  let address: string;
  let deadline: number;

  beforeEach(async () => {
    world = await load();
    address = await world.token.getAddress();
    deadline = (await networkHelpers.time.latest()) + HOUR;
    await world.token.mint(world.stranger, AMOUNT);
  });

  /** The stranger lets Settlement take this much of its tokens. */
  async function permit(value = AMOUNT): Promise<[number, number, string, string]> {
    const { settlement, token, stranger } = world;
    const message = {
      owner: stranger.address,
      spender: await settlement.getAddress(),
      value,
      nonce: await token.nonces(stranger),
      deadline,
    };
    const { v, r, s } = Signature.from(await stranger.signTypedData(await tokenDomain(token), permitTypes, message));
    return [deadline, v, r, s];
  }

  async function deposit(by: TestSigner, signed: [number, number, string, string], toStake = false) {
    const { settlement, token, buyer } = world;
    return await settlement.connect(by).depositWithPermit(buyer, token, AMOUNT, toStake, ...signed);
  }

  it("given the caller's own permit, takes its tokens without an allowance", async () => {
    const { settlement, token, buyer, stranger } = world;
    await expect(deposit(stranger, await permit()))
      .to.emit(settlement, "Deposited")
      .withArgs(buyer, address, stranger.address, AMOUNT, false);
    expect(await settlement.free(buyer, token)).to.equal(FUNDS + AMOUNT);
    expect(await token.allowance(stranger, settlement)).to.equal(0n);
    await expectOwed(world, address, 0n);
  });

  it("given that it is to be stake, adds to that", async () => {
    const { settlement, token, buyer, stranger } = world;
    await expect(deposit(stranger, await permit(), true))
      .to.emit(settlement, "Deposited")
      .withArgs(buyer, address, stranger.address, AMOUNT, true);
    expect(await settlement.stakeOf(buyer, token)).to.deep.equal([AMOUNT, 0n, 0n]);
    await expectOwed(world, address, 0n);
  });

  it("given the permit's last second, takes it, and not a second later", async () => {
    const { token, stranger } = world;
    const signed = await permit();
    await expect(at(deadline + 1, () => deposit(stranger, signed))).to.be.revertedWithCustomError(
      token,
      "ERC20InsufficientAllowance",
    );
    world = await load();
    await world.token.mint(world.stranger, AMOUNT);
    deadline = (await networkHelpers.time.latest()) + HOUR;
    const fresh = await permit();
    await at(deadline, () => deposit(world.stranger, fresh));
  });

  it("given a permit that somebody else used up front, takes the tokens all the same", async () => {
    const { settlement, token, buyer, stranger, relayer } = world;
    const signed = await permit();
    await token.connect(relayer).permit(stranger, settlement, AMOUNT, ...signed);
    await deposit(stranger, signed);
    expect(await settlement.free(buyer, token)).to.equal(FUNDS + AMOUNT);
  });

  it("given no good permit but an allowance, takes the tokens", async () => {
    const { settlement, token, buyer, stranger } = world;
    await token.connect(stranger).approve(settlement, AMOUNT);
    await deposit(stranger, await permit(AMOUNT + 1n));
    expect(await settlement.free(buyer, token)).to.equal(FUNDS + AMOUNT);
  });

  it("given neither, fails as the token does", async () => {
    const { settlement, token, stranger } = world;
    await expect(deposit(stranger, await permit(AMOUNT - 1n)))
      .to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance")
      .withArgs(await settlement.getAddress(), 0n, AMOUNT);
  });

  it("given the permit of somebody else, takes nothing of that one's", async () => {
    const { settlement, token, stranger, relayer } = world;
    await token.mint(relayer, AMOUNT);
    await expect(deposit(relayer, await permit())).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
    expect(await token.balanceOf(stranger)).to.equal(AMOUNT);
    expect(await token.allowance(stranger, settlement)).to.equal(0n);
  });

  it("given a token that knows no permits, needs an allowance and credits what arrived", async () => {
    const { settlement, buyer, stranger } = world;
    const token = await ethers.deployContract("FeeToken");
    await token.mint(stranger, 1_000n);
    const signed = await permit();
    const sending = () => settlement.connect(stranger).depositWithPermit(buyer, token, 1_000n, false, ...signed);
    await expect(sending()).to.be.revertedWithCustomError(token, "ERC20InsufficientAllowance");
    await token.connect(stranger).approve(settlement, 1_000n);
    await sending();
    expect(await settlement.free(buyer, token)).to.equal(990n);
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { settlement, token, stranger } = world;
    await expect(settlement.connect(stranger).depositWithPermit(3n, token, AMOUNT, false, ...(await permit())))
      .to.be.revertedWithCustomError(settlement, "AgentUnknown")
      .withArgs(3n, 2n);
  });

  it("given no contract at the token's address, refuses by name", async () => {
    const { settlement, buyer, stranger, relayer } = world;
    const signed = await permit();
    for (const token of [ethers.ZeroAddress, relayer.address]) {
      await expect(settlement.connect(stranger).depositWithPermit(buyer, token, AMOUNT, false, ...signed))
        .to.be.revertedWithCustomError(settlement, "TokenWithoutCode")
        .withArgs(token);
    }
  });

  it("given a token that calls back to deposit meanwhile, refuses", async () => {
    const { settlement, buyer, stranger } = world;
    const token = await ethers.deployContract("ReenteringToken");
    await token.mint(stranger, AMOUNT);
    await token.connect(stranger).approve(settlement, AMOUNT);
    const signed = await permit();
    const again = [buyer, await token.getAddress(), AMOUNT, false, ...signed] as const;
    await token.setCall(settlement, settlement.interface.encodeFunctionData("depositWithPermit", [...again]));
    await expect(settlement.connect(stranger).depositWithPermit(...again)).to.be.revertedWithCustomError(
      settlement,
      "Reentered",
    );
  });
});
