import { BatchRelay } from "../adapters/chain/batch-relay.ts";
import { RemoteRelay } from "../adapters/chain/remote-relay.ts";
import type { Rpc } from "../adapters/chain/rpc.ts";
import type { Sender } from "../adapters/chain/sender.ts";
import { SettlementChain } from "../adapters/chain/settlement.ts";
import type { Clock } from "../kernel/clock.ts";
import type { ParleyError } from "../kernel/errors.ts";
import type { AgentConfig } from "./agent-config.ts";

export interface Committing {
  readonly chain: SettlementChain;
  /** Lets nothing more leave that waits for a batch, and waits for no relay. */
  stop(): void;
}

/** The chain as an agent uses it: its deals are committed by a relay, together with others of its own, or one by one. */
export function openCommitting(
  { deployment, batch, relay: url }: Pick<AgentConfig, "deployment" | "batch" | "relay">,
  rpc: Rpc,
  sender: Sender,
  clock: Clock,
  onTrouble: (error: ParleyError) => void,
): Committing {
  const together = batch === null ? null : new BatchRelay(rpc, sender, deployment, clock, batch);
  const own = new SettlementChain(rpc, sender, deployment, together);
  const relay = url === null ? null : new RemoteRelay(rpc, deployment, own, { url, onTrouble });
  return {
    chain: relay === null ? own : new SettlementChain(rpc, sender, deployment, relay),
    stop: () => {
      relay?.stop();
      together?.stop();
    },
  };
}
