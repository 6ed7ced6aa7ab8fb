import type { Outcome } from "../../terms/issue-space.ts";
import type { Moment, Move } from "../move.ts";
import type { Party } from "../scenario.ts";
import { forwardOnly } from "./forward-only.ts";
import type { Ending, EndReason, Protocol, Table, Talk, Violation } from "./protocol.ts";
import { timeOf } from "./stacked-offers.ts";

/** What an offer of a side gives away. It may rise from one offer to the next or stay, and never fall. */
type Given = (parties: readonly Party[], me: number, offer: Outcome) => number;

/** What it is worth to the other, who is known. */
const toTheOther: Given = (parties, me, offer) => worth(parties[1 - me], offer);

/** How little it leaves to oneself. */
const fromOneself: Given = (parties, me, offer) => -worth(parties[me], offer);

/**
 * The monotonic concession protocol of Rosenschein and Zlotkin, where both know what both want. In each round both say an offer at once.
 * An offer may be better for the other than one's last one or as good, and never worse. They agree when one's offer gives the other no
 * less than the other asks for itself; if that holds both ways, a coin decides whose offer it is. If neither gave way in a round, it is
 * over. To accept is to offer what the other offered in the round before.
 */
export const monotonicConcession: Protocol = concession("monotonic-concession", true, toTheOther);

/**
 * A heuristic after the same protocol for sides that don't know what the other wants, without what is proven of that one. Each side
 * holds itself to giving way by its own utility, the only one it knows: its offers may leave it less than its last one or as much, and
 * never more. So a concession need not be one to the other, and an offer that changes and leaves as much counts as standing still.
 *
 * The test for agreement is the same, and needs nobody else's figures: each side looks whether what the other asks leaves it no less
 * than what it asks for itself, and if so takes it. A side that wants to agree before has the word `accept`, which offers what the
 * other offered in the round before. That always ends in a deal, whatever the other says meanwhile: the other asks no more for itself
 * than it did then, so it takes its own former offer (or, if its new one leaves the accepting side no less either, the coin decides).
 * Between strangers each side has to trust that the other runs the test honestly; here the engine runs it for both.
 */
export const monotonicConcessionPrivate: Protocol = concession("monotonic-concession-private", false, fromOneself);

function concession(name: string, open: boolean, given: Given): Protocol {
  return {
    name,
    parties: [2, 2],
    open,
    sealed: true,
    begin: (table) => new ConcessionTalk(table, given),
    guard(seat) {
      const parties = seat.all ?? [seat.party, seat.party];
      return forwardOnly((offer) => given(parties, seat.me, offer));
    },
  };
}

class ConcessionTalk implements Talk {
  speaker: 0 | 1 = 0;
  round = 0;
  ending: Ending | null = null;
  readonly #table: Table;
  readonly #given: Given;
  /** What each offered in the round before. */
  #offers: readonly [Outcome, Outcome] | null = null;
  /** What the first has said in this round, before the second has. */
  #first: Outcome | null = null;

  constructor(table: Table, given: Given) {
    this.#table = table;
    this.#given = given;
  }

  moment(): Moment {
    const { round } = this;
    const { rounds } = this.#table;
    const offered = this.#offers?.[this.speaker === 0 ? 1 : 0] ?? null;
    return { round, rounds, time: timeOf(round, rounds), offered, mayOffer: true, isLast: round + 1 >= rounds };
  }

  say(move: Move): Violation | null {
    const me = this.speaker;
    if (move.say === "end") return this.#end("walked-away", me);
    const before = this.#offers?.[me];
    const offer = move.say === "offer" ? move.outcome : this.#offers?.[me === 0 ? 1 : 0];
    if (offer === undefined) return this.#violate("an acceptance, and there is no offer");
    if (before !== undefined && this.#gives(me, offer) < this.#gives(me, before)) {
      return this.#violate("an offer that takes back what the last one gave");
    }
    if (this.#first === null) {
      this.#first = offer;
      this.speaker = 1;
      return null;
    }
    return this.#close([this.#first, offer]);
  }

  /** Both have spoken. */
  #close(offers: readonly [Outcome, Outcome]): null {
    const agreed = this.#agreed(offers);
    if (agreed !== null) {
      this.ending = { agreed: true, outcome: agreed };
      return null;
    }
    if (this.#offers !== null && !this.#gaveWay(0, this.#offers, offers) && !this.#gaveWay(1, this.#offers, offers)) {
      return this.#end("standstill", null);
    }
    if (this.round + 1 >= this.#table.rounds) return this.#end("deadline", null);
    this.#offers = offers;
    this.#first = null;
    this.speaker = 0;
    this.round += 1;
    return null;
  }

  #agreed([first, second]: readonly [Outcome, Outcome]): Outcome | null {
    const [one, two] = this.#table.parties;
    const oneTakes = worth(one, second) >= worth(one, first);
    const twoTakes = worth(two, first) >= worth(two, second);
    if (oneTakes && twoTakes) return this.#table.coin() ? first : second;
    if (oneTakes) return second;
    return twoTakes ? first : null;
  }

  #gaveWay(me: 0 | 1, before: readonly [Outcome, Outcome], now: readonly [Outcome, Outcome]): boolean {
    return this.#gives(me, now[me]) > this.#gives(me, before[me]);
  }

  #gives(me: number, offer: Outcome): number {
    return this.#given(this.#table.parties, me, offer);
  }

  #end(reason: EndReason, by: number | null): null {
    this.ending = { agreed: false, reason, by };
    return null;
  }

  #violate(rule: string): Violation {
    const by = this.speaker;
    this.#end("violation", by);
    return { by, rule };
  }
}

function worth(party: Party | undefined, offer: Outcome): number {
  return party?.utility.of(offer) ?? 0;
}
