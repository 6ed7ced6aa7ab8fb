import { expect } from "chai";
import { concat, keccak256 } from "ethers";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { at } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";

const TOPIC = ethers.id("audit log");
const ROOT = ethers.id("root");

type AnchorWorld = World & Awaited<ReturnType<typeof loadAnchor>>;

async function loadAnchor() {
  const world = await load();
  return { ...world, anchor: await ethers.deployContract("Anchor", [world.registry]) };
}

describe("Anchor.anchor", () => {
  let world: AnchorWorld;

  beforeEach(async () => {
    world = await loadAnchor();
  });

  it("given owner or wallet, anchors the root", async () => {
    const { anchor, buyer, buyerOwner, buyerWallet } = world;
    for (const [caller, epoch] of [
      [buyerOwner, 1n],
      [buyerWallet, 2n],
    ] as const) {
      await expect(anchor.connect(caller).anchor(buyer, TOPIC, epoch, ROOT, "ipfs://log"))
        .to.emit(anchor, "Anchored")
        .withArgs(buyer, TOPIC, epoch, ROOT, "ipfs://log");
      expect(await anchor.rootOf(buyer, TOPIC, epoch)).to.equal(ROOT);
      expect(await anchor.latestEpoch(buyer, TOPIC)).to.equal(epoch);
    }
  });

  it("given anybody else, operators included, refuses", async () => {
    const { registry, anchor, buyer, buyerOwner, sellerWallet, relayer } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    for (const caller of [sellerWallet, relayer]) {
      await expect(anchor.connect(caller).anchor(buyer, TOPIC, 1n, ROOT, ""))
        .to.be.revertedWithCustomError(anchor, "NotOwnerOrWallet")
        .withArgs(buyer, caller.address);
    }
  });

  it("given an agent that doesn't exist, refuses", async () => {
    const { registry, anchor } = world;
    await expect(anchor.anchor(99n, TOPIC, 1n, ROOT, "")).to.be.revertedWithCustomError(
      registry,
      "ERC721NonexistentToken",
    );
  });

  it("given a former owner or wallet, refuses, and lets the new owner go on", async () => {
    const { registry, anchor, buyer, buyerOwner, buyerWallet, stranger } = world;
    await anchor.connect(buyerWallet).anchor(buyer, TOPIC, 5n, ROOT, "");
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    for (const former of [buyerOwner, buyerWallet]) {
      await expect(anchor.connect(former).anchor(buyer, TOPIC, 6n, ROOT, ""))
        .to.be.revertedWithCustomError(anchor, "NotOwnerOrWallet")
        .withArgs(buyer, former.address);
    }
    await anchor.connect(stranger).anchor(buyer, TOPIC, 6n, ROOT, "");
  });

  it("given the same epoch again, or an earlier one, refuses, even with the same root", async () => {
    const { anchor, buyer, buyerWallet } = world;
    await anchor.connect(buyerWallet).anchor(buyer, TOPIC, 5n, ROOT, "");
    for (const epoch of [5n, 4n, 0n]) {
      await expect(anchor.connect(buyerWallet).anchor(buyer, TOPIC, epoch, ROOT, ""))
        .to.be.revertedWithCustomError(anchor, "EpochNotLater")
        .withArgs(buyer, TOPIC, epoch, 5n);
    }
    await anchor.connect(buyerWallet).anchor(buyer, TOPIC, 6n, ethers.id("other"), "");
    expect(await anchor.rootOf(buyer, TOPIC, 5n)).to.equal(ROOT);
  });

  it("given epoch 0 as the first, refuses", async () => {
    const { anchor, buyer, buyerWallet } = world;
    await expect(anchor.connect(buyerWallet).anchor(buyer, TOPIC, 0n, ROOT, ""))
      .to.be.revertedWithCustomError(anchor, "EpochNotLater")
      .withArgs(buyer, TOPIC, 0n, 0n);
  });

  it("given no root, refuses", async () => {
    const { anchor, buyer, buyerWallet } = world;
    await expect(anchor.connect(buyerWallet).anchor(buyer, TOPIC, 1n, ethers.ZeroHash, ""))
      .to.be.revertedWithCustomError(anchor, "RootZero")
      .withArgs(buyer, TOPIC);
  });

  it("counts epochs for each agent and topic apart, so that one far ahead stops no other", async () => {
    const { anchor, buyer, seller, buyerWallet, sellerWallet } = world;
    const far = await networkHelpers.time.latest();
    await anchor.connect(buyerWallet).anchor(buyer, TOPIC, far, ROOT, "");
    await anchor.connect(buyerWallet).anchor(buyer, ethers.id("scores"), 1n, ROOT, "");
    await anchor.connect(sellerWallet).anchor(seller, TOPIC, 1n, ROOT, "");
    expect(await anchor.latestEpoch(buyer, TOPIC)).to.equal(far);
  });

  it("given the present second's number, anchors; given a higher one, refuses, so that none is used up for good", async () => {
    const { anchor, buyer, buyerWallet } = world;
    const now = (await networkHelpers.time.latest()) + 10;
    const as = anchor.connect(buyerWallet);
    for (const [i, epoch] of [2n ** 64n - 1n, BigInt(now + 2)].entries()) {
      await at(now + i, () =>
        expect(as.anchor(buyer, TOPIC, epoch, ROOT, ""))
          .to.be.revertedWithCustomError(anchor, "EpochTooFar")
          .withArgs(buyer, TOPIC, epoch, now + i),
      );
    }
    await at(now + 2, () => as.anchor(buyer, TOPIC, now + 2, ROOT, ""));
    await at(now + 3, () => as.anchor(buyer, TOPIC, now + 3, ROOT, ""));
    expect(await anchor.latestEpoch(buyer, TOPIC)).to.equal(now + 3);
  });

  it("takes a URI of any size, at the caller's cost", async () => {
    const { anchor, buyer, buyerWallet } = world;
    const uri = "x".repeat(20_000);
    await expect(anchor.connect(buyerWallet).anchor(buyer, TOPIC, 1n, ROOT, uri))
      .to.emit(anchor, "Anchored")
      .withArgs(buyer, TOPIC, 1n, ROOT, uri);
  });
});

