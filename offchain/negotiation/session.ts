import { messageOf, ParleyError } from "../kernel/errors.ts";
import { SeededEntropy } from "../kernel/random.ts";
import type { Outcome } from "../terms/issue-space.ts";
import type { Bids } from "./bids/bids.ts";
import { orderBids } from "./bids/order.ts";
import { isMove, type Moment, type Move } from "./move.ts";
import type { Protocol, Talk } from "./protocols/protocol.ts";
import { discounted, type Party, type Scenario } from "./scenario.ts";
import type { Bargainer, Fallback, Strategy } from "./strategy.ts";

/** A negotiation to be held. */
export interface Setting {
  readonly scenario: Scenario;
  readonly protocol: Protocol;
  /** One for each party, in the parties' order; the first speaks first. */
  readonly strategies: readonly Strategy[];
  readonly rounds: number;
  readonly seed: number;
  /** A deadline in time besides that in rounds: milliseconds, and what tells them. Words that come later don't count. */
  readonly clock?: { readonly limit: number; now(): number };
  /** Told of all that is said. */
  readonly watch?: (step: Step) => void;
  /** The parties' orders, where they are known from another negotiation over the same scenario. */
  readonly orders?: readonly Bids[];
}

/** Something that was said, and why. */
export interface Step {
  readonly by: number;
  readonly round: number;
  readonly move: Move;
  readonly why: string;
}

/** How it ended. */
export interface Result {
  readonly agreement: boolean;
  readonly outcome: Outcome | null;
  /** What each has in the end: of the agreement, or its reservation; less what time has cost. */
  readonly utilities: readonly number[];
  /** Rounds begun. */
  readonly rounds: number;
  readonly offers: number;
  readonly reason: string;
  /** Whose strategy broke the rules or broke down; null if none did. */
  readonly fault: number | null;
  /** What is to follow for each, as its strategy was told; null if there is a deal. */
  readonly fallbacks: readonly Fallback[] | null;
}

/** Lets strategies negotiate until they agree, or it ends otherwise. Nothing that one of them does harms another. */
export function negotiate(setting: Setting): Result {
  const { scenario, protocol, strategies, rounds, seed, clock, watch } = setting;
  checkSetting(setting);
  const { space, parties } = scenario;
  const random = new SeededEntropy(seed);
  const talk = protocol.begin({ parties, rounds, coin: () => random.fraction() < 0.5 });
  const seats = parties.map((party, me) => new SeatAt(setting, party, me, random.uint32()));
  const bargainers: Bargainer[] = [];
  /** Offers of this round that are told when all have spoken. */
  const sealed: { outcome: Outcome; by: number; moment: Moment }[] = [];
  let offers = 0;
  const began = clock?.now() ?? 0;

  for (const [me, seat] of seats.entries()) {
    try {
      const bargainer = strategies[me]?.sit(seat) ?? missing(me);
      bargainers.push(protocol.guard?.(bargainer, seat) ?? bargainer);
    } catch (thrown) {
      return failed(`${parties[me]?.name}'s strategy failed: ${messageOf(thrown)}`, me);
    }
  }
  while (talk.ending === null) {
    const me = talk.speaker;
    const bargainer = bargainers[me] ?? missing(me);
    const passed = elapsed();
    if (passed > 1) return failed("deadline", null);
    const moment = clock === undefined ? talk.moment() : hurried(talk, passed);
    let move: Move;
    let why = "";
    try {
      move = bargainer.speak(moment);
      if (watch !== undefined) why = bargainer.why();
    } catch (thrown) {
      return failed(`${parties[me]?.name}'s strategy failed: ${messageOf(thrown)}`, me);
    }
    if (clock !== undefined && elapsed() > 1) return failed("deadline", null);
    if (!isMove(move)) return failed(`${parties[me]?.name} said what is no move`, me);
    watch?.({ by: me, round: moment.round, move, why });
    if (move.say === "offer") {
      offers += 1;
      if (!space.contains(move.outcome)) return failed(`${parties[me]?.name} offered what is no outcome`, me);
    }
    const violation = talk.say(move);
    if (violation !== null) return failed(`${parties[me]?.name} broke a rule: ${violation.rule}`, me);
    if (move.say !== "offer") continue;
    if (!protocol.sealed) {
      const deaf = tell(bargainers, move.outcome, me, moment);
      if (deaf !== null) return failed(deaf.reason, deaf.by);
      continue;
    }
    sealed.push({ outcome: move.outcome, by: me, moment });
    if (talk.round === moment.round) continue;
    for (const { outcome, by, moment } of sealed.splice(0)) {
      const deaf = tell(bargainers, outcome, by, moment);
      if (deaf !== null) return failed(deaf.reason, deaf.by);
    }
  }
  const { ending } = talk;
  if (!ending.agreed) return failed(reasonOf(scenario, ending), null);
  const time = over(talk.round);
  return {
    agreement: true,
    outcome: ending.outcome,
    utilities: parties.map((party) => discounted(party.utility.of(ending.outcome), party, time)),
    rounds: talk.round + 1,
    offers,
    reason: "agreed",
    fault: null,
    fallbacks: null,
  };

  /** Share of the time by the clock that is over; none where there is no clock. */
  function elapsed(): number {
    return clock === undefined ? 0 : (clock.now() - began) / clock.limit;
  }

  /** Share of the negotiation that is over in a round: by the rounds or the clock, whichever is further on. */
  function over(round: number): number {
    return Math.min(1, Math.max(share(round, rounds), elapsed()));
  }

  /** Tells the others of an offer; null unless somebody's strategy fails at it. */
  function tell(to: readonly Bargainer[], outcome: Outcome, by: number, moment: Moment) {
    for (let other = 0; other < to.length; other++) {
      if (other === by) continue;
      try {
        to[other]?.hear(outcome, by, moment);
      } catch (thrown) {
        return { reason: `${parties[other]?.name}'s strategy failed: ${messageOf(thrown)}`, by: other };
      }
    }
    return null;
  }

  function failed(reason: string, fault: number | null): Result {
    const begun = Math.min(talk.round + 1, rounds);
    const time = over(begun - 1);
    const utilities = parties.map((party) => discounted(party.reservation, party, time));
    const fallbacks = strategies.map(({ fallback = "abort" }) => fallback);
    return { agreement: false, outcome: null, utilities, rounds: begun, offers, reason, fault, fallbacks };
  }
}

