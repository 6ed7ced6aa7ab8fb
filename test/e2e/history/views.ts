import assert from "node:assert/strict";
import { settlementAbi } from "../../../offchain/adapters/chain/abis.ts";
import { STATUSES } from "../../../offchain/adapters/chain/enums.ts";
import type { Rpc } from "../../../offchain/adapters/chain/rpc.ts";
import type { Address, AgentId } from "../../../offchain/kernel/ids.ts";
import type { Follower } from "../../../offchain/settlement/follower/follower.ts";
import { recordKey } from "../../../offchain/terms/fingerprint.ts";
import type { Agreed } from "./voice.ts";

interface Sight {
  readonly rpc: Rpc;
  readonly settlement: Address;
  readonly blockNumber: bigint;
}

/** What Settlement's views say at a block. */
function views({ rpc, settlement, blockNumber }: Sight) {
  const at = { address: settlement, abi: settlementAbi, blockNumber } as const;
  const read = rpc.reads.readContract;
  return {
    deal: async ({ deal }: Agreed) => {
      const args = [deal] as const;
      const [record, received, dispute, [declarer, , cureUntil]] = await Promise.all([
        read({ ...at, functionName: "recordOf", args }),
        read({ ...at, functionName: "receivedOf", args }),
        read({ ...at, functionName: "disputeOf", args }),
        read({ ...at, functionName: "declarationOf", args }),
      ]);
      return { ...record, status: STATUSES[record.status], received, dispute, declarer, cureUntil };
    },
    treasury: async (agent: AgentId, token: Address) => {
      const args = [agent, token] as const;
      const [free, [bonded, leaving, leavesAt]] = await Promise.all([
        read({ ...at, functionName: "free", args }),
        read({ ...at, functionName: "stakeOf", args }),
      ]);
      return { free, bonded, leaving, leavesAt: Number(leavesAt), exact: true };
    },
    token: async (token: Address) => {
      const [, , owed, burnt] = await read({ ...at, functionName: "solvent", args: [token] });
      return { owed, burnt };
    },
    pausedAt: async () => Number(await read({ ...at, functionName: "pausedAt" })),
  };
}

const NO_DEAL = { fingerprint: `0x${"00".repeat(26)}`, since: 0, status: "None", receipted: false, received: 0n };
const NO_DISPUTE = { buyerShare: 0, sellerShare: 0, rulingUntil: 0, ruling: 0 };
const NO_STEPS = { answered: false, referred: false, ruled: false };

/** The same by a follower. */
function followed(follower: Follower, { hash, deal }: Agreed) {
  const known = follower.deal(hash);
  assert.equal(follower.record(recordKey(deal)), known);
  const dispute = known?.dispute ?? null;
  const declared = known?.status === "Declared" ? known.declaration : null;
  return {
    fingerprint: known?.fingerprint ?? NO_DEAL.fingerprint,
    since: known?.since ?? 0,
    status: known?.status ?? "None",
    receipted: known?.receipted ?? false,
    received: known?.received ?? 0n,
    dispute:
      dispute === null
        ? { ...NO_DISPUTE, ...NO_STEPS }
        : {
            buyerShare: dispute.buyerShare,
            sellerShare: dispute.sellerShare,
            rulingUntil: dispute.rulingUntil,
            ruling: dispute.ruling ?? 0,
            answered: dispute.answered,
            referred: dispute.referral !== null,
            ruled: dispute.ruling !== null,
          },
    declarer: declared?.declarer ?? 0n,
    cureUntil: BigInt(declared?.cureUntil ?? 0),
  };
}

/** Holds everything that a follower knows against what the contract says at its newest block. */
export async function compare(
  follower: Follower,
  sight: Sight,
  known: {
    readonly agreed: readonly Agreed[];
    readonly agents: readonly AgentId[];
    readonly tokens: readonly Address[];
  },
): Promise<void> {
  const chain = views(sight);
  for (const agreed of known.agreed) {
    assert.deepEqual(followed(follower, agreed), await chain.deal(agreed), `deal ${agreed.hash}`);
  }
  for (const token of known.tokens) {
    let held = 0n;
    for (const agent of known.agents) {
      const treasury = follower.treasury(agent, token);
      assert.deepEqual(treasury, await chain.treasury(agent, token), `agent ${agent} in ${token}`);
      held += treasury.free + treasury.bonded + treasury.leaving;
    }
    const { owed, burnt, escrow, exact } = follower.token(token);
    assert.deepEqual({ owed, burnt }, await chain.token(token), `token ${token}`);
    assert.ok(exact && owed === held + escrow + burnt, `escrow of ${token}`);
  }
  assert.equal(follower.pausedAt, await chain.pausedAt());
}
