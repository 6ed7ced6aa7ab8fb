import { reaches, slack } from "../analysis/precision.ts";
import type { Bids } from "../bids/bids.ts";
import type { Moment } from "../move.ts";
import type { Party } from "../scenario.ts";
import type { Seat } from "../strategy.ts";
import type { Settings } from "./parameters.ts";

/** The seat with the reservation that a strategy was told, where that is above the scenario's. */
export function seatFor(seat: Seat, { reservation = Number.NEGATIVE_INFINITY }: Settings): Seat {
  return reservation > seat.party.reservation ? new RaisedSeat(seat, reservation) : seat;
}

/** The least that counts as worth a reservation: what only rounding tells from it does. */
export function floorOf(reservation: number): number {
  return reservation - slack(reservation);
}

/**
 * The worst that a strategy ever offers: its reservation, or its worst outcome if even that is above. An outcome whose worth only rounding
 * tells from the reservation counts as worth that, and then its figure is the limit. Where a range has values above that are as near, the
 * reservation is it to the last bit.
 */
export function limitOf({ space, party: { utility, reservation }, bids }: Seat): number {
  if (bids.lowest >= reservation) return bids.lowest;
  const rounded = utility.of(bids.atLeast(floorOf(reservation)));
  if (rounded >= reservation || !reaches(rounded, reservation)) return reservation;
  if (space.size < Number.POSITIVE_INFINITY) return rounded;
  const above = utility.of(bids.atLeast(reservation));
  return above >= reservation && reaches(reservation, above) ? reservation : rounded;
}

/**
 * Whether this is the seat's last turn at which it may make an offer. Under a deadline in time alone nobody knows, and the last instants
 * count as such.
 */
export function isLastOffer(
  { me }: Seat,
  { round, rounds, time, isLast }: Pick<Moment, "round" | "rounds" | "time" | "isLast">,
): boolean {
  if (rounds === Number.POSITIVE_INFINITY) return time > 0.98;
  return (isLast ?? round + (me === 0 ? 1 : 2) >= rounds) || time >= 1;
}

class RaisedSeat implements Seat {
  readonly space: Seat["space"];
  readonly me: number;
  readonly parties: number;
  readonly random: Seat["random"];
  readonly all: Seat["all"];
  readonly party: Party;
  readonly #seat: Seat;

  constructor(seat: Seat, reservation: number) {
    ({ space: this.space, me: this.me, parties: this.parties, random: this.random, all: this.all } = seat);
    this.party = { ...seat.party, reservation };
    this.#seat = seat;
  }

  /** Only when it is looked at, since it may have to be made. */
  get bids(): Bids {
    return this.#seat.bids;
  }
}
