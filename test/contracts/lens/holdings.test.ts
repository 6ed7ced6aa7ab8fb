import { expect } from "chai";
import type { Lens } from "../../../types/ethers-contracts/index.ts";
import { ethers, NATIVE, networkHelpers } from "../fixtures/chain.ts";
import { DAY } from "../fixtures/time.ts";
import { FUNDS, load, type World } from "../fixtures/world.ts";
import { deployLens } from "./fixtures.ts";

describe("Lens.holdings", () => {
  let world: World;
  let lens: Lens;

  beforeEach(async () => {
    world = await load();
    lens = await deployLens(world);
  });

  it("given an agent, shows who speaks for it, its lock, and what it has in each token asked for", async () => {
    const { settlement, registry, token, buyer, buyerOwner, buyerWallet } = world;
    await settlement.connect(buyerOwner).stake(buyer, token, 30n);
    await settlement.connect(buyerOwner).unstake(buyer, token, 10n);
    const asked = await networkHelpers.time.latest();
    await registry.connect(buyerOwner).lock(buyer, asked + DAY);
    const erc20 = await token.getAddress();
    expect(await lens.holdings(buyer, [erc20, NATIVE])).to.deep.equal([
      buyerOwner.address,
      buyerWallet.address,
      2n,
      1n,
      BigInt(asked + DAY),
      [
        [erc20, FUNDS - 30n, 20n, 10n, BigInt(asked + 7 * DAY)],
        [NATIVE, FUNDS, 0n, 0n, 0n],
      ],
    ]);
  });

  it("given an agent that was sold, shows the new owner and no wallet", async () => {
    const { registry, buyer, buyerOwner, stranger } = world;
    await registry.connect(buyerOwner).transferFrom(buyerOwner, stranger, buyer);
    expect((await lens.holdings(buyer, [])).slice(0, 4)).to.deep.equal([stranger.address, ethers.ZeroAddress, 3n, 2n]);
  });

  it("given an agent that doesn't exist, refuses", async () => {
    await expect(lens.holdings(99n, [])).to.be.revertedWithCustomError(world.registry, "ERC721NonexistentToken");
  });
});
