import type { AgentId, Bytes32 } from "../kernel/ids.ts";
import type { LoggedEvent } from "../ports/settlement-events.ts";
import type { DealState } from "../settlement/ledger/deal-state.ts";
import type { AgentEvent } from "./agent-event.ts";

type Told = Extract<AgentEvent, { readonly event: "broken" }>;

type Parties = Pick<DealState, "buyer" | "seller">;

/**
 * What the chain says of words that were broken, where that is about a deal of our own: ours or our counterparty's. Null for everything
 * else. `find` knows every deal that came to the chain.
 */
export function brokenWord(
  { event, transaction }: LoggedEvent,
  self: AgentId,
  find: (dealHash: Bytes32) => Parties | null,
): Told | null {
  const concerns = (parties: Parties | null) => parties?.buyer === self || parties?.seller === self;
  const tell = (by: AgentId, more: Pick<Told, "what"> & Partial<Told>): Told => ({
    ...{ event: "broken", by: by.toString(), self: by === self, transaction },
    ...{ deal: null, taken: null, reward: null, until: null },
    ...more,
  });
  switch (event.type) {
    case "Declared": {
      if (!concerns(event)) return null;
      const by = event.declarer === event.buyer ? event.seller : event.buyer;
      return tell(by, { what: "declared", deal: event.deal, until: event.cureUntil * 1000 });
    }
    case "Cured":
      return concerns(find(event.deal)) ? tell(event.agent, { what: "cured", deal: event.deal }) : null;
    case "Defaulted":
      return concerns(find(event.deal)) ? tell(event.agent, { what: "defaulted", deal: event.deal }) : null;
    case "Penalised": {
      // The deal of two offers under one number need not be on the chain.
      if (event.agent !== self && !concerns(find(event.deal) ?? event.terms)) return null;
      const { deal, taken, reward } = event;
      return tell(event.agent, { what: "penalised", deal, taken: taken.toString(), reward: reward.toString() });
    }
    case "Equivocated":
      // Of others `Penalised` tells, which names the deal.
      return event.agent === self ? tell(event.agent, { what: "equivocated" }) : null;
    default:
      return null;
  }
}
