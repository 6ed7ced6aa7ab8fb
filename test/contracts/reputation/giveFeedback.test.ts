import { expect } from "chai";
import { ethers } from "../fixtures/chain.ts";
import { give, loadReputation, type ReputationWorld, rate } from "./fixture.ts";

const INT128_MAX = 2n ** 127n - 1n;

describe("ReputationRegistry.giveFeedback", () => {
  let world: ReputationWorld;

  beforeEach(async () => {
    world = await loadReputation();
  });

  it("given anyone, stores the rating and emits ERC-8004's event", async () => {
    const { reputation, seller, stranger } = world;
    const { endpoint, feedbackURI, feedbackHash } = rate();
    await expect(give(world, stranger, seller, { value: -9_977n, valueDecimals: 2n, tag1: "uptime", tag2: "day" }))
      .to.emit(reputation, "NewFeedback")
      .withArgs(
        seller,
        stranger.address,
        1n,
        -9_977n,
        2n,
        "uptime",
        "uptime",
        "day",
        endpoint,
        feedbackURI,
        feedbackHash,
      );
    expect(await reputation.readFeedback(seller, stranger, 1n)).to.deep.equal([-9_977n, 2n, "uptime", "day", false]);
    expect(await reputation.getLastIndex(seller, stranger)).to.equal(1n);
    expect(await reputation.getClients(seller)).to.deep.equal([stranger.address]);
  });

  it("counts each client's feedback on each agent from 1, and names the client once", async () => {
    const { reputation, buyer, seller, stranger, relayer } = world;
    for (const [client, agent] of [
      [stranger, seller],
      [stranger, seller],
      [relayer, seller],
      [stranger, buyer],
    ] as const) {
      await give(world, client, agent);
    }
    expect(await reputation.getLastIndex(seller, stranger)).to.equal(2n);
    expect(await reputation.getLastIndex(seller, relayer)).to.equal(1n);
    expect(await reputation.getLastIndex(buyer, stranger)).to.equal(1n);
    expect(await reputation.getClients(seller)).to.deep.equal([stranger.address, relayer.address]);
    expect(await reputation.getClients(buyer)).to.deep.equal([stranger.address]);
  });

  it("given the agent's owner or an operator, refuses", async () => {
    const { registry, reputation, seller, sellerOwner, relayer, stranger } = world;
    await registry.connect(sellerOwner).approve(relayer, seller);
    await registry.connect(sellerOwner).setApprovalForAll(stranger, true);
    for (const caller of [sellerOwner, relayer, stranger]) {
      await expect(give(world, caller, seller))
        .to.be.revertedWithCustomError(reputation, "SelfFeedback")
        .withArgs(seller, caller.address);
    }
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { registry, stranger } = world;
    for (const agent of [0n, 99n]) {
      await expect(give(world, stranger, agent))
        .to.be.revertedWithCustomError(registry, "ERC721NonexistentToken")
        .withArgs(agent);
    }
  });

  it("given 18 decimals, stores them, and refuses one more", async () => {
    const { reputation, seller, stranger } = world;
    await give(world, stranger, seller, { valueDecimals: 18n });
    for (const valueDecimals of [19n, 255n]) {
      await expect(give(world, stranger, seller, { valueDecimals }))
        .to.be.revertedWithCustomError(reputation, "DecimalsTooMany")
        .withArgs(valueDecimals, 18n);
    }
  });

  it("takes the largest and the smallest value", async () => {
    const { reputation, seller, stranger } = world;
    for (const value of [INT128_MAX, -INT128_MAX - 1n]) await give(world, stranger, seller, { value });
    expect((await reputation.readFeedback(seller, stranger, 1n)).value).to.equal(INT128_MAX);
    expect((await reputation.readFeedback(seller, stranger, 2n)).value).to.equal(-INT128_MAX - 1n);
  });

  it("takes nothing but a value, and strings of any size at the caller's cost", async () => {
    const { reputation, seller, stranger } = world;
    const nothing = { tag1: "", tag2: "", endpoint: "", feedbackURI: "", feedbackHash: ethers.ZeroHash };
    await give(world, stranger, seller, nothing);
    const long = "x".repeat(4_000);
    await give(world, stranger, seller, { tag1: long, tag2: long, endpoint: long, feedbackURI: long });
    expect(await reputation.readFeedback(seller, stranger, 1n)).to.deep.equal([90n, 0n, "", "", false]);
    expect(await reputation.readFeedback(seller, stranger, 2n)).to.deep.equal([90n, 0n, long, long, false]);
  });

  it("doesn't count among the ratings of deals", async () => {
    const { reputation, seller, buyerWallet } = world;
    await give(world, buyerWallet, seller);
    expect(await reputation.dealSummary(seller)).to.deep.equal([0n, 0n]);
  });
});

