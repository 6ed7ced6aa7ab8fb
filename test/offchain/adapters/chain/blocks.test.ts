import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { concatHex, encodeFunctionData } from "viem";
import { settlementAbi } from "../../../../offchain/adapters/chain/abis.ts";
import { ChainBlocks } from "../../../../offchain/adapters/chain/blocks.ts";
import { findDeal } from "../../../../offchain/adapters/chain/disclosed-deal.ts";
import type { RawLog } from "../../../../offchain/adapters/chain/node-answers.ts";
import type { Hex } from "../../../../offchain/kernel/bytes.ts";
import { ZERO_32, ZERO_ADDRESS } from "../../../../offchain/kernel/ids.ts";
import { type Deal, hashDeal } from "../../../../offchain/terms/deal.ts";
import { hashOf, ScriptedNode, SETTLEMENT, toQuantity } from "./scripted-node.ts";

const DEPLOYMENT = { chainId: 1, registry: ZERO_ADDRESS, settlement: SETTLEMENT };
const DEAL: Deal = {
  buyer: 7n,
  seller: 9n,
  token: SETTLEMENT,
  price: 1_000n,
  buyerBond: 10n,
  sellerBond: 2n ** 127n,
  commitBy: 1_900_000_000,
  deliverWithin: 3_600,
  reviewPeriod: 7_200,
  arbitrator: SETTLEMENT,
  maxFee: 12_345n,
  rulingWithin: 86_400,
  lapseShare: 5_000,
  category: ZERO_32,
  terms: hashOf(1),
  negotiation: hashOf(2),
};

function setUp(options = {}) {
  const node = new ScriptedNode();
  return { node, blocks: new ChainBlocks(node, DEPLOYMENT, options) };
}

async function readAll(blocks: ChainBlocks, to: number): Promise<number[]> {
  const found: number[] = [];
  for (let next = 1; next <= to; ) {
    const span = await blocks.span(next, to);
    for (const { block, events } of span.blocks) {
      assert.deepEqual([block.hash, block.timestamp], [hashOf(block.number), 1_000 + block.number]);
      assert.equal(events.length, 1);
      found.push(block.number);
    }
    assert.equal(span.end.hash, hashOf(span.end.number));
    next = span.end.number + 1;
  }
  return found;
}

/** Counts the questions for logs from now on. */
function spyOn(node: ScriptedNode): () => number {
  let count = 0;
  const request = node.request.bind(node);
  node.request = ((method: string, params: readonly unknown[]) => {
    if (method === "eth_getLogs") count++;
    return request(method, params);
  }) as typeof node.request;
  return () => count;
}

const everyTenth = (to: number) => Array.from({ length: to / 10 }, (_, index) => 10 * (index + 1));

