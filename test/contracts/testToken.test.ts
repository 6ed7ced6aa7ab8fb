import { expect } from "chai";
import { Signature, type Signer, type TypedDataField } from "ethers";
import type { TestToken } from "../../types/ethers-contracts/index.ts";
import { ethers, networkHelpers } from "./fixtures/chain.ts";
import { tokenDomain } from "./fixtures/domains.ts";
import { at } from "./fixtures/time.ts";
import { load, type World } from "./fixtures/world.ts";
import { permitTypes } from "./typedData.ts";

const fields = (extra: [string, string][]): TypedDataField[] => extra.map(([name, type]) => ({ name, type }));

const MOVE = fields([
  ["from", "address"],
  ["to", "address"],
  ["value", "uint256"],
  ["validAfter", "uint256"],
  ["validBefore", "uint256"],
  ["nonce", "bytes32"],
]);
const CANCEL = fields([
  ["authorizer", "address"],
  ["nonce", "bytes32"],
]);

const NONCE = ethers.id("nonce");

describe("TestToken", () => {
  let world: World;
  let token: TestToken;
  let now: number;

  beforeEach(async () => {
    world = await load();
    token = world.token;
    await token.mint(world.stranger, 100n);
    now = await networkHelpers.time.latest();
  });

  async function sign(signer: Signer, types: Record<string, TypedDataField[]>, message: object) {
    return Signature.from(await signer.signTypedData(await tokenDomain(token), types, { ...message }));
  }

  type Form = "TransferWithAuthorization" | "ReceiveWithAuthorization";

  async function authorize(form: Form, changes: { validAfter?: number; validBefore?: number } = {}) {
    const from = world.stranger.address;
    const to = world.relayer.address;
    const { validAfter, validBefore } = { validAfter: now, validBefore: now + 100, ...changes };
    const message = { from, to, value: 40n, validAfter, validBefore, nonce: NONCE };
    const { v, r, s } = await sign(world.stranger, { [form]: MOVE }, message);
    return [from, to, 40n, validAfter, validBefore, NONCE, v, r, s] as const;
  }

  it("is a dollar with six decimals that anyone mints", async () => {
    expect([await token.name(), await token.symbol(), await token.decimals()]).to.deep.equal([
      "Parley Test Dollar",
      "PTD",
      6n,
    ]);
    expect(await token.balanceOf(world.stranger)).to.equal(100n);
  });

  it("takes permits as of EIP-2612", async () => {
    const { stranger, relayer } = world;
    const message = { owner: stranger.address, spender: relayer.address, value: 9n, nonce: 0n, deadline: now + 60 };
    const { v, r, s } = await sign(stranger, permitTypes, message);
    await token.permit(stranger, relayer, 9n, now + 60, v, r, s);
    expect(await token.allowance(stranger, relayer)).to.equal(9n);
  });

  describe("transferWithAuthorization", () => {
    it("moves what was signed, whoever carries it, once", async () => {
      const { stranger, relayer, deployer } = world;
      const args = await authorize("TransferWithAuthorization");
      await expect(token.connect(deployer).transferWithAuthorization(...args))
        .to.emit(token, "AuthorizationUsed")
        .withArgs(stranger.address, NONCE);
      expect(await token.balanceOf(relayer)).to.equal(40n);
      expect(await token.authorizationState(stranger, NONCE)).to.equal(true);
      await expect(token.transferWithAuthorization(...args))
        .to.be.revertedWithCustomError(token, "AuthorizationSpent")
        .withArgs(stranger.address, NONCE);
    });

    it("counts strictly between its two times", async () => {
      const args = await authorize("TransferWithAuthorization", { validAfter: now + 10, validBefore: now + 12 });
      await expect(at(now + 10, () => token.transferWithAuthorization(...args)))
        .to.be.revertedWithCustomError(token, "AuthorizationNotYetValid")
        .withArgs(now + 10, now + 10);
      await expect(at(now + 12, () => token.transferWithAuthorization(...args)))
        .to.be.revertedWithCustomError(token, "AuthorizationExpired")
        .withArgs(now + 12, now + 12);
      await at(now + 11, () => token.transferWithAuthorization(...args));
    });

    it("refuses what somebody else signed", async () => {
      const { deployer, relayer, stranger } = world;
      const [, to, value, after, before, nonce, v, r, s] = await authorize("TransferWithAuthorization");
      await expect(token.transferWithAuthorization(deployer, to, value, after, before, nonce, v, r, s))
        .to.be.revertedWithCustomError(token, "AuthorizationSignatureInvalid")
        .withArgs((signer: string) => signer !== deployer.address, deployer.address);
      expect(await token.balanceOf(relayer)).to.equal(0n);
      expect(await token.balanceOf(stranger)).to.equal(100n);
    });

    it("refuses what was signed to be received", async () => {
      const args = await authorize("ReceiveWithAuthorization");
      await expect(token.transferWithAuthorization(...args)).to.be.revertedWithCustomError(
        token,
        "AuthorizationSignatureInvalid",
      );
    });
  });

  describe("receiveWithAuthorization", () => {
    it("moves what was signed, for the payee", async () => {
      const { relayer } = world;
      await token.connect(relayer).receiveWithAuthorization(...(await authorize("ReceiveWithAuthorization")));
      expect(await token.balanceOf(relayer)).to.equal(40n);
    });

    it("refuses anybody else", async () => {
      const { deployer, relayer } = world;
      const args = await authorize("ReceiveWithAuthorization");
      await expect(token.connect(deployer).receiveWithAuthorization(...args))
        .to.be.revertedWithCustomError(token, "CallerNotPayee")
        .withArgs(deployer.address, relayer.address);
    });
  });

  describe("cancelAuthorization", () => {
    it("makes the authorization useless", async () => {
      const { stranger } = world;
      const message = { authorizer: stranger.address, nonce: NONCE };
      const { v, r, s } = await sign(stranger, { CancelAuthorization: CANCEL }, message);
      await expect(token.cancelAuthorization(stranger, NONCE, v, r, s))
        .to.emit(token, "AuthorizationCanceled")
        .withArgs(stranger.address, NONCE);
      await expect(
        token.transferWithAuthorization(...(await authorize("TransferWithAuthorization"))),
      ).to.be.revertedWithCustomError(token, "AuthorizationSpent");
    });
  });
});
