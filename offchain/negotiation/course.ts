import { messageOf, ParleyError } from "../kernel/errors.ts";
import { SeededEntropy } from "../kernel/random.ts";
import type { Outcome } from "../terms/issue-space.ts";
import type { Bids } from "./bids/bids.ts";
import { orderBids } from "./bids/order.ts";
import { type Moment, type Move, readMove } from "./move.ts";
import type { Guard, Talk } from "./protocols/protocol.ts";
import { discounted, type Party, type Scenario } from "./scenario.ts";
import type { LiveSetting, Result } from "./setting.ts";
import type { LiveBargainer, Seat } from "./strategy.ts";

/** Somebody's turn: it speaks, and what it says is taken. */
export interface Turn<Speaker extends LiveBargainer> {
  readonly me: number;
  readonly bargainer: Speaker;
  readonly moment: Moment;
}

interface Said {
  readonly outcome: Outcome;
  readonly by: number;
  readonly moment: Moment;
}

/**
 * A negotiation under way: whose turn it is, and what comes of what is said. It trusts no strategy: what one says is read once and
 * copied, and what one throws is its own fault. So nothing that one of them does harms another.
 */
export class Course<Speaker extends LiveBargainer> {
  result: Result | null = null;
  readonly #setting: LiveSetting<Speaker>;
  readonly #talk: Talk;
  readonly #bargainers: Speaker[] = [];
  readonly #guards: (Guard | undefined)[] = [];
  /** Offers of this round that are told when all have spoken. */
  #sealed: Said[] = [];
  #offers = 0;
  readonly #began: number;

  constructor(setting: LiveSetting<Speaker>) {
    checkSetting(setting);
    const { scenario, protocol, strategies, rounds, seed, clock } = setting;
    const { parties } = scenario;
    // What is paid in the end is what was wanted in the beginning, whatever a strategy does to what it is shown.
    for (const party of parties) Object.freeze(party);
    Object.freeze(parties);
    this.#setting = setting;
    const random = new SeededEntropy(seed);
    this.#talk = protocol.begin({ parties, rounds, coin: () => random.fraction() < 0.5 });
    this.#began = clock?.now() ?? 0;
    const seats = parties.map((party, me) => new SeatAt(setting, party, me, random.uint32()));
    for (const [me, seat] of seats.entries()) {
      try {
        this.#bargainers.push(strategies[me]?.sit(seat) ?? missing(me));
        this.#guards.push(protocol.guard?.(seat));
      } catch (thrown) {
        this.fail(me, thrown);
        return;
      }
    }
  }

  /** Whose turn it is; null when it is over, and there is a result. */
  turn(): Turn<Speaker> | null {
    if (this.result !== null) return null;
    const me = this.#talk.speaker;
    const elapsed = this.#elapsed();
    if (elapsed > 1) return this.#late();
    const moment = this.#talk.moment();
    // By the clock, where that is further on than the rounds.
    const hurried = elapsed > moment.time ? { ...moment, time: Math.min(1, elapsed) } : moment;
    return { me, bargainer: this.#bargainers[me] ?? missing(me), moment: Object.freeze(hurried) };
  }

  /** Takes what was said on a turn. */
  take(turn: Turn<Speaker>, said: unknown): void {
    if (this.#elapsed() > 1) {
      this.#late();
      return;
    }
    const { me, moment } = turn;
    const word = this.#read(turn, said);
    if (word === null) return;
    const { move, why } = word;
    this.#setting.watch?.({ by: me, round: moment.round, move, why });
    const violation = this.#talk.say(move);
    if (move.say === "offer") this.#offers += 1;
    if (violation !== null) this.#blame(me, `broke a rule: ${violation.rule}`);
    else if (move.say === "offer") this.#spread({ outcome: move.outcome, by: me, moment });
    if (this.result === null && this.#talk.ending !== null) this.#end(this.#talk.ending);
  }

  /** The move that counts, and why; null where it ends the negotiation, as it is none. */
  #read({ me, bargainer }: Turn<Speaker>, said: unknown): { readonly move: Move; readonly why: string } | null {
    const { scenario, watch } = this.#setting;
    try {
      const read = readMove(said, scenario.space);
      if (typeof read === "string") {
        this.#blame(me, read);
        return null;
      }
      const guard = this.#guards[me];
      const move = guard?.hold(read) ?? read;
      if (watch === undefined) return { move, why: "" };
      const why = String(bargainer.why());
      return { move, why: guard?.why(why) ?? why };
    } catch (thrown) {
      this.fail(me, thrown);
      return null;
    }
  }

  /** Lets the others hear an offer: at once, or when all have spoken. */
  #spread(said: Said): void {
    if (!this.#setting.protocol.sealed) {
      this.#tell(said);
      return;
    }
    this.#sealed.push(said);
    if (this.#talk.round === said.moment.round) return;
    const sealed = this.#sealed;
    this.#sealed = [];
    for (const one of sealed) if (this.result === null) this.#tell(one);
  }

  /** Somebody's strategy threw something. */
  fail(me: number, thrown: unknown): void {
    const { parties } = this.#setting.scenario;
    this.result = this.#without(`${parties[me]?.name}'s strategy failed: ${messageOf(thrown)}`, me);
  }

  #blame(me: number, what: string): void {
    this.result = this.#without(`${this.#setting.scenario.parties[me]?.name} ${what}`, me);
  }

