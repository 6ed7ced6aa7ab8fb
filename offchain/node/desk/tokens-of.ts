import type { Address } from "../../kernel/ids.ts";
import type { AgentConfig } from "../agent-config.ts";

/** The tokens that an agent is configured to deal in. */
export function tokensOf({ open, respond }: Pick<AgentConfig, "open" | "respond">): readonly Address[] {
  const tokens = [open?.proposal.deal.token, respond?.token].filter((token) => token !== undefined);
  return [...new Set(tokens)];
}
