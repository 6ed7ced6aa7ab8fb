import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { parseAbi } from "viem";
import { readArtifact } from "../../offchain/adapters/chain/artifacts.ts";
import { type Asset, HandOverClient, type Side } from "../../offchain/adapters/chain/hand-over.ts";
import { Operator } from "../../offchain/adapters/chain/operator.ts";
import type { Rpc } from "../../offchain/adapters/chain/rpc.ts";
import { Sender } from "../../offchain/adapters/chain/sender.ts";
import { SettlementChain } from "../../offchain/adapters/chain/settlement.ts";
import { type Address, type Bytes32, ZERO_32 } from "../../offchain/kernel/ids.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import type { Rehearsal } from "../../offchain/node/principal.ts";
import type { SessionProof } from "../../offchain/ports/chain.ts";
import { type Deal, hashDeal } from "../../offchain/terms/deal.ts";
import { Stage } from "../../scripts/lib/scenario/stage.ts";

const COLLECTIBLE = "mocks/OddCollectibles.sol/OpenCollectible";
const DAY_S = 86_400;

const tokenAbi = parseAbi([
  "function mint(address to, uint256 number)",
  "function ownerOf(uint256 id) view returns (address)",
  "function balanceOf(address holder) view returns (uint256)",
]);

interface Bound {
  readonly deal: Deal;
  readonly transcript: Bytes32;
}

