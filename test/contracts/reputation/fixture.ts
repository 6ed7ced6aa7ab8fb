// The world with a reputation registry, and shorthands for feedback.
import type { Signer } from "ethers";
import type { IReputationRegistry } from "../../../types/ethers-contracts/ReputationRegistry.ts";
import { commit, TRANSCRIPT } from "../fixtures/agreements.ts";
import { ethers } from "../fixtures/chain.ts";
import { makeDeal } from "../fixtures/deals.ts";
import { load, type World } from "../fixtures/world.ts";
import type { Deal } from "../typedData.ts";

export const WHOLE = 10n ** 18n;

export type ReputationWorld = Awaited<ReturnType<typeof loadReputation>>;

export async function loadReputation() {
  const world = await load();
  const reputation = await ethers.deployContract("ReputationRegistry", [world.settlement]);
  return { ...world, reputation };
}

export function rate(changes: Partial<IReputationRegistry.RatingStruct> = {}): IReputationRegistry.RatingStruct {
  return {
    value: 90n,
    valueDecimals: 0n,
    tag1: "starred",
    tag2: "week",
    endpoint: "https://agent.example/a2a",
    feedbackURI: "ipfs://feedback",
    feedbackHash: ethers.id("feedback"),
    ...changes,
  };
}

/** Gives feedback that no deal stands behind. */
export async function give(
  { reputation }: ReputationWorld,
  client: Signer,
  agent: bigint,
  changes: Partial<IReputationRegistry.RatingStruct> = {},
) {
  const { value, valueDecimals, tag1, tag2, endpoint, feedbackURI, feedbackHash } = rate(changes);
  return await reputation
    .connect(client)
    .giveFeedback(agent, value, valueDecimals, tag1, tag2, endpoint, feedbackURI, feedbackHash);
}

/** A deal that was committed and accepted. */
export async function settle(world: World, changes: Partial<Deal> = {}): Promise<Deal> {
  const deal = await makeDeal(world, changes);
  await commit(world, deal);
  await world.settlement.connect(world.buyerWallet).accept(deal, TRANSCRIPT);
  return deal;
}