  #late(): null {
    this.result = this.#without("deadline", null);
    return null;
  }

  #tell({ outcome, by, moment }: Said): void {
    for (let other = 0; other < this.#bargainers.length; other++) {
      if (other === by) continue;
      try {
        this.#bargainers[other]?.hear(outcome, by, moment);
      } catch (thrown) {
        this.fail(other, thrown);
        return;
      }
    }
  }

  #end(ending: NonNullable<Talk["ending"]>): void {
    const { scenario } = this.#setting;
    const { round } = this.#talk;
    if (!ending.agreed) {
      const by = ending.by === null ? "" : `: ${scenario.parties[ending.by]?.name}`;
      this.result = this.#without(`${ending.reason}${by}`, null);
      return;
    }
    const { outcome } = ending;
    const time = this.#over(round);
    this.result = {
      agreement: true,
      outcome,
      utilities: scenario.parties.map((party) => discounted(party.utility.of(outcome), party, time)),
      rounds: round + 1,
      offers: this.#offers,
      reason: "agreed",
      fault: null,
      fallbacks: null,
    };
  }

  #without(reason: string, fault: number | null): Result {
    const { scenario, strategies, rounds } = this.#setting;
    const begun = Math.min(this.#talk.round + 1, rounds);
    const time = this.#over(begun - 1);
    const utilities = scenario.parties.map((party) => discounted(party.reservation, party, time));
    const fallbacks = strategies.map(({ fallback = "abort" }) => fallback);
    return {
      agreement: false,
      outcome: null,
      utilities,
      rounds: begun,
      offers: this.#offers,
      reason,
      fault,
      fallbacks,
    };
  }

  /** Share of the time by the clock that is over; none where there is no clock. */
  #elapsed(): number {
    const { clock } = this.#setting;
    return clock === undefined ? 0 : (clock.now() - this.#began) / clock.limit;
  }

  /** Share of the negotiation that is over in a round: by the rounds or the clock, whichever is further on. */
  #over(round: number): number {
    const { rounds } = this.#setting;
    const share = rounds === Number.POSITIVE_INFINITY ? 0 : (round + 1) / rounds;
    return Math.min(1, Math.max(share, this.#elapsed()));
  }
}

function missing(me: number): never {
  throw new ParleyError("BadSetting", `there is no strategy for party ${me}`);
}

function checkSetting({ scenario, protocol, strategies, rounds, clock }: LiveSetting<LiveBargainer>): void {
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
class SeatAt implements Seat {
  readonly space: Scenario["space"];
  readonly parties: number;
  readonly random: SeededEntropy;
  readonly all: readonly Party[] | null;
  readonly party: Party;
  readonly me: number;
  #bids: Bids | undefined;

  constructor({ scenario, protocol, orders }: LiveSetting<LiveBargainer>, party: Party, me: number, seed: number) {
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
