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
    let estimates = 0;
    const reads: Rpc["reads"] = {
      ...rpc.reads,
      estimateContractGas: async (asked: never) => {
        estimates++;
        return await rpc.reads.estimateContractGas(asked);
      },
    } as Rpc["reads"];
    const account = walletAddress(DEVELOPMENT_KEY);
    const book = new GasBook({ ...rpc, reads }, account);
    const limit = (bytes: number) => {
      const call = { abi, functionName: "say", args: [`0x${"ff".repeat(bytes)}`] } as const;
      const request = { to: NOBODY, data: encodeFunctionData(call), value: 0n };
      return book.limit(request, { address: NOBODY, account, ...call });
    };
    const small = await limit(32);
    assert.equal(await limit(32), small);
    assert.equal(estimates, 1, "what is known isn't looked for again");
    const large = await limit(3_000);
    assert.ok(large > 2n * small);
    assert.equal(await limit(32), large, "the next one may be as large");
    let uses = 0;
    while ((await limit(32)) === large) assert.ok(++uses < 1_000, "it comes down");
    assert.ok(uses > 10, "not before it has been of use");
    assert.equal(await limit(32), small);
    assert.equal(estimates, 3);
  });
});
