/** Goods for goods, in one transaction. */
import { parseAbi } from "viem";
import { readArtifact } from "../../../../offchain/adapters/chain/artifacts.ts";
import { type Asset, HandOverClient } from "../../../../offchain/adapters/chain/hand-over.ts";
import { Operator } from "../../../../offchain/adapters/chain/operator.ts";
import { Sender } from "../../../../offchain/adapters/chain/sender.ts";
import { type Address, ZERO_32 } from "../../../../offchain/kernel/ids.ts";
import { DEVELOPMENT_KEY } from "../../../../offchain/node/embedded-chain.ts";
import { hashDeal } from "../../../../offchain/terms/deal.ts";
import { reached, type Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const DAY_S = 86_400;

const relicAbi = parseAbi([
  "function mint(address to, uint256 number)",
  "function ownerOf(uint256 id) view returns (address)",
]);

export const BARTER: Scenario = {
  name: "barter",
  says: "an ERC-721 of the seller's for tokens of the buyer's wallet, and a price of 1: all of it in one transaction",
  async play(stage) {
    const agreement = await stage.agree({ price: 1n, deliverWithin: 2 * DAY_S, reviewPeriod: 0 });
    const { deal, transcript } = agreement;
    const bought = stage.diary();
    const buying = stage.settle("buyer", agreement, bought);
    const selling = stage.settle("seller", agreement, stage.diary());
    await reached(bought.tasks, "commit");
    const { handOver, relic, tokens } = await given(stage);
    const sides = { buyer: clientOf(stage, "buyer", handOver), seller: clientOf(stage, "seller", handOver) };
    const until = await sides.seller.latestUntil(deal, transcript);
    for (const [side, asset, inReturn] of [
      ["seller", relic, tokens],
      ["buyer", tokens, relic],
    ] as const) {
      stage.count(await sides[side].allow(asset));
      stage.count(await sides[side].put(deal, transcript, side, asset, { until, inReturn }));
    }
    // The receipt must not outlive the seller's promise.
    const notAfter = until - DAY_S;
    await sides.buyer.requirePut(deal, transcript, [relic], notAfter);
    const body = { kind: "RECEIPT", deal: hashDeal(deal), total: deal.price } as const;
    const receipt = await stage.say(stage.buyer, deal, body, { seq: 6, seen: ZERO_32 }, notAfter);
    stage.count(await sides.seller.exchange(deal, transcript, receipt, { fromSeller: [relic], fromBuyer: [tokens] }));
    const owner = await stage.rpc.reads.readContract({
      ...relicOf(relic),
      functionName: "ownerOf",
      args: [relic.number],
    });
    if (owner.toLowerCase() !== stage.sender(stage.buyer).address) throw new Error("the buyer did not get the relic");
    return { outcomes: await Promise.all([buying, selling]), expected: { buyer: -1n, seller: 1n } };
  },
};

/** A relic in the seller's wallet, tokens in the buyer's, and a HandOver to put them into. */
async function given(stage: Stage): Promise<{ handOver: Address; relic: Asset; tokens: Asset }> {
  const { settlement } = stage.rehearsal.deployment;
  const principal = new Sender(stage.rpc, DEVELOPMENT_KEY);
  const deploy = async (name: string, ...args: readonly unknown[]) => {
    const { abi, bytecode } = await readArtifact(name);
    return (await principal.deploy(`deploying ${name}`, abi, bytecode, args)).address;
  };
  const handOver = await deploy("HandOver.sol/HandOver", settlement);
  const relic = { token: await deploy("mocks/OddCollectibles.sol/OpenCollectible"), number: 1n };
  const args = [stage.sender(stage.seller).address, relic.number] as const;
  await principal.send("minting the relic", { ...relicOf(relic), functionName: "mint", args });
  const tokens = { token: stage.rehearsal.token, number: 250n };
  await new Operator(stage.rpc, principal).mintTestToken(
    tokens.token,
    stage.sender(stage.buyer).address,
    tokens.number,
  );
  return { handOver, relic, tokens };
}

function relicOf({ token: address }: Asset) {
  return { address, abi: relicAbi } as const;
}

function clientOf(stage: Stage, side: "buyer" | "seller", handOver: Address): HandOverClient {
  return new HandOverClient(stage.rpc, stage.sender(stage[side]), handOver);
}