describe("handing over, on a real chain", () => {
  let embedded: EmbeddedChain;
  let rpc: Rpc;
  let stage: Stage;
  let rehearsal: Rehearsal;
  let principal: Sender;
  let handOver: Address;
  let relics: Address;
  let relicCount = 0n;

  before(async () => {
    embedded = await startEmbeddedChain();
    stage = await Stage.prepare(embedded.url);
    ({ rpc, rehearsal } = stage);
    principal = new Sender(rpc, DEVELOPMENT_KEY);
    const [escrow, collectible] = [await readArtifact("HandOver.sol/HandOver"), await readArtifact(COLLECTIBLE)];
    const { settlement } = rehearsal.deployment;
    handOver = (await principal.deploy("deploying HandOver", escrow.abi, escrow.bytecode, [settlement])).address;
    relics = (await principal.deploy("deploying relics", collectible.abi, collectible.bytecode, [])).address;
  });

  after(async () => {
    stage.stop();
    await embedded.close();
  });

  it("barters an ERC-721 for test tokens in one transaction, which a third party carries", async () => {
    const [relic, tokens] = [await givenRelic(), await givenTokens(250n)];
    const bound = await agree();
    const { deal, transcript } = bound;
    const until = await clientOf("seller").latestUntil(deal, transcript);
    await put("seller", bound, relic, until, tokens);
    await put("buyer", bound, tokens, until, relic);

    const notAfter = until - DAY_S;
    await clientOf("buyer").requirePut(deal, transcript, [relic], notAfter);
    const receipt = await receiptOf(deal, notAfter);
    const carrier = new HandOverClient(rpc, principal, handOver);
    await carrier.exchange(deal, transcript, receipt, { fromSeller: [relic], fromBuyer: [tokens] });

    assert.equal(await ownerOf(relic), addressOf("buyer"));
    assert.equal(await balanceOf(addressOf("seller")), 250n);
    const { fate } = await clientOf("seller").parcelOf(deal, transcript, "seller", relic);
    assert.equal(fate, "Handed");
    assert.equal((await rehearsal.chain.position(deal, transcript)).status, "Settled");
  });

  it("without a price, hands over what an acceptance has settled", async () => {
    const relic = await givenRelic();
    const bound = await agree({ price: 0n });
    const { deal, transcript } = bound;
    await put("seller", bound, relic, await clientOf("seller").latestUntil(deal, transcript));
    await chainOf("buyer").accept(deal, transcript);
    await clientOf("buyer").take(deal, transcript, "seller", relic);
    assert.equal(await ownerOf(relic), addressOf("buyer"));
  });

  it("gives back what wasn't paid for, and refuses by name until then", async () => {
    const relic = await givenRelic();
    const bound = await agree();
    const { deal, transcript } = bound;
    const seller = clientOf("seller");
    const until = await seller.latestUntil(deal, transcript);
    await seller.allow(relic);
    await assert.rejects(seller.put(deal, transcript, "seller", relic, { until: until + 1 }), { code: "UntilTooFar" });
    await seller.put(deal, transcript, "seller", relic, { until });
    assert.deepEqual(await seller.parcelOf(deal, transcript, "seller", relic), {
      from: addressOf("seller"),
      until,
      fate: "Open",
    });
    await assert.rejects(seller.takeBack(deal, transcript, "seller", relic), { code: "FateMismatch" });
    await rehearsal.passTime(deal.deliverWithin + DAY_S + 1);
    await seller.takeBack(deal, transcript, "seller", relic);
    assert.equal(await ownerOf(relic), addressOf("seller"));
  });

  it("keeps a buyer from signing for what it may not get", async () => {
    const relic = await givenRelic();
    const bound = await agree();
    const { deal, transcript } = bound;
    const buyer = clientOf("buyer");
    const until = await buyer.latestUntil(deal, transcript);
    const check = (notAfter: number) => buyer.requirePut(deal, transcript, [relic], notAfter);
    await assert.rejects(check(0), { code: "AssetNotPut" });
    await put("seller", bound, relic, until);
    await check(until - DAY_S);
    await assert.rejects(check(until - DAY_S + 1), { code: "ReceiptOutlivesAsset" });
    await rehearsal.passTime(until - (await rehearsal.chain.time()) - 300);
    await assert.rejects(check(0), { code: "AssetTimeTooShort" });
  });

  function clientOf(side: Side): HandOverClient {
    return new HandOverClient(rpc, new Sender(rpc, stage[side].wallet), handOver);
  }

  function chainOf(side: Side): SettlementChain {
    return new SettlementChain(rpc, new Sender(rpc, stage[side].wallet), rehearsal.deployment);
  }

  function addressOf(side: Side): Address {
    return new Sender(rpc, stage[side].wallet).address;
  }

  async function put(side: Side, { deal, transcript }: Bound, asset: Asset, until: number, inReturn?: Asset) {
    const client = clientOf(side);
    await client.allow(asset);
    await client.put(deal, transcript, side, asset, inReturn === undefined ? { until } : { until, inReturn });
  }

  /** A relic of the seller's. */
  async function givenRelic(): Promise<Asset> {
    relicCount += 1n;
    const args = [addressOf("seller"), relicCount] as const;
    await principal.send("minting", { address: relics, abi: tokenAbi, functionName: "mint", args });
    return { token: relics, number: relicCount };
  }

  /** Tokens of the buyer's wallet, beside what its agent has in the treasury. */
  async function givenTokens(number: bigint): Promise<Asset> {
    const { token } = rehearsal;
    await new Operator(rpc, principal).mintTestToken(token, addressOf("buyer"), number);
    return { token, number };
  }

  async function ownerOf({ token: address, number }: Asset): Promise<string> {
    const call = { address, abi: tokenAbi, functionName: "ownerOf", args: [number] } as const;
    return (await rpc.reads.readContract(call)).toLowerCase();
  }

  async function balanceOf(holder: Address): Promise<bigint> {
    const call = { address: rehearsal.token, abi: tokenAbi, functionName: "balanceOf", args: [holder] } as const;
    return await rpc.reads.readContract(call);
  }

  /** A metered deal that both sides' session keys have signed, committed. */
  async function agree(changes: Partial<Deal> = {}): Promise<Bound> {
    const bonds = { buyerBond: 0n, sellerBond: 0n };
    const { deal, transcript, proofs } = await stage.agree({
      ...{ price: 1n, ...bonds, deliverWithin: 7_200, reviewPeriod: 0, ...changes },
    });
    await rehearsal.chain.commit(deal, proofs);
    return { deal, transcript };
  }

  /** The buyer's receipt of the whole price. */
  function receiptOf(deal: Deal, notAfter: number): Promise<SessionProof> {
    const body = { kind: "RECEIPT", deal: hashDeal(deal), total: deal.price } as const;
    return stage.say(stage.buyer, deal, body, { seq: 6, seen: ZERO_32 }, notAfter);
  }
});