describe("blocks by JSON-RPC", () => {
  it("shrinks its ranges where the node refuses, and misses nothing", async () => {
    const { node, blocks } = setUp();
    node.mostBlocks = 130;
    assert.deepEqual(await readAll(blocks, 5_000), everyTenth(5_000));
    const refused = node.ranges.filter((range) => range > 130).length;
    assert.ok(node.ranges[0] === 1_000 && refused < 8, `${refused} refusals in ${node.ranges}`);
    node.mostBlocks = Number.POSITIVE_INFINITY;
    node.ranges.length = 0;
    await readAll(blocks, 10_000);
    assert.ok(Math.max(...node.ranges) > 400, `grows again: ${node.ranges}`);
  });

  it("takes no answer for whole that has as many logs as nodes leave some out at", async () => {
    const { node, blocks } = setUp({ mostLogs: 20 });
    node.mostLogs = 21;
    assert.deepEqual(await readAll(blocks, 3_000), everyTenth(3_000));
  });

  it("tells a node that is out of reach from one that refuses, and a lasting refusal from a range", async () => {
    const { node, blocks } = setUp();
    node.isGone = true;
    await assert.rejects(blocks.span(1, 1_000), { code: "ChainUnreachable", retryable: true });
    node.isGone = false;
    node.mostBlocks = 0;
    await assert.rejects(blocks.span(1, 1_000), { code: "ChainFailed", retryable: true });
    assert.equal(node.ranges.at(-1), 1);
  });

  it("asks for a block's time where its logs don't tell it", async () => {
    const { node, blocks } = setUp();
    node.tellsTimes = false;
    assert.deepEqual(await readAll(blocks, 500), everyTenth(500));
  });

  it("refuses answers that are not what was asked for", async () => {
    const change = (changes: Partial<RawLog>) => (logs: RawLog[]) => logs.map((log) => ({ ...log, ...changes }));
    const cases: readonly ((logs: RawLog[]) => RawLog[])[] = [
      change({ address: ZERO_ADDRESS }),
      change({ blockNumber: toQuantity(9_999) }),
      change({ blockHash: hashOf(3) }),
      change({ removed: true }),
      change({ logIndex: "3" }),
      change({ topics: ["0x12"] }),
      (logs) => [...logs, ...logs],
    ];
    for (const spoil of cases) {
      const { node, blocks } = setUp();
      node.spoil = spoil;
      node.tellsTimes = false;
      await assert.rejects(blocks.span(1, 100), { code: "NodeUnsound", retryable: true });
      const block = { number: 20, hash: hashOf(20), parent: hashOf(19), timestamp: 1_020 };
      await assert.rejects(blocks.eventsIn([block]), { code: "NodeUnsound", retryable: true });
    }
  });

  it("asks no node for the logs of a block whose filter says that it has others", async () => {
    const { node, blocks } = setUp();
    const asked: string[] = [];
    const request = node.request.bind(node);
    node.request = ((method: string, params: readonly unknown[]) => {
      asked.push(method);
      return request(method, params);
    }) as typeof node.request;
    const told = async (bloom: Hex) => {
      node.bloom = bloom;
      const block = await blocks.at(20);
      assert.ok(block);
      asked.length = 0;
      return (await blocks.eventsIn([block])).flat().length;
    };
    const others = `0x${"00".repeat(255)}01` as const;
    assert.deepEqual([await told(others), asked], [0, []]);
    // A filter without anything is that of a chain that fills in none.
    assert.deepEqual([await told(`0x${"00".repeat(256)}`), asked], [1, ["eth_getLogs"]]);
  });

  it("asks for the events of several blocks at once, and of each by itself only where that may leave something out", async () => {
    const { node, blocks } = setUp({ mostLogs: 2 });
    const refs = await Promise.all([...Array(31).keys()].map((at) => blocks.at(90 + at)));
    const asked = async (): Promise<[events: number, questions: number]> => {
      const known = refs.filter((ref) => ref !== null);
      const counted = spyOn(node);
      const events = await blocks.eventsIn(known);
      assert.deepEqual(
        events.map((found) => found.map(({ block }) => block)),
        known.map(({ number }) => (number % 10 === 0 ? [number] : [])),
      );
      return [events.flat().length, counted()];
    };
    refs.splice(0, 1);
    const most = refs.length;
    assert.deepEqual(await asked(), [3, 1 + most], "one answer has more than is believed");
    refs.splice(0, 10);
    assert.deepEqual(await asked(), [2, 1 + refs.length - 2]);
    node.mostBlocks = 5;
    assert.deepEqual(await asked(), [2, 1 + refs.length], "a refused range");
  });

  it("takes nothing from a range that is of another branch, or of another place", async () => {
    const { node, blocks } = setUp();
    const refs = (await Promise.all([20, 21, 22].map((at) => blocks.at(at)))).filter((ref) => ref !== null);
    node.spoil = (logs) => logs.map((log) => ({ ...log, blockHash: hashOf(20_000) }));
    await assert.rejects(blocks.eventsIn(refs), { code: "NodeUnsound" });
    node.spoil = (logs) => logs.map((log) => ({ ...log, blockNumber: toQuantity(21) }));
    await assert.rejects(blocks.eventsIn(refs), { code: "NodeUnsound", retryable: true });
    node.isGone = true;
    await assert.rejects(blocks.eventsIn(refs), { code: "ChainUnreachable", retryable: true });
  });

  it("does not believe that a block is empty whose filter says otherwise, and that the node has lost", async () => {
    const { node, blocks } = setUp();
    node.bloom = `0x${"ff".repeat(256)}`;
    const known = await blocks.at(20);
    assert.ok(known);
    assert.equal((await blocks.eventsIn([known])).flat().length, 1);
    const other = { ...known, hash: hashOf(20_000) };
    node.spoil = () => [];
    assert.deepEqual(await blocks.eventsIn([known]), [[]], "a filter may be wrong about a block that is there");
    node.request = ((request) => async (method: string, params: readonly unknown[]) => {
      const answer = await request.call(node, method, params);
      return method === "eth_getBlockByNumber" ? Object.assign(Object(answer), { hash: other.hash }) : answer;
    })(node.request) as typeof node.request;
    await assert.rejects(blocks.eventsIn([known]), { code: "NodeUnsound" });
  });
});

describe("a deal in a transaction's input", () => {
  const plain = encodeFunctionData({
    abi: settlementAbi,
    functionName: "dispute",
    args: [DEAL, ZERO_32, 1_000, ZERO_32],
  });

  it("is found wherever it stands, by its hash", () => {
    const wrapped: Hex = concatHex(["0x12345678000000", `0x${"00".repeat(77)}`, plain, "0xffff"]);
    for (const input of [plain, wrapped]) assert.deepEqual(findDeal(input, hashDeal(DEAL)), DEAL);
  });

  it("is not found where it isn't, or another is", () => {
    for (const input of ["0x", plain.slice(0, -200) as Hex, `0x${"00".repeat(5_000)}`] as const) {
      assert.equal(findDeal(input, hashDeal({ ...DEAL, price: 1n })), null);
    }
  });
});
