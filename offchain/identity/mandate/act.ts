import type { Address, AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { Deal } from "../../terms/deal.ts";
import type { Role } from "../../terms/proposal.ts";

/** What an agent is about to bind itself to, as far as a mandate looks at it. */
export interface Act {
  readonly role: Role;
  readonly token: Address;
  readonly category: Bytes32;
  readonly counterparty: AgentId;
  readonly price: Amount;
  /** The bond of the agent's own side. */
  readonly bond: Amount;
  /** What the agent has at risk in this token already, this act aside. */
  readonly outstanding: Amount;
  /** Until when it can be committed, in Unix seconds. */
  readonly commitBy: number;
}

/** An agent's part in a deal. */
export function actOf(deal: Deal, role: Role, outstanding: Amount): Act {
  const { token, category, price, commitBy } = deal;
  const [counterparty, bond] = role === "buyer" ? [deal.seller, deal.buyerBond] : [deal.buyer, deal.sellerBond];
  return { role, token, category, counterparty, price, bond, outstanding, commitBy };
}

/** What the act puts at risk: as Settlement counts it against its own mandates. */
export function exposureOf({ role, price, bond }: Act): Amount {
  return role === "buyer" ? price + bond : bond;
}
