import type { AgentId } from "../kernel/ids.ts";
import type { Stakes } from "../ports/chain.ts";
import type { DealTemplate, Role } from "../terms/proposal.ts";
import { Refusal } from "../terms/refusal.ts";

/**
 * Throws the `Refusal` that a peer is told, unless it could lose the bond that the deal names for it. A word that is broken costs that
 * much out of the stake, and where there is no stake it costs nothing: so with whom has none no round is worth its while.
 */
export async function requireStake(
  stakes: Stakes,
  agent: AgentId,
  role: Role,
  { token, buyerBond, sellerBond }: Pick<DealTemplate, "token" | "buyerBond" | "sellerBond">,
): Promise<void> {
  const bond = role === "buyer" ? buyerBond : sellerBond;
  if (bond === 0n) return;
  const staked = await stakes.staked(agent, token);
  if (staked >= bond) return;
  throw new Refusal("StakeTooSmall", `agent ${agent} has ${staked} of ${token} at stake, and names a bond of ${bond}`, {
    hint: "deposit as much to the agent's stake",
    facts: { agent: agent.toString(), token, staked: staked.toString(), bond: bond.toString() },
  });
}
