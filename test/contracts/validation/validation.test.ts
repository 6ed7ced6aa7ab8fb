import { expect } from "chai";
import type { Signer } from "ethers";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { at } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";

const REQUEST = ethers.id("request");
const RESPONSE = ethers.id("response");
const URI = "ipfs://request";

async function loadValidation() {
  const world = await load();
  return { ...world, validation: await ethers.deployContract("ValidationRegistry", [world.registry]) };
}

type ValidationWorld = World & Awaited<ReturnType<typeof loadValidation>>;

/** Lets the seller's owner ask a validator. */
async function ask({ validation, sellerOwner, seller }: ValidationWorld, validator: Signer, hash = REQUEST) {
  return await validation.connect(sellerOwner).validationRequest(await validator.getAddress(), seller, URI, hash);
}

async function answer({ validation }: ValidationWorld, validator: Signer, response: bigint, hash = REQUEST, tag = "") {
  return await validation.connect(validator).validationResponse(hash, response, "", ethers.ZeroHash, tag);
}

describe("ValidationRegistry.validationRequest", () => {
  let world: ValidationWorld;

  beforeEach(async () => {
    world = await loadValidation();
  });

  it("given the agent's owner, records the request and emits ERC-8004's event", async () => {
    const { validation, seller, stranger } = world;
    const time = (await networkHelpers.time.latest()) + 10;
    await expect(at(time, () => ask(world, stranger)))
      .to.emit(validation, "ValidationRequest")
      .withArgs(stranger.address, seller, URI, REQUEST);
    expect(await validation.getValidationStatus(REQUEST)).to.deep.equal([
      stranger.address,
      seller,
      0n,
      ethers.ZeroHash,
      "",
      BigInt(time),
    ]);
    expect(await validation.hasResponse(REQUEST)).to.equal(false);
    expect(await validation.getAgentValidations(seller)).to.deep.equal([REQUEST]);
    expect(await validation.getValidatorRequests(stranger)).to.deep.equal([REQUEST]);
  });

  it("given an operator, does it too", async () => {
    const { registry, validation, seller, sellerOwner, relayer, stranger } = world;
    await registry.connect(sellerOwner).approve(relayer, seller);
    await validation.connect(relayer).validationRequest(stranger, seller, URI, REQUEST);
  });

  it("given anybody else, the wallet included, refuses", async () => {
    const { validation, seller, sellerWallet, buyerOwner, stranger } = world;
    for (const caller of [sellerWallet, buyerOwner]) {
      await expect(validation.connect(caller).validationRequest(stranger, seller, URI, REQUEST))
        .to.be.revertedWithCustomError(validation, "NotOwnerOrApproved")
        .withArgs(seller, caller.address);
    }
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { registry, validation, stranger } = world;
    await expect(validation.validationRequest(stranger, 99n, URI, REQUEST))
      .to.be.revertedWithCustomError(registry, "ERC721NonexistentToken")
      .withArgs(99n);
  });

  it("given the zero address as validator, refuses", async () => {
    const { validation, seller, sellerOwner } = world;
    await expect(validation.connect(sellerOwner).validationRequest(ethers.ZeroAddress, seller, URI, REQUEST))
      .to.be.revertedWithCustomError(validation, "ValidatorZero")
      .withArgs(seller);
  });

  it("given no hash, refuses", async () => {
    const { validation, seller, stranger } = world;
    await expect(ask(world, stranger, ethers.ZeroHash))
      .to.be.revertedWithCustomError(validation, "RequestHashZero")
      .withArgs(seller);
  });

  it("given a hash that is used, refuses, whoever used it and whether or not it is answered", async () => {
    const { validation, buyer, buyerOwner, seller, stranger, relayer } = world;
    await ask(world, stranger);
    await expect(ask(world, relayer))
      .to.be.revertedWithCustomError(validation, "RequestExists")
      .withArgs(REQUEST, seller);
    await answer(world, stranger, 0n);
    await expect(validation.connect(buyerOwner).validationRequest(stranger, buyer, URI, REQUEST))
      .to.be.revertedWithCustomError(validation, "RequestExists")
      .withArgs(REQUEST, seller);
  });

  it("takes a URI of any size, at the caller's cost", async () => {
    const { validation, seller, sellerOwner, stranger } = world;
    const uri = "x".repeat(20_000);
    await expect(validation.connect(sellerOwner).validationRequest(stranger, seller, uri, REQUEST))
      .to.emit(validation, "ValidationRequest")
      .withArgs(stranger.address, seller, uri, REQUEST);
  });
});

