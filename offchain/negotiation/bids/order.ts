import type { IssueSpace } from "../../terms/issue-space.ts";
import type { Utility } from "../utility.ts";
import { AdditiveBids } from "./additive.ts";
import type { Bids } from "./bids.ts";
import { EnumeratedBids, MOST_ENUMERATED } from "./enumerated.ts";
import { SampledBids } from "./sampled.ts";

/** A party's view of a space, as exact as its size allows. */
export function orderBids(space: IssueSpace, utility: Utility): Bids {
  if (space.size <= MOST_ENUMERATED) return new EnumeratedBids(space, utility);
  return utility.rules.length === 0 ? new AdditiveBids(space, utility) : new SampledBids(space, utility);
}
