// Two envelopes of one agent with one number, and filing them as a fault.
import { ethers } from "../fixtures/chain.ts";
import type { SideOptions } from "../fixtures/envelopes.ts";
import type { World } from "../fixtures/world.ts";
import type { Deal } from "../typedData.ts";
import { type Side, say } from "./fixtures.ts";

type Envelope = Awaited<ReturnType<typeof say>>;
export type Contradiction = readonly [Envelope, Envelope];

/** Two offers of one number, for the deal and for another. */
export async function contradict(
  world: World,
  deal: Deal,
  side: Side,
  options: SideOptions = {},
): Promise<Contradiction> {
  const first = await say(world, deal, side, "Offer", deal, options);
  const second = await say(world, deal, side, "Offer", { ...deal, terms: ethers.id("other terms") }, options);
  return [first, second];
}

export async function file(world: World, deal: Deal, side: Side, [first, second]: Contradiction) {
  return await world.settlement.connect(world.relayer).equivocation(deal[side], deal, first.said, second.said);
}

/** Files what `contradict` has a side say. */
export async function expose(world: World, deal: Deal, side: Side, options: SideOptions = {}) {
  return await file(world, deal, side, await contradict(world, deal, side, options));
}
