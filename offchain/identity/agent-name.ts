import { ParleyError } from "../kernel/errors.ts";
import { type AgentId, toAgentId } from "../kernel/ids.ts";
import type { Deployment } from "../ports/chain.ts";

/** An agent's name among all chains and registries: its token, as CAIP-19 writes it. */
export function agentName({ chainId, registry }: Deployment, agent: AgentId): string {
  return `${prefixOf({ chainId, registry })}${agent}`;
}

/** The agent of this registry that goes by the name. */
export function agentNamed(deployment: Deployment, name: string): AgentId {
  const prefix = prefixOf(deployment);
  if (!name.startsWith(prefix)) {
    throw new ParleyError("BadAgentId", `the agent's name does not begin with ${prefix}: it is not of this registry`);
  }
  return toAgentId(name.slice(prefix.length));
}

function prefixOf({ chainId, registry }: Pick<Deployment, "chainId" | "registry">): string {
  return `eip155:${chainId}/erc721:${registry}/`;
}
