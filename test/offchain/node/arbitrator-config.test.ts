import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseArbitratorConfig } from "../../../offchain/node/arbitrator-config.ts";
import { DEPLOYMENT } from "../../vectors/actors.ts";

const GOOD = {
  rpc: "https://node.example",
  deployment: { ...DEPLOYMENT },
  court: `0x${"c0".repeat(20)}`,
  keys: "arbitrator.keys.json",
  journal: "arbitrator.sqlite",
};

describe("an arbitrator's configuration", () => {
  it("reads no evidence from anywhere but the web unless it is told to", () => {
    const { evidence, fromBlock } = parseArbitratorConfig(GOOD);
    assert.deepEqual(evidence, { folder: null, ipfsGateway: null, allowPrivate: false });
    assert.equal(fromBlock, 0n);
  });

  it("is refused where votes would be lost, or something is unknown or unsafe", () => {
    for (const changes of [
      { journal: ":memory:" },
      { rpc: "ws://node.example" },
      { court: "0x00" },
      { courts: GOOD.court },
      { evidence: { ipfsGateway: "http://gateway.example" } },
      { evidence: { allowPrivate: true } },
      { fromBlock: -1 },
    ]) {
      assert.throws(
        () => parseArbitratorConfig({ ...GOOD, ...changes }),
        { code: "Malformed" },
        JSON.stringify(changes),
      );
    }
  });
});
