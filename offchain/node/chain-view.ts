import { ChainBlocks } from "../adapters/chain/blocks.ts";
import { firstBlockOf } from "../adapters/chain/first-block.ts";
import { throughRpc } from "../adapters/chain/node-connection.ts";
import type { Rpc } from "../adapters/chain/rpc.ts";
import type { Clock } from "../kernel/clock.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Deployment } from "../ports/chain.ts";
import type { Journal } from "../ports/journal.ts";
import type { LoggedEvent } from "../ports/settlement-events.ts";
import { FollowedDeals } from "../settlement/follower/followed-deals.ts";
import { Follower } from "../settlement/follower/follower.ts";

export interface ChainViewOptions {
  readonly rpc: Rpc;
  readonly deployment: Deployment;
  /** Where it is noted how far the chain was read. */
  readonly journal: Journal;
  readonly clock: Clock;
  /** A node's WebSocket that tells of new blocks; null where one asks for them. */
  readonly live: string | null;
  /** Milliseconds between two looks for new blocks, where nobody tells of them. */
  readonly pollMs: number;
  /** The contract's first block, where that is known. */
  readonly from?: number;
  /** Told what happens from now on, and what has happened since the last process stopped reading; not all that was before the first. */
  readonly onEvent?: (event: LoggedEvent, follower: Follower) => void;
  readonly onTrouble: (error: ParleyError) => void;
}

/** All deals of a Settlement, kept up to date until it is stopped. */
export interface ChainView {
  readonly deals: FollowedDeals;
  readonly follower: Follower;
  stop(): Promise<void>;
}

export async function openChainView(options: ChainViewOptions): Promise<ChainView> {
  const { rpc, deployment, journal, clock, live, pollMs, onEvent, onTrouble } = options;
  const node = throughRpc(rpc, live);
  const blocks = new ChainBlocks(node, deployment);
  const followed = { blocks, journal };
  const known = await Follower.startOf(followed);
  const from = known ?? options.from ?? (await firstBlockOf(rpc, deployment.settlement));
  const follower = await Follower.open({ ...followed, clock, from, pollMs, onTrouble });
  follower.listen({
    onEvent: (event) => {
      if (known !== null || follower.isLevel) onEvent?.(event, follower);
    },
  });
  const stopping = new AbortController();
  const running = follower.run(stopping.signal).catch(async (thrown: unknown) => {
    if (!(thrown instanceof ParleyError)) throw thrown;
    // What was read can be read again; only then the next start does not stop at the same place.
    if (thrown.code === "ReorgTooDeep") await Follower.forget(followed);
    onTrouble(
      new ParleyError("ChainLost", `the chain can't be followed any more: ${thrown.message}`, {
        hint: "start the agent again: it reads the chain anew. Deals go on until then, but their ends are not noticed",
        cause: thrown,
      }),
    );
  });
  return {
    deals: new FollowedDeals(follower),
    follower,
    stop: async () => {
      stopping.abort();
      await running;
      await node.close();
    },
  };
}