/** Share of the rounds that are over when one has passed. */
function share(round: number, rounds: number): number {
  return rounds === Number.POSITIVE_INFINITY ? 0 : (round + 1) / rounds;
}

/** The moment by the clock where that is further on than the rounds. */
function hurried(talk: Talk, elapsed: number): Moment {
  const moment = talk.moment();
  return { ...moment, time: Math.min(1, Math.max(moment.time, elapsed)) };
}

function reasonOf({ parties }: Scenario, ending: Exclude<Talk["ending"], null>): string {
  if (ending.agreed) return "agreed";
  return ending.by === null ? ending.reason : `${ending.reason}: ${parties[ending.by]?.name}`;
}

function missing(me: number): never {
  throw new ParleyError("BadSetting", `there is no strategy for party ${me}`);
}

function checkSetting({ scenario, protocol, strategies, rounds, clock }: Setting): void {
  const { length } = scenario.parties;
  const [least, most] = protocol.parties;
  if (length < least || length > most) {
    throw new ParleyError("BadSetting", `${protocol.name} is not for ${length} parties`, {
      facts: { field: "protocol" },
    });
  }
  if (strategies.length !== length) {
    throw new ParleyError("BadSetting", `${strategies.length} strategies are not one for each of ${length} parties`, {
      facts: { field: "strategies" },
    });
  }
  if (rounds === Number.POSITIVE_INFINITY && clock === undefined) {
    throw new ParleyError("BadSetting", "a negotiation without a deadline, in rounds or in time, may never end", {
      facts: { field: "rounds" },
    });
  }
  if (!(rounds >= 1) || (rounds !== Number.POSITIVE_INFINITY && !Number.isInteger(rounds))) {
    throw new ParleyError("BadSetting", `${rounds} is not a number of rounds`, { facts: { field: "rounds" } });
  }
  if (clock !== undefined && !(clock.limit > 0)) {
    throw new ParleyError("BadSetting", `${clock.limit} is not a number of milliseconds`, {
      facts: { field: "clock" },
    });
  }
}

/** A seat whose order of outcomes is made when it is first looked at: some strategies never do. */
class SeatAt {
  readonly space: Scenario["space"];
  readonly parties: number;
  readonly random: SeededEntropy;
  readonly all: readonly Party[] | null;
  readonly party: Party;
  readonly me: number;
  #bids: Bids | undefined;

  constructor({ scenario, protocol, orders }: Setting, party: Party, me: number, seed: number) {
    this.space = scenario.space;
    this.parties = scenario.parties.length;
    this.random = new SeededEntropy(seed);
    this.all = protocol.open ? scenario.parties : null;
    this.party = party;
    this.me = me;
    this.#bids = orders?.[me];
  }

  get bids(): Bids {
    this.#bids ??= orderBids(this.space, this.party.utility);
    return this.#bids;
  }
}
