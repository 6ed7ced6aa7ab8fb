import type { Outcome } from "../../terms/issue-space.ts";
import type { OpponentModel } from "../models/model.ts";
import type { Moment } from "../move.ts";
import type { Seat } from "../strategy.ts";
import { type Aim, format, type Listener } from "./composed.ts";
import { hurried } from "./hurry.ts";
import { CANDIDATES } from "./nicest.ts";
import { limitOf } from "./seat.ts";

/** What a policy has learned: a weight for each of these features, and how it picks and takes. */
export interface Policy {
  /** What it asks for by time alone, at each of the times below. */
  readonly times: readonly number[];
  /** By what has happened: see `Situation`. */
  readonly best: number;
  readonly moved: number;
  readonly recent: number;
  readonly lastWord: number;
  readonly budget: number;
  readonly fair: number;
  /** How much more than its aim an offer may be worth, so that there is a choice. */
  readonly band: number;
  /** How much less than its own next offer it takes, towards the end. */
  readonly lenience: number;
}

export const TIMES = [0, 0.2, 0.5, 0.8, 0.95, 1] as const;

/** How much of the negotiation counts as recent. */
const RECENT = 0.2;

/** How often in a negotiation the fairest outcome is looked for anew. */
const REVIEWS = 20;

/** What a policy decides by; all from 0 to 1, utilities as shares of what there is to win beyond the limit. */
interface Situation {
  readonly time: number;
  /** The best that was offered so far, and how much better that is than the first offer. */
  readonly best: number;
  readonly moved: number;
  /** How much better the best got lately. */
  readonly recent: number;
  /** 1 for whoever can only take or leave the other's last offer. */
  readonly lastWord: number;
  /** 0 for one round, 1 for a thousand. */
  readonly budget: number;
  /** What the outcome with the greatest product of gains leaves it, by what it believes of the other. */
  readonly fair: number;
}

/** How much to ask for, from 0 at the limit to 1 at the best. */
function asked(policy: Policy, { time, ...situation }: Situation): number {
  const { best, moved, recent, lastWord, budget, fair } = situation;
  const sum =
    interpolated(policy.times, time) +
    policy.best * best * time +
    policy.moved * moved +
    policy.recent * recent +
    policy.lastWord * lastWord * time +
    policy.budget * budget * time +
    policy.fair * fair;
  return 1 / (1 + Math.exp(-sum));
}

function interpolated(values: readonly number[], time: number): number {
  const place = Math.max(
    0,
    TIMES.findLastIndex((knot) => knot <= time),
  );
  const [from, to] = [TIMES[place] ?? 0, TIMES[place + 1] ?? 1];
  const [low, high] = [values[place] ?? 0, values[place + 1] ?? values[place] ?? 0];
  return to > from ? low + ((high - low) * (time - from)) / (to - from) : low;
}

/** Asks for what a policy says, by what it has heard. */
export class LearnedAim implements Aim, Listener {
  readonly #seat: Seat;
  readonly #model: OpponentModel;
  readonly #policy: Policy;
  readonly #limit: number;
  readonly #room: number;
  #first = 0;
  /** The best so far at each time that it got better. */
  readonly #bests: { readonly time: number; readonly best: number }[] = [];
  #fair = 1;
  #reviewed = -1;
  #share = 1;

  constructor(seat: Seat, model: OpponentModel, policy: Policy) {
    this.#seat = seat;
    this.#model = model;
    this.#policy = policy;
    this.#limit = limitOf(seat);
    this.#room = Math.max(1e-9, seat.bids.highest - this.#limit);
  }

  hear(offer: Outcome, _by: number, moment: Moment): void {
    const { time } = hurried(moment, this.#seat);
    const worth = Math.max(0, (this.#seat.party.utility.of(offer) - this.#limit) / this.#room);
    if (this.#bests.length === 0) this.#first = worth;
    if (worth > this.#best || this.#bests.length === 0) this.#bests.push({ time, best: worth });
  }

  at(moment: Moment): number {
    const { time, rounds } = hurried(moment, this.#seat);
    const before = this.#bests.findLast((one) => one.time <= time - RECENT)?.best ?? this.#first;
    const share = asked(this.#policy, {
      time,
      best: this.#best,
      moved: this.#best - this.#first,
      recent: this.#best - before,
      lastWord: this.#seat.me > 0 ? 1 : 0,
      budget: Math.min(1, Math.log10(rounds) / 3),
      fair: this.#fairest(time),
    });
    // To ask for more because the other gives more is for those whom waiting costs nothing.
    this.#share = this.#seat.party.discount < 1 ? Math.min(this.#share, share) : share;
    return this.#limit + this.#share * this.#room;
  }

  why(): string {
    return `its training asks for ${Math.round(this.#share * 100)}% of what there is to win, having been offered ${format(this.#limit + this.#best * this.#room)}`;
  }

  get #best(): number {
    return this.#bests.at(-1)?.best ?? 0;
  }

  #fairest(time: number): number {
    const review = Math.floor(time * REVIEWS);
    if (review <= this.#reviewed) return this.#fair;
    this.#reviewed = review;
    const { bids, party } = this.#seat;
    let most = Number.NEGATIVE_INFINITY;
    for (const outcome of bids.among(this.#limit, bids.highest, CANDIDATES)) {
      const gain = (party.utility.of(outcome) - this.#limit) / this.#room;
      const product = gain * this.#model.of(outcome);
      if (product > most) [most, this.#fair] = [product, gain];
    }
    return this.#fair;
  }
}
