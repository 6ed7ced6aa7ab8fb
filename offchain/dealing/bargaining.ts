import { isPast } from "../kernel/clock.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";
import { type ProposedMove, refusalOf } from "../negotiation/price/external.ts";
import type { PriceTurn } from "../negotiation/price/move.ts";
import { decidePrice } from "../negotiation/price/strategy.ts";
import { alternation } from "../negotiation/price/turns.ts";
import { type Deal, hashDeal } from "../terms/deal.ts";
import { dealAt } from "../terms/proposal.ts";
import { Refusal } from "../terms/refusal.ts";
import type { Chain, Link } from "../transcript/chain.ts";
import { commonOf, leave, speak, still } from "./speaking.ts";
import type { Agreed, Agreement, Bargaining, Common, Ended, Fulfilment, Step } from "./state.ts";

const UNFULFILLED: Fulfilment = { evidence: null, receipted: 0n, splits: { self: null, peer: null } };

/** The state in which offers start to alternate. */
export function bargain(common: Common): Bargaining {
  const { brief, proposal, negotiation } = common;
  const parties =
    brief.role === "buyer" ? { buyer: brief.self, seller: brief.peer } : { buyer: brief.peer, seller: brief.self };
  return { ...common, phase: "bargaining", template: dealAt(proposal, parties, negotiation, 0n), offers: 0 };
}

/** Does what our strategy wants, if it is our turn. */
export function takeTurn(separator: Bytes32, state: Bargaining, at: number): Step {
  if (state.doubted) return leave(separator, state, at, JOURNAL_LOST);
  if (!state.mayBind) return still(state);
  const { offers, proposal, template, brief } = state;
  if ((alternation.speaker(offers) === "opener") !== brief.opener) return still(state);
  if (isPast(template.commitBy, at)) {
    return leave(separator, state, at, { code: "Expired", note: "`commitBy` has passed" });
  }
  const move = decidePrice(brief.strategy, turnOf(state));
  switch (move.say) {
    case "offer":
      return offer(separator, state, at, move.price);
    case "accept":
      return accept(separator, state, at);
    case "end":
      // Why is for our own side alone: a reason may tell a limit.
      return leave(
        separator,
        state,
        at,
        alternation.mayOffer(offers, proposal.protocol.rounds) ? WITHDRAWN : EXHAUSTED,
      );
    case "wait":
      return still(state);
  }
}

/** Makes the move that somebody else decided on, where our strategy leaves it to them. */
export function makeMove(separator: Bytes32, state: Bargaining, move: ProposedMove, at: number): Step {
  const { strategy, opener } = state.brief;
  if (strategy.kind !== "external") throw new Refusal("OutOfTurn", `the moves are made by a ${strategy.kind} strategy`);
  if ((alternation.speaker(state.offers) === "opener") !== opener)
    throw new Refusal("OutOfTurn", "it is the peer's turn");
  if (!state.mayBind) throw new Refusal("OutOfTurn", "other negotiations of the same intent may bind us at present");
  if (isPast(state.template.commitBy, at)) throw new Refusal("Expired", "`commitBy` has passed");
  const refusal = refusalOf(strategy, move, turnOf(state));
  if (refusal !== null) throw new Refusal("OutOfTurn", refusal);
  return move.say === "offer" ? offer(separator, state, at, move.price) : accept(separator, state, at);
}

/** What exactly is missing is for our own side alone, too. */
export const JOURNAL_LOST = {
  code: "JournalLost",
  note: "what was signed here may be incomplete in our journal",
} as const;
const WITHDRAWN = { code: "Withdrawn", note: "no further offer is made" } as const;
const EXHAUSTED = { code: "RoundsExhausted", note: "the rounds are over, and the last offer is not taken" } as const;

/** What a strategy is told. The salt is drawn anew for each negotiation, so it seeds the strategy's own chance. */
function turnOf({ brief, proposal, offers, ours, theirs }: Bargaining): PriceTurn {
  const prices = [pricesOf(ours), pricesOf(theirs)];
  const [opener = [], responder = []] = brief.opener ? prices : prices.reverse();
  const turns = Array.from({ length: offers }, (_, turn) => (turn % 2 === 0 ? opener : responder)[turn >> 1] ?? 0n);
  return {
    role: brief.role,
    rounds: proposal.protocol.rounds,
    offers: turns,
    seed: Number.parseInt(brief.salt.slice(2, 10), 16),
  };
}

/** The prices that one side has offered, the oldest first. */
function pricesOf(chain: Chain): Amount[] {
  const prices: Amount[] = [];
  for (let link = chain; link !== null; link = link.previous) if (link.deal !== null) prices.push(link.deal.price);
  return prices.reverse();
}

function offer(separator: Bytes32, state: Bargaining, at: number, price: Amount): Step {
  const { template, offers } = state;
  return speak(separator, { ...state, offers: offers + 1 }, at, { kind: "OFFER", deal: { ...template, price } });
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
  return { ...commonOf(state), phase: "agreed", template, agreement, fulfilment: UNFULFILLED };
}

function accept(separator: Bytes32, state: Bargaining, at: number): Step {
  const { deal = null, seq: offerSeq = -1 } = state.theirs ?? {};
  if (deal === null) throw new Error("a strategy accepted where nothing was offered");
  const dealHash = hashDeal(deal);
  const { state: spoken, effects } = speak(separator, state, at, { kind: "ACCEPT", deal: dealHash });
  const { hash: transcript, seq: acceptSeq } = spoken.ours as Link;
  const agreement = { deal, dealHash, transcript, acceptedBy: "self", offerSeq, acceptSeq } as const;
  return { state: agree(spoken, state.template, agreement), effects };
}
