import type { Protocol } from "./protocol.ts";
import { stackedOffers } from "./stacked-offers.ts";

/** Two parties answer each other by counter-offers until one accepts, walks away, or the deadline passes. */
export const alternatingOffers: Protocol = { ...stackedOffers, name: "alternating-offers", parties: [2, 2] };
