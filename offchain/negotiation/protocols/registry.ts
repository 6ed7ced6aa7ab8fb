import { ParleyError } from "../../kernel/errors.ts";
import { alternatingOffers } from "./alternating-offers.ts";
import { monotonicConcession, monotonicConcessionPrivate } from "./monotonic-concession.ts";
import { oneShot } from "./one-shot.ts";
import type { Protocol } from "./protocol.ts";
import { rubinstein } from "./rubinstein.ts";
import { stackedOffers } from "./stacked-offers.ts";

/** A protocol, and what it is. */
export interface NamedProtocol {
  readonly protocol: Protocol;
  readonly about: string;
}

const ALL: readonly NamedProtocol[] = [
  { protocol: alternatingOffers, about: "two sides answer each other by counter-offers" },
  { protocol: oneShot, about: "the first names its terms once; the others take it or leave it" },
  { protocol: stackedOffers, about: "any number in turn; agreed is what all others accept in a row" },
  {
    protocol: monotonicConcession,
    about: "two sides who know all offer at once and never go back; over when both stand still",
  },
  {
    protocol: monotonicConcessionPrivate,
    about: "a heuristic after it for sides who know only what they want themselves",
  },
  {
    protocol: rubinstein,
    about: "two sides who know all offer in turn, and every offer that is refused costs a round",
  },
];

/** All protocols that can be named. */
export const PROTOCOLS: Readonly<Record<string, NamedProtocol>> = Object.fromEntries(
  ALL.map((named) => [named.protocol.name, named]),
);

/** Throws `BadProtocol` naming those that there are. */
export function protocolNamed(text: string): Protocol {
  const named = Object.hasOwn(PROTOCOLS, text) ? PROTOCOLS[text] : undefined;
  if (named === undefined) {
    throw new ParleyError("BadProtocol", `there is no protocol ${text}, only ${Object.keys(PROTOCOLS).join(", ")}`, {
      facts: { field: "protocol" },
    });
  }
  return named.protocol;
}
