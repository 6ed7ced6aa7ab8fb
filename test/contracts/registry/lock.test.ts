import { expect } from "chai";
import { networkHelpers } from "../fixtures/chain.ts";
import { at, DAY } from "../fixtures/time.ts";
import { load, type World } from "../fixtures/world.ts";

describe("AgentRegistry.lock", () => {
  let world: World;
  let now: number;

  beforeEach(async () => {
    world = await load();
    now = (await networkHelpers.time.latest()) + 10;
  });

  async function lockedUntil(): Promise<bigint> {
    return (await world.registry.stateOf(world.buyer)).lockedUntil;
  }

  it("given the owner, locks until then and leaves the rest as it was", async () => {
    const { registry, buyer, buyerOwner, buyerWallet } = world;
    await expect(registry.connect(buyerOwner).lock(buyer, now + DAY))
      .to.emit(registry, "Locked")
      .withArgs(buyer, now + DAY);
    expect(await registry.stateOf(buyer)).to.deep.equal([buyerWallet.address, 2n, 1n, BigInt(now + DAY)]);
  });

  it("given anybody else, operators and wallet included, refuses", async () => {
    const { registry, buyer, buyerOwner, buyerWallet, relayer, stranger, sellerOwner } = world;
    await registry.connect(buyerOwner).approve(relayer, buyer);
    await registry.connect(buyerOwner).setApprovalForAll(stranger, true);
    for (const caller of [buyerWallet, relayer, stranger, sellerOwner]) {
      await expect(registry.connect(caller).lock(buyer, now + DAY))
        .to.be.revertedWithCustomError(registry, "NotOwner")
        .withArgs(buyer, caller.address);
    }
  });

  it("given an agent that doesn't exist, refuses", async () => {
    await expect(world.registry.lock(99n, now + DAY)).to.be.revertedWithCustomError(
      world.registry,
      "ERC721NonexistentToken",
    );
  });

  it("given 30 days ahead, locks, and a second more refuses", async () => {
    const { registry, buyer, buyerOwner } = world;
    const limit = now + 30 * DAY;
    await expect(at(now, () => registry.connect(buyerOwner).lock(buyer, limit + 1)))
      .to.be.revertedWithCustomError(registry, "LockTooFar")
      .withArgs(buyer, limit + 1, limit);
    await at(now + 1, () => registry.connect(buyerOwner).lock(buyer, limit + 1));
    expect(await lockedUntil()).to.equal(BigInt(limit + 1));
  });

  it("given the largest time there is, refuses", async () => {
    const { registry, buyer, buyerOwner } = world;
    await expect(registry.connect(buyerOwner).lock(buyer, 2n ** 40n - 1n)).to.be.revertedWithCustomError(
      registry,
      "LockTooFar",
    );
  });

  it("given this second or one before it, refuses, and takes the next", async () => {
    const { registry, buyer, buyerOwner } = world;
    for (const [second, until] of [
      [now, now],
      [now + 1, 0],
    ] as const) {
      await expect(at(second, () => registry.connect(buyerOwner).lock(buyer, until)))
        .to.be.revertedWithCustomError(registry, "LockNotExtended")
        .withArgs(buyer, until, second);
    }
    await at(now + 2, () => registry.connect(buyerOwner).lock(buyer, now + 3));
    expect(await lockedUntil()).to.equal(BigInt(now + 3));
  });

  it("given a lock that stands, only makes it longer", async () => {
    const { registry, buyer, buyerOwner } = world;
    await registry.connect(buyerOwner).lock(buyer, now + DAY);
    for (const until of [now + DAY, now + DAY - 1]) {
      await expect(registry.connect(buyerOwner).lock(buyer, until))
        .to.be.revertedWithCustomError(registry, "LockNotExtended")
        .withArgs(buyer, until, now + DAY);
    }
    await registry.connect(buyerOwner).lock(buyer, now + DAY + 1);
    expect(await lockedUntil()).to.equal(BigInt(now + DAY + 1));
  });

  it("survives transfers to and fro, new wallets and revoked keys", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    await registry.connect(buyerOwner).lock(buyer, now + DAY);
    await registry.connect(buyerOwner).revokeKeys(buyer);
    await registry.connect(buyerOwner).unsetAgentWallet(buyer);
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    expect(await lockedUntil()).to.equal(BigInt(now + DAY));
    await registry.connect(stranger).transferFrom(stranger, buyerOwner, buyer);
    expect(await lockedUntil()).to.equal(BigInt(now + DAY));
  });

  it("given a former owner, refuses, and lets the new one extend it", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    await expect(registry.connect(buyerOwner).lock(buyer, now + DAY))
      .to.be.revertedWithCustomError(registry, "NotOwner")
      .withArgs(buyer, buyerOwner.address);
    await registry.connect(stranger).lock(buyer, now + DAY);
  });
});
