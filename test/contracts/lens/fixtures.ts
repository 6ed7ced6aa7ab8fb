// Holds what Lens foresees against what Settlement then does in that very second.
import { expect } from "chai";
import type { Lens } from "../../../types/ethers-contracts/index.ts";
import { TRANSCRIPT } from "../fixtures/agreements.ts";
import { balances } from "../fixtures/balances.ts";
import { ethers, networkHelpers } from "../fixtures/chain.ts";
import { Act } from "../fixtures/enums.ts";
import type { World } from "../fixtures/world.ts";
import type { Deal } from "../typedData.ts";
import { type Asked, send } from "./acts.ts";

/** An act on a deal of the usual transcript, at once, unless it says otherwise. */
export interface Attempt extends Partial<Asked> {
  act: keyof typeof Act;
  deal: Deal;
  /** The second in which it happens. */
  time?: number;
}

export async function deployLens({ settlement }: World): Promise<Lens> {
  return await ethers.deployContract("Lens", [settlement]);
}

/** Both refuse, with the same error. */
export async function expectRefused(world: World, attempt: Attempt, error: string, ...args: unknown[]): Promise<void> {
  const { foreseen, sending } = await rehearse(world, attempt);
  const reason = world.settlement.interface.encodeErrorResult(error, args);
  expect(foreseen, "foreseen").to.deep.equal([false, reason, 0n, 0n]);
  await expect(sending())
    .to.be.revertedWithCustomError(world.settlement, error)
    .withArgs(...args);
}

/** The act ends the deal, and pays to both what was foreseen. */
export async function expectPaid(world: World, attempt: Attempt, buyer: bigint, seller: bigint): Promise<void> {
  const { foreseen, sending } = await rehearse(world, attempt);
  expect(foreseen, "foreseen").to.deep.equal([true, "0x", buyer, seller]);
  const before = await balances(world, attempt.deal.token);
  await sending();
  const after = await balances(world, attempt.deal.token);
  const paid = { buyer: after.buyer - before.buyer, seller: after.seller - before.seller };
  expect(paid, "paid").to.deep.equal({ buyer, seller });
}

/** The act succeeds, and the deal goes on: nothing is paid by its end. */
export async function expectPasses(world: World, attempt: Attempt): Promise<void> {
  const { foreseen, sending } = await rehearse(world, attempt);
  expect(foreseen, "foreseen").to.deep.equal([true, "0x", 0n, 0n]);
  await expect(sending()).not.to.emit(world.settlement, "Settled");
}

async function rehearse(world: World, { time: asked, ...attempt }: Attempt) {
  const lens = await deployLens(world);
  const act = { transcript: TRANSCRIPT, amount: 0n, ...attempt };
  const { deal, transcript, by, amount } = act;
  const time = asked ?? (await networkHelpers.time.latest()) + 1;
  await networkHelpers.time.setNextBlockTimestamp(time);
  const sender = by?.address ?? ethers.ZeroAddress;
  const foreseen = await lens.preview(Act[act.act], deal, transcript, sender, amount, { blockTag: "pending" });
  const sending = async () => {
    await networkHelpers.time.setNextBlockTimestamp(time);
    return await send(world, world.settlement.connect(by ?? world.relayer), act);
  };
  return { foreseen, sending };
}
