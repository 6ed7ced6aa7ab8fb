import { messageOf } from "../../kernel/errors.ts";
import type { Amount } from "../../kernel/money.ts";
import { SeededEntropy } from "../../kernel/random.ts";
import type { Role } from "../../terms/proposal.ts";
import type { Moment, Move } from "../move.ts";
import { timeOf } from "../protocols/stacked-offers.ts";
import { bad, parseSpec } from "../strategies/parameters.ts";
import { strategyNamed } from "../strategies/registry.ts";
import type { Seat } from "../strategy.ts";
import { atLeastAsGood, type PriceMove, type PriceTurn } from "./move.ts";
import { PriceScale } from "./scale.ts";
import { situationOf } from "./turns.ts";

/** A strategy of the engine, bargaining about a price alone. */
export interface NamedStrategy {
  readonly kind: "named";
  /** As it is written elsewhere: `learned`, `micro-budget`, `fixed-rule:counters=5`. */
  readonly name: string;
  /** The price that it likes best, and asks for nothing better than. */
  readonly from: Amount;
  /** The worst price that it takes, and never crosses. */
  readonly limit: Amount;
}

/**
 * A strategy of the engine remembers what was said. Here it is told again all of it at each turn, so that its next move follows from the
 * offers alone: a negotiation is then what its journal says, and one that waits holds nothing but its offers. Being told is fast, some
 * microseconds an offer. Whatever it does, no price that it names or takes is worse than the limit, to the last unit of the money.
 */
export function decideByName(strategy: NamedStrategy, turn: PriceTurn): PriceMove {
  const { offers, role } = turn;
  try {
    const scale = new PriceScale(strategy, role);
    const { move, reason } = replay(strategy.name, scale, turn);
    if (move.say === "end") return { say: "end", reason };
    if (move.say === "offer") {
      if (situationOf(turn).mayOffer) return { say: "offer", price: scale.priceOf(move.outcome), reason };
      return { say: "end", reason: "the strategy wants to offer where no offer may be made any more" };
    }
    const theirs = offers.at(-1);
    if (theirs !== undefined && atLeastAsGood(role, theirs, strategy.limit)) return { say: "accept", reason };
    return { say: "end", reason: `the strategy takes ${theirs ?? "nothing"}, past its limit of ${strategy.limit}` };
  } catch (thrown) {
    // A strategy that breaks down must not take the negotiation's journal with it: nothing is agreed, and it is said why.
    return { say: "end", reason: `the strategy ${strategy.name} failed: ${messageOf(thrown)}` };
  }
}

function replay(name: string, scale: PriceScale, { offers, rounds, seed }: PriceTurn): { move: Move; reason: string } {
  const me = offers.length % 2;
  const bargainer = strategyNamed(name).sit(seatAt(scale, me, seed));
  for (let place = 0; place < offers.length; place++) {
    const moment = momentAt(place);
    if (place % 2 === me) bargainer.speak(moment);
    else bargainer.hear(scale.outcomeOf(offers[place] ?? 0n), 1 - me, moment);
  }
  const move = bargainer.speak(momentAt(offers.length));
  return { move, reason: bargainer.why() };

  function momentAt(place: number): Moment {
    const { round, theirs, mayOffer } = situationOf({ offers: offers.slice(0, place), rounds });
    const offered = theirs === null ? null : scale.outcomeOf(theirs);
    return { round, rounds, time: timeOf(round, rounds), offered, mayOffer };
  }
}

/** Throws `BadStrategy` where there is no such strategy, or it can't play here. */
export function checkNamed({ name, from, limit }: NamedStrategy, role: Role): void {
  if (!atLeastAsGood(role, from, limit)) {
    throw bad("from", `a ${role} can't begin at ${from} with a limit of ${limit}: it is past it`);
  }
  if (parseSpec(name).name === "fixed-rule") {
    throw bad("name", "fixed-rule is a kind of its own where a price is bargained about, with its list price in money");
  }
  // Those for sides who know all of each other refuse the seat.
  strategyNamed(name).sit(seatAt(new PriceScale({ from, limit }, role), 0, 0));
}

function seatAt({ steps, party }: PriceScale, me: number, seed: number): Seat {
  const { space, bids } = steps;
  return { space, party, bids, me, parties: 2, random: new SeededEntropy(seed), all: null };
}
