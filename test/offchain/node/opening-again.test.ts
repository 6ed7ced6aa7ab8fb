import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Session } from "../../../offchain/dealing/session.ts";
import type { Bytes32 } from "../../../offchain/kernel/ids.ts";
import type { OpenConfig } from "../../../offchain/node/agent-config.ts";
import { objectionToOpening } from "../../../offchain/node/opening-again.ts";
import { PROPOSAL } from "../../vectors/scene.ts";

const [ONE, OTHER]: readonly Bytes32[] = [`0x${"01".repeat(32)}`, `0x${"02".repeat(32)}`];
const { commitBy } = PROPOSAL.deal;
const NOW = (commitBy - 60) * 1_000;

describe("what the configuration opens", () => {
  it("is opened where the journal has nothing of it", () => {
    assert.equal(objectionToOpening(opens(), { count: 0, recovered: [] }, NOW), null);
    assert.equal(objectionToOpening(opens(ONE), { count: 2, recovered: [held(OTHER), held()] }, NOW), null);
  });

  it("is left alone where it may have been opened before", () => {
    for (const [wanted, count, recovered, because] of [
      [undefined, 1, [held()], /isn't empty/],
      [ONE, 2, [held(OTHER), held(ONE)], new RegExp(`a negotiation for ${ONE}`)],
      [ONE, 2, [held(OTHER)], /may have lost/],
      [ONE, 1, [held(OTHER, true)], /may have lost/],
    ] as const) {
      const objection = objectionToOpening(opens(wanted), { count, recovered }, NOW);
      assert.match(objection?.because ?? "", because);
      assert.notEqual(objection?.hint ?? "", "");
    }
  });

  it("is left alone once nothing can be agreed any more", () => {
    const late = (commitBy + 1) * 1_000;
    for (const count of [0, 1]) {
      const objection = objectionToOpening(opens(ONE), { count, recovered: [held()].slice(1 - count) }, late);
      assert.match(objection?.because ?? "", /`commitBy` was \d{4}-/);
    }
  });
});

function opens(wanted?: Bytes32): OpenConfig {
  const strategy = { kind: "time-dependent", from: 100n, limit: 1_000n, pace: 1 } as const;
  const open = { peer: 2n, address: "ws://127.0.0.1:7700", proposal: PROPOSAL, strategy };
  return wanted === undefined ? open : { ...open, wanted: { id: wanted, most: 1 } };
}

function held(id?: Bytes32, doubted = false): Pick<Session, "state"> {
  const intent = id === undefined ? null : { id, most: 1 };
  return { state: { doubted, brief: { intent } } } as unknown as Session;
}
