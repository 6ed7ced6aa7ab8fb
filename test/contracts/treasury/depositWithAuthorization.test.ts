import { expect } from "chai";
import { AbiCoder, keccak256, Signature } from "ethers";
import type { TestToken } from "../../../types/ethers-contracts/index.ts";
import type { AuthorizationStruct } from "../../../types/ethers-contracts/interfaces/ISettlement.ts";
import { expectOwed } from "../fixtures/balances.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { tokenDomain } from "../fixtures/domains.ts";
import { at, HOUR } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { authorizationTypes } from "../typedData.ts";

const AMOUNT = 700n;
const SALT = ethers.id("salt");

describe("Settlement.depositWithAuthorization", () => {
  let world: World;
  let now: number;

  beforeEach(async () => {
    world = await load();
    now = await networkHelpers.time.latest();
    await world.token.mint(world.stranger, 2n * AMOUNT);
  });

  /** The stranger pays for an agent and a use. */
  async function authorize(agent: bigint, toStake: boolean, token: TestToken = world.token) {
    const { settlement, stranger } = world;
    const [validAfter, validBefore] = [now, now + HOUR];
    const encoded = AbiCoder.defaultAbiCoder().encode(["uint256", "bool", "bytes32"], [agent, toStake, SALT]);
    const message = {
      from: stranger.address,
      to: await settlement.getAddress(),
      value: AMOUNT,
      validAfter,
      validBefore,
      nonce: keccak256(encoded),
    };
    const signature = await stranger.signTypedData(await tokenDomain(token), authorizationTypes, message);
    const { v, r, s } = Signature.from(signature);
    return { from: stranger.address, amount: AMOUNT, salt: SALT, validAfter, validBefore, v, r, s };
  }

  function deposit(agent: bigint, toStake: boolean, by: AuthorizationStruct, token = world.token) {
    return world.settlement.connect(world.relayer).depositWithAuthorization(agent, token, toStake, by);
  }

  for (const toStake of [false, true]) {
    it(`given what its holder signed for an agent's ${toStake ? "stake" : "free balance"}, adds it, whoever carries it`, async () => {
      const { settlement, token, buyer, stranger } = world;
      const address = await token.getAddress();
      await expect(deposit(buyer, toStake, await authorize(buyer, toStake)))
        .to.emit(settlement, "Deposited")
        .withArgs(buyer, address, stranger.address, AMOUNT, toStake);
      expect(await settlement.free(buyer, token)).to.equal(FUNDS + (toStake ? 0n : AMOUNT));
      expect((await settlement.stakeOf(buyer, token)).bonded).to.equal(toStake ? AMOUNT : 0n);
      expect(await token.balanceOf(stranger)).to.equal(AMOUNT);
      await expectOwed(world, address, 0n);
    });
  }

  it("given another agent or another use than was signed, fails", async () => {
    const { token, buyer, seller } = world;
    const signed = await authorize(buyer, false);
    for (const sending of [deposit(seller, false, signed), deposit(buyer, true, signed)]) {
      await expect(sending).to.be.revertedWithCustomError(token, "AuthorizationSignatureInvalid");
    }
    await deposit(buyer, false, signed);
  });

  it("given any other field than was signed, fails", async () => {
    const { token, buyer, relayer } = world;
    const signed = await authorize(buyer, false);
    const others = [
      { amount: AMOUNT + 1n },
      { salt: ethers.id("another") },
      { validAfter: now - 1 },
      { validBefore: now + HOUR + 1 },
      { from: relayer.address },
    ];
    for (const other of others) {
      await expect(
        deposit(buyer, false, { ...signed, ...other }),
        Object.keys(other).join(),
      ).to.be.revertedWithCustomError(token, "AuthorizationSignatureInvalid");
    }
  });

  it("given the same again, fails", async () => {
    const { settlement, token, buyer, stranger } = world;
    const signed = await authorize(buyer, false);
    await deposit(buyer, false, signed);
    await expect(deposit(buyer, false, signed)).to.be.revertedWithCustomError(token, "AuthorizationSpent");
    expect(await token.balanceOf(stranger)).to.equal(AMOUNT);
    expect(await settlement.free(buyer, token)).to.equal(FUNDS + AMOUNT);
  });

  it("given what was signed for it, can't be used past it", async () => {
    const { settlement, token, buyer, relayer } = world;
    const { from, amount, salt, validAfter, validBefore, v, r, s } = await authorize(buyer, false);
    const encoded = AbiCoder.defaultAbiCoder().encode(["uint256", "bool", "bytes32"], [buyer, false, salt]);
    const nonce = keccak256(encoded);
    await expect(
      token
        .connect(relayer)
        .receiveWithAuthorization(from, settlement, amount, validAfter, validBefore, nonce, v, r, s),
    ).to.be.revertedWithCustomError(token, "CallerNotPayee");
  });

  it("given the end of its time, fails as the token does", async () => {
    const { token, buyer } = world;
    const signed = await authorize(buyer, false);
    await expect(at(now + HOUR, () => deposit(buyer, false, signed))).to.be.revertedWithCustomError(
      token,
      "AuthorizationExpired",
    );
  });

  it("given a token that takes a fee, credits what arrived", async () => {
    const { settlement, buyer, stranger } = world;
    const token = await ethers.deployContract("FeeDollar");
    await token.mint(stranger, AMOUNT);
    await expect(deposit(buyer, false, await authorize(buyer, false, token), token))
      .to.emit(settlement, "Deposited")
      .withArgs(buyer, await token.getAddress(), stranger.address, 693n, false);
    expect(await settlement.free(buyer, token)).to.equal(693n);
    await expectOwed(world, await token.getAddress(), 0n);
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { settlement } = world;
    await expect(deposit(3n, false, await authorize(3n, false)))
      .to.be.revertedWithCustomError(settlement, "AgentUnknown")
      .withArgs(3n, 2n);
  });

  it("given no contract at the token's address, refuses", async () => {
    const { settlement, buyer, relayer } = world;
    const signed = await authorize(buyer, false);
    await expect(settlement.depositWithAuthorization(buyer, relayer, false, signed))
      .to.be.revertedWithCustomError(settlement, "TokenWithoutCode")
      .withArgs(relayer.address);
  });
});
