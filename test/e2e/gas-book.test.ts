import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { encodeFunctionData, parseAbi } from "viem";
import { GasBook } from "../../offchain/adapters/chain/gas-book.ts";
import { connectRpc, type Rpc } from "../../offchain/adapters/chain/rpc.ts";
import type { Address } from "../../offchain/kernel/ids.ts";
import { DEVELOPMENT_KEY, type EmbeddedChain, startEmbeddedChain } from "../../offchain/node/embedded-chain.ts";
import { walletAddress } from "../../offchain/terms/wallet-signature.ts";

const abi = parseAbi(["function say(bytes what)"]);

/** An account without code takes any call, and what that takes grows with what is said. */
const NOBODY: Address = `0x${"0b".repeat(20)}`;

describe("how much gas calls take", () => {
  let chain: EmbeddedChain;
  let rpc: Rpc;

  before(async () => {
    chain = await startEmbeddedChain();
    rpc = await connectRpc(chain.url);
  });
  after(() => chain.close());

  it("is remembered, grows at once where a call needs more, and comes down again after a while", async () => {
    const { asked, limit } = countedBook();
    const small = await limit(32);
    assert.equal(await limit(32), small);
    assert.equal(asked.estimates, 1, "what is known isn't looked for again");
    const large = await limit(3_000);
    assert.ok(large > 2n * small);
    assert.equal(await limit(32), large, "the next one may be as large");
    let uses = 0;
    while ((await limit(32)) === large) assert.ok(++uses < 1_000, "it comes down");
    assert.ok(uses > 10, "not before it has been of use");
    assert.equal(await limit(32), small);
    assert.equal(asked.estimates, 3);
  });

  it("is asked of nobody where the call is known to be taken, until one has failed", async () => {
    const { asked, book, limit } = countedBook();
    const small = await limit(32, true);
    assert.deepEqual(asked, { estimates: 1, trials: 0 }, "nothing is known at first");
    for (let call = 0; call < 10; call++) assert.equal(await limit(32, true), small);
    assert.deepEqual(asked, { estimates: 1, trials: 0 });
    await limit(32);
    assert.deepEqual(asked, { estimates: 1, trials: 1 });
    book.forget(requestOf(32).request);
    assert.ok((await limit(3_000, true)) > 2n * small);
    assert.deepEqual(asked, { estimates: 2, trials: 1 });
  });

  /** A book that counts what it asks the node. */
  function countedBook() {
    const asked = { estimates: 0, trials: 0 };
    const reads = {
      ...rpc.reads,
      estimateContractGas: async (call: never) => {
        asked.estimates++;
        return await rpc.reads.estimateContractGas(call);
      },
      call: async (call: never) => {
        asked.trials++;
        return await rpc.reads.call(call);
      },
    } as Rpc["reads"];
    const account = walletAddress(DEVELOPMENT_KEY);
    const book = new GasBook({ ...rpc, reads }, account);
    const limit = (bytes: number, isSure = false) => {
      const { call, request } = requestOf(bytes);
      return book.limit(request, { address: NOBODY, account, ...call }, isSure);
    };
    return { asked, book, limit };
  }
});

function requestOf(bytes: number) {
  const call = { abi, functionName: "say", args: [`0x${"ff".repeat(bytes)}`] } as const;
  return { call, request: { to: NOBODY, data: encodeFunctionData(call), value: 0n } };
}