describe("ValidationRegistry.validationResponse", () => {
  let world: ValidationWorld;

  beforeEach(async () => {
    world = await loadValidation();
    await ask(world, world.stranger);
  });

  it("given the validator, records the answer and emits ERC-8004's event", async () => {
    const { validation, seller, stranger } = world;
    const time = (await networkHelpers.time.latest()) + 10;
    const sending = at(time, () =>
      validation.connect(stranger).validationResponse(REQUEST, 70n, "ipfs://answer", RESPONSE, "soft"),
    );
    await expect(sending)
      .to.emit(validation, "ValidationResponse")
      .withArgs(stranger.address, seller, REQUEST, 70n, "ipfs://answer", RESPONSE, "soft");
    const status = [stranger.address, seller, 70n, RESPONSE, "soft", BigInt(time)];
    expect(await validation.getValidationStatus(REQUEST)).to.deep.equal(status);
    expect(await validation.hasResponse(REQUEST)).to.equal(true);
  });

  it("given an answer already, replaces it, be it by a lower one", async () => {
    const { validation, stranger } = world;
    await validation.connect(stranger).validationResponse(REQUEST, 70n, "", RESPONSE, "soft");
    await answer(world, stranger, 0n);
    const [, , response, hash, tag] = await validation.getValidationStatus(REQUEST);
    expect([response, hash, tag]).to.deep.equal([0n, ethers.ZeroHash, ""]);
    expect(await validation.hasResponse(REQUEST)).to.equal(true);
  });

  it("given 100, records it, and refuses more", async () => {
    const { validation, stranger } = world;
    await answer(world, stranger, 100n);
    for (const response of [101n, 255n]) {
      await expect(answer(world, stranger, response))
        .to.be.revertedWithCustomError(validation, "ResponseTooHigh")
        .withArgs(response, 100n);
    }
  });

  it("given anybody else, the agent's owner included, refuses", async () => {
    const { validation, sellerOwner, relayer, stranger } = world;
    for (const caller of [sellerOwner, relayer]) {
      await expect(answer(world, caller, 100n))
        .to.be.revertedWithCustomError(validation, "NotValidator")
        .withArgs(REQUEST, caller.address, stranger.address);
    }
  });

  it("given a request that doesn't exist, refuses", async () => {
    const { validation, stranger } = world;
    await expect(answer(world, stranger, 100n, RESPONSE))
      .to.be.revertedWithCustomError(validation, "RequestUnknown")
      .withArgs(RESPONSE);
  });

  it("belongs to the agent, whoever owns it by then", async () => {
    const { registry, validation, seller, sellerOwner, relayer, stranger } = world;
    await registry.connect(sellerOwner).transferFrom(sellerOwner, relayer, seller);
    await answer(world, stranger, 40n);
    expect(await validation.getSummary(seller, [], "")).to.deep.equal([1n, 40n]);
  });
});

describe("ValidationRegistry, read", () => {
  let world: ValidationWorld;

  beforeEach(async () => {
    world = await loadValidation();
  });

  it("of a request that doesn't exist, refuses", async () => {
    const { validation } = world;
    for (const read of [validation.getValidationStatus, validation.hasResponse]) {
      await expect(read(REQUEST)).to.be.revertedWithCustomError(validation, "RequestUnknown").withArgs(REQUEST);
    }
  });

  it("sums up answers by validator and tag, and leaves out what isn't answered", async () => {
    const { validation, seller, buyer, stranger, relayer } = world;
    for (const [validator, response, name, tag] of [
      [stranger, 100n, "one", "hard"],
      [stranger, 51n, "two", "soft"],
      [relayer, 0n, "three", "hard"],
    ] as const) {
      await ask(world, validator, ethers.id(name));
      await answer(world, validator, response, ethers.id(name), tag);
    }
    await ask(world, relayer, ethers.id("unanswered"));
    for (const [validators, tag, count, average] of [
      [[], "", 3n, 50n],
      [[], "hard", 2n, 50n],
      [[stranger], "", 2n, 75n],
      [[relayer], "", 1n, 0n],
      [[stranger, relayer], "soft", 1n, 51n],
      [[relayer], "soft", 0n, 0n],
      [[ethers.ZeroAddress], "", 0n, 0n],
    ] as const) {
      expect(await validation.getSummary(seller, [...validators], tag)).to.deep.equal([count, average]);
    }
    expect(await validation.getSummary(buyer, [], "")).to.deep.equal([0n, 0n]);
    expect(await validation.getAgentValidations(seller)).to.have.lengthOf(4);
    expect(await validation.getValidatorRequests(relayer)).to.deep.equal([ethers.id("three"), ethers.id("unanswered")]);
  });

  it("names its registry", async () => {
    const { registry, validation } = world;
    expect(await validation.getIdentityRegistry()).to.equal(await registry.getAddress());
  });
});
