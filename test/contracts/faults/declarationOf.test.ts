import { expect } from "chai";
import { setWallet } from "../fixtures/agents.ts";
import { networkHelpers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { DAY, HOUR } from "../fixtures/time.ts";
import type { World } from "../fixtures/world.ts";
import { declare, empty, loadStaked, otherOf } from "./fixtures.ts";

const NOTHING = [0n, 0n, 0n];

describe("Settlement.declarationOf", () => {
  let world: World;

  beforeEach(async () => {
    world = await loadStaked();
  });

  it("given no deal or a committed one, is all zero", async () => {
    const { settlement } = world;
    const deal = await makeDeal(world);
    expect(await settlement.declarationOf(deal)).to.deep.equal(NOTHING);
    await declare(world, deal, "buyer");
    expect(await settlement.declarationOf(deal)).to.deep.equal(NOTHING);
  });

  for (const side of ["buyer", "seller"] as const) {
    it(`given the ${side}'s declaration, names it, the other's epoch and the end of the cure`, async () => {
      const { registry, settlement, stranger } = world;
      const other = otherOf(side);
      await setWallet(registry, world[`${other}Owner`], world[other], stranger);
      const deal = await makeDeal(world, { commitBy: (await networkHelpers.time.latest()) + 2 * DAY });
      await empty(world, other, deal.token);
      await declare(world, deal, side, { [other]: { signer: stranger } });
      expect(await settlement.declarationOf(deal)).to.deep.equal([deal[side], 3n, BigInt(deal.commitBy)]);
    });
  }

  it("given a declaration shortly before commitBy, names the hour", async () => {
    const { settlement } = world;
    const deal = await makeDeal(world);
    await empty(world, "seller", deal.token);
    const { since } = await declare(world, deal, "buyer");
    expect((await settlement.declarationOf(deal)).cureUntil).to.equal(since + HOUR);
  });

  it("given a default, is all zero again", async () => {
    const { settlement } = world;
    const deal = await makeDeal(world);
    await empty(world, "seller", deal.token);
    const { transcript, since } = await declare(world, deal, "buyer");
    await networkHelpers.time.increaseTo(since + HOUR + 1);
    await settlement.penalise(deal, transcript);
    expect(await settlement.declarationOf(deal)).to.deep.equal(NOTHING);
  });
});
