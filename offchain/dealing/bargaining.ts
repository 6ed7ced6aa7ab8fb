import { isPast } from "../kernel/clock.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import { decidePrice } from "../negotiation/price/strategy.ts";
import { alternation } from "../negotiation/price/turns.ts";
import { type Deal, hashDeal } from "../terms/deal.ts";
import { dealAt } from "../terms/proposal.ts";
import { Refusal } from "../terms/refusal.ts";
import type { Link } from "../transcript/chain.ts";
import { leave, speak, still } from "./speaking.ts";
import type { Agreed, Agreement, Bargaining, Common, Ended, Step } from "./state.ts";

/** The state in which offers start to alternate. */
export function bargain(common: Common): Bargaining {
  const { brief, proposal, negotiation } = common;
  const parties =
    brief.role === "buyer" ? { buyer: brief.self, seller: brief.peer } : { buyer: brief.peer, seller: brief.self };
  return { ...common, phase: "bargaining", template: dealAt(proposal, parties, negotiation, 0n), offers: 0 };
}

/** Does what our strategy wants, if it is our turn. */
export function takeTurn(separator: Bytes32, state: Bargaining, at: number): Step {
  const { offers, proposal, template, brief } = state;
  if ((alternation.speaker(offers) === "opener") !== brief.opener) return still(state);
  if (isPast(template.commitBy, at)) {
    return leave(separator, state, at, { code: "Expired", note: "`commitBy` has passed" });
  }
  const { rounds } = proposal.protocol;
  const offer = offers === 0 ? null : state.theirs;
  const mayOffer = alternation.mayOffer(offers, rounds);
  const round = alternation.round(offers);
  const theirs = offer?.deal?.price ?? null;
  const move = decidePrice(brief.strategy, { role: brief.role, round, rounds, theirs, mayOffer });
  switch (move.say) {
    case "offer":
      return speak(separator, { ...state, offers: offers + 1 }, at, {
        kind: "OFFER",
        deal: { ...template, price: move.price },
      });
    case "accept":
      if (offer?.deal == null) throw new Error("a strategy accepted where nothing was offered");
      return accept(separator, state, at, offer, offer.deal);
    case "end":
      return leave(separator, state, at, { code: mayOffer ? "Withdrawn" : "RoundsExhausted", note: move.reason });
  }
}

/** Everything but the price was fixed by the proposal. */
export function checkOffer(state: Bargaining, deal: Deal, seen: Link | null): void {
  const { brief, offers, proposal, template } = state;
  if ((alternation.speaker(offers) === "opener") === brief.opener) {
    throw new Refusal("OutOfTurn", "the peer offers where it is our turn");
  }
  if (!alternation.mayOffer(offers, proposal.protocol.rounds)) {
    throw new Refusal("TooManyRounds", `an offer came after the last of ${proposal.protocol.rounds} rounds`);
  }
  if (seen !== state.ours) throw new Refusal("SeenMismatch", "the OFFER does not answer what was last said to it");
  for (const field of Object.keys(template) as (keyof Deal)[]) {
    if (field !== "price" && deal[field] !== template[field]) {
      throw new Refusal("DealMismatch", `the offer's ${field} is not the one proposed`, { facts: { field } });
    }
  }
}

/** Both sides are bound from here on. */
export function agree(state: Bargaining | Ended, template: Deal, agreement: Agreement): Agreed {
  const { brief, proposal, half, negotiation, peerCertificate, ours, theirs, seen, equivocated } = state;
  const common = { brief, proposal, half, negotiation, peerCertificate, ours, theirs, seen, equivocated };
  return { ...common, phase: "agreed", template, agreement, fulfilment: { evidence: null, receipted: 0n } };
}

function accept(separator: Bytes32, state: Bargaining, at: number, offer: Link, deal: Deal): Step {
  const dealHash = hashDeal(deal);
  const { state: spoken, effects } = speak(separator, state, at, { kind: "ACCEPT", deal: dealHash });
  const { hash: transcript, seq: acceptSeq } = spoken.ours as Link;
  const agreement = { deal, dealHash, transcript, acceptedBy: "self", offerSeq: offer.seq, acceptSeq } as const;
  return { state: agree(spoken, state.template, agreement), effects };
}