describe("Anchor.verify", () => {
  let world: AnchorWorld;
  const records = [1, 2, 3].map((n) => ethers.id(`record ${n}`));
  const [a = "", b = "", c = ""] = records;
  const inner = hashPair(leafOf(a), leafOf(b));
  const root = hashPair(inner, leafOf(c));

  beforeEach(async () => {
    world = await loadAnchor();
    await world.anchor.connect(world.buyerWallet).anchor(world.buyer, TOPIC, 7n, root, "");
  });

  function leafOf(record: string): string {
    return keccak256(keccak256(record));
  }

  function hashPair(left: string, right: string): string {
    return keccak256(concat(BigInt(left) < BigInt(right) ? [left, right] : [right, left]));
  }

  async function verify(record: string, proof: string[], topic = TOPIC, epoch = 7n, agent = world.buyer) {
    return await world.anchor.verify(agent, topic, epoch, record, proof);
  }

  it("given a record's proof, is true", async () => {
    expect(await verify(a, [leafOf(b), leafOf(c)])).to.equal(true);
    expect(await verify(b, [leafOf(a), leafOf(c)])).to.equal(true);
    expect(await verify(c, [inner])).to.equal(true);
  });

  it("given a record that isn't in the tree, or another's proof, is false", async () => {
    expect(await verify(ethers.id("record 4"), [leafOf(b), leafOf(c)])).to.equal(false);
    expect(await verify(a, [inner])).to.equal(false);
    expect(await verify(a, [])).to.equal(false);
    expect(await verify(a, [leafOf(b), leafOf(c), leafOf(c)])).to.equal(false);
  });

  it("given an inner node, a leaf's hash or the root itself as a record, is false", async () => {
    expect(await verify(inner, [leafOf(c)])).to.equal(false);
    expect(await verify(leafOf(a), [leafOf(b), leafOf(c)])).to.equal(false);
    expect(await verify(root, [])).to.equal(false);
  });

  it("given another agent, topic or epoch, is false", async () => {
    const proof = [leafOf(b), leafOf(c)];
    expect(await verify(a, proof, TOPIC, 7n, world.seller)).to.equal(false);
    expect(await verify(a, proof, ethers.id("scores"))).to.equal(false);
    expect(await verify(a, proof, TOPIC, 8n)).to.equal(false);
  });

  it("given an epoch without a root, is false of the empty record too", async () => {
    expect(await verify(ethers.ZeroHash, [], TOPIC, 8n)).to.equal(false);
    expect(await verify(ethers.ZeroHash, [ethers.ZeroHash], TOPIC, 8n)).to.equal(false);
  });

  it("given a tree of one record, needs no siblings", async () => {
    const { anchor, buyer, buyerWallet } = world;
    await anchor.connect(buyerWallet).anchor(buyer, TOPIC, 8n, leafOf(a), "");
    expect(await verify(a, [], TOPIC, 8n)).to.equal(true);
  });

  it("names its registry", async () => {
    expect(await world.anchor.registry()).to.equal(await world.registry.getAddress());
  });
});
