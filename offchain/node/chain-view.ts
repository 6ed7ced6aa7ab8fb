import { ChainBlocks } from "../adapters/chain/blocks.ts";
import { firstBlockOf } from "../adapters/chain/first-block.ts";
import { throughRpc } from "../adapters/chain/node-connection.ts";
import type { Rpc } from "../adapters/chain/rpc.ts";
import { type Clock, wakeAt } from "../kernel/clock.ts";
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
  /** Told where the chain can't be followed any more by this process. */
  readonly onLost: (error: ParleyError) => void;
}

/** All deals of a Settlement, kept up to date until it is stopped. */
export interface ChainView {
  readonly deals: FollowedDeals;
  /** Another one after the chain had to be read anew. */
  readonly follower: Follower;
  stop(): Promise<void>;
}

/** A chain that is another one so far down is mostly a node that is on a wrong branch: it has this long to find back. */
const READ_ANEW_MS = 30_000;

export async function openChainView(options: ChainViewOptions): Promise<ChainView> {
  const { rpc, deployment, journal, clock, live, pollMs, onEvent, onTrouble } = options;
  const node = throughRpc(rpc, live);
  const followed = { blocks: new ChainBlocks(node, deployment), journal };
  const known = await Follower.startOf(followed);
  const from = known ?? options.from ?? (await firstBlockOf(rpc, deployment.settlement));
  const deals = new FollowedDeals();
  let isKnown = known !== null;
  let follower = await begin();
  const stopping = new AbortController();
  const running = follow();
  return {
    deals,
    get follower() {
      return follower;
    },
    stop: async () => {
      stopping.abort();
      await running;
      await node.close();
    },
  };

  async function begin(): Promise<Follower> {
    const opened = await Follower.open({ ...followed, clock, from, pollMs, onTrouble });
    opened.listen({
      onEvent: (event) => {
        if (isKnown || opened.isLevel) onEvent?.(event, opened);
      },
    });
    deals.follow(opened);
    return opened;
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await follower.run(stopping.signal);
      } catch (thrown) {
        // What it knew is not so any more: nobody may act by it.
        deals.lose();
        if (!(thrown instanceof ParleyError)) throw thrown;
        if (thrown.code !== "ReorgTooDeep") return options.onLost(lost(thrown));
        onTrouble(thrown);
        await readAnew();
      }
    }
  }

  /** What was read can be read again, from the first block on. */
  async function readAnew(): Promise<void> {
    await wakeAt(clock, clock.now() + READ_ANEW_MS, stopping.signal, () => undefined);
    try {
      await Follower.forget(followed);
      isKnown = false;
      follower = await begin();
    } catch (thrown) {
      if (!(thrown instanceof ParleyError)) throw thrown;
      onTrouble(thrown);
    }
  }
}

function lost(cause: ParleyError): ParleyError<"ChainLost"> {
  return new ParleyError("ChainLost", `the chain can't be followed any more: ${cause.message}`, {
    hint: "mend the journal of settlements, and start the agent again: until then none of its deals goes on",
    cause,
  });
}