describe("ReputationRegistry.revokeFeedback", () => {
  let world: ReputationWorld;

  beforeEach(async () => {
    world = await loadReputation();
    await give(world, world.stranger, world.seller);
    await give(world, world.stranger, world.seller, { value: 50n });
  });

  it("given the client, marks it revoked and leaves the rest", async () => {
    const { reputation, seller, stranger } = world;
    await expect(reputation.connect(stranger).revokeFeedback(seller, 1n))
      .to.emit(reputation, "FeedbackRevoked")
      .withArgs(seller, stranger.address, 1n);
    expect((await reputation.readFeedback(seller, stranger, 1n)).isRevoked).to.equal(true);
    expect((await reputation.readFeedback(seller, stranger, 2n)).isRevoked).to.equal(false);
    expect(await reputation.getLastIndex(seller, stranger)).to.equal(2n);
  });

  it("given the same once more, refuses", async () => {
    const { reputation, seller, stranger } = world;
    await reputation.connect(stranger).revokeFeedback(seller, 1n);
    await expect(reputation.connect(stranger).revokeFeedback(seller, 1n))
      .to.be.revertedWithCustomError(reputation, "FeedbackRevokedAlready")
      .withArgs(seller, stranger.address, 1n);
  });

  it("given somebody else, the agent's owner included, refuses", async () => {
    const { reputation, seller, sellerOwner, relayer } = world;
    for (const caller of [sellerOwner, relayer]) {
      await expect(reputation.connect(caller).revokeFeedback(seller, 1n))
        .to.be.revertedWithCustomError(reputation, "FeedbackUnknown")
        .withArgs(seller, caller.address, 1n, 0n);
    }
  });

  it("given index 0 or one too many, refuses", async () => {
    const { reputation, seller, stranger } = world;
    for (const index of [0n, 3n, 2n ** 64n - 1n]) {
      await expect(reputation.connect(stranger).revokeFeedback(seller, index))
        .to.be.revertedWithCustomError(reputation, "FeedbackUnknown")
        .withArgs(seller, stranger.address, index, 2n);
    }
  });
});

describe("ReputationRegistry.appendResponse", () => {
  let world: ReputationWorld;

  beforeEach(async () => {
    world = await loadReputation();
    const { stranger, relayer, seller } = world;
    for (const client of [stranger, stranger, relayer]) await give(world, client, seller);
  });

  it("given anyone, emits ERC-8004's event", async () => {
    const { reputation, seller, sellerOwner, stranger } = world;
    const hash = ethers.id("response");
    await expect(reputation.connect(sellerOwner).appendResponse(seller, stranger, 1n, "ipfs://response", hash))
      .to.emit(reputation, "ResponseAppended")
      .withArgs(seller, stranger.address, 1n, sellerOwner.address, "ipfs://response", hash);
  });

  it("given feedback that is revoked, responds all the same", async () => {
    const { reputation, seller, stranger } = world;
    await reputation.connect(stranger).revokeFeedback(seller, 1n);
    await reputation.appendResponse(seller, stranger, 1n, "ipfs://response", ethers.ZeroHash);
    expect(await reputation.getResponseCount(seller, stranger, 1n, [])).to.equal(1n);
  });

  it("given feedback that doesn't exist, refuses", async () => {
    const { reputation, seller, buyer, stranger, sellerOwner } = world;
    for (const [agent, client, index, last] of [
      [seller, stranger, 0n, 2n],
      [seller, stranger, 3n, 2n],
      [seller, sellerOwner, 1n, 0n],
      [buyer, stranger, 1n, 0n],
    ] as const) {
      await expect(reputation.appendResponse(agent, client, index, "ipfs://response", ethers.ZeroHash))
        .to.be.revertedWithCustomError(reputation, "FeedbackUnknown")
        .withArgs(agent, client.address, index, last);
    }
  });

  it("given no URI, refuses", async () => {
    const { reputation, seller, stranger } = world;
    await expect(reputation.appendResponse(seller, stranger, 1n, "", ethers.id("response")))
      .to.be.revertedWithCustomError(reputation, "ResponseURIEmpty")
      .withArgs(seller, stranger.address, 1n);
  });

  it("is counted by client, feedback and responder", async () => {
    const { reputation, seller, buyer, stranger, relayer, sellerOwner, buyerOwner } = world;
    for (const [responder, client, index] of [
      [sellerOwner, stranger, 1n],
      [sellerOwner, stranger, 1n],
      [buyerOwner, stranger, 1n],
      [sellerOwner, stranger, 2n],
      [buyerOwner, relayer, 1n],
    ] as const) {
      await reputation.connect(responder).appendResponse(seller, client, index, "ipfs://response", ethers.ZeroHash);
    }
    const anybody = ethers.ZeroAddress;
    for (const [client, index, responders, count] of [
      [anybody, 0n, [], 5n],
      [anybody, 1n, [], 4n],
      [anybody, 0n, [sellerOwner], 3n],
      [stranger, 0n, [], 4n],
      [stranger, 0n, [buyerOwner], 1n],
      [stranger, 1n, [], 3n],
      [stranger, 1n, [sellerOwner, buyerOwner], 3n],
      [stranger, 2n, [buyerOwner], 0n],
      [relayer, 1n, [buyerOwner], 1n],
      [relayer, 7n, [], 0n],
      [relayer, 2n ** 64n - 1n, [buyerOwner], 0n],
      [sellerOwner, 0n, [], 0n],
    ] as const) {
      expect(await reputation.getResponseCount(seller, client, index, [...responders])).to.equal(count);
    }
    expect(await reputation.getResponseCount(buyer, anybody, 0n, [])).to.equal(0n);
  });
});
