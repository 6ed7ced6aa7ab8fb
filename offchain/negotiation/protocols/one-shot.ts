import type { Protocol } from "./protocol.ts";
import { stackedOffers } from "./stacked-offers.ts";

/** The first party names its terms once; the others take it or leave it. */
export const oneShot: Protocol = {
  ...stackedOffers,
  name: "one-shot",
  begin: (table) => stackedOffers.begin({ ...table, rounds: 1 }),
};
