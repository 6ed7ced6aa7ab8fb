import type { BatchOptions } from "../adapters/chain/batch-relay.ts";
import type { JsonReader } from "../terms/json-reader.ts";

/** Most deals of a batch: of more the transaction would be larger than nodes take. */
const MOST_DEALS = 100;

/** Longest that a deal may wait for others, in milliseconds. */
const LONGEST_WAIT_MS = 60_000;

/** How commitments are put together into transactions. */
export function readBatch(reader: JsonReader): BatchOptions {
  const options: BatchOptions = {
    most: reader.integer("most", 2, MOST_DEALS),
    waitMs: reader.integer("waitMs", 0, LONGEST_WAIT_MS),
  };
  reader.end();
  return options;
}
