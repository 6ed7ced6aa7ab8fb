import { randomBytes } from "node:crypto";
import { mkdir, open, rename } from "node:fs/promises";
import { join } from "node:path";
import type { ReputationClient } from "../adapters/chain/reputation.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { Address, AgentId } from "../kernel/ids.ts";
import type { Payout, Registry } from "../ports/chain.ts";
import type { Order } from "../ports/connector.ts";
import { scoreOf } from "../settlement/feedback/score.ts";
import { encodeFeedback, FEEDBACK_DECIMALS } from "../terms/feedback-file.ts";
import type { JsonReader } from "../terms/json-reader.ts";

/** Whether and how an agent rates the other side of its deals. */
export interface FeedbackConfig {
  /** The ReputationRegistry. */
  readonly reputation: Address;
  /** Where the files are written. */
  readonly folder: string;
  /** What the folder is called by others: files are named behind it. */
  readonly uri: string;
}

export function readFeedbackConfig(reader: JsonReader): FeedbackConfig {
  const config = {
    reputation: reader.address("reputation"),
    folder: reader.text("folder", 4_096),
    uri: reader.text("uri", 1_900),
  };
  reader.end();
  if (URL.canParse(config.uri) && config.uri.endsWith("/")) return config;
  throw new ParleyError("Malformed", "'feedback.uri' must be an address that ends with '/'", {
    facts: { path: "feedback.uri" },
  });
}

const TAG = "parley-deal";

/**
 * Rates the other side of settled deals by what the chain tells, for a saga: called twice, it rates once. The file lies in the folder
 * before its hash is on the chain.
 */
export function rateDeals(
  config: FeedbackConfig,
  agent: AgentId,
  client: ReputationClient,
  registry: Registry,
  place: Place,
) {
  return async ({ deal, dealHash, transcript }: Order, payout: Payout): Promise<void> => {
    const isBuyer = agent === deal.buyer;
    const value = scoreOf(isBuyer ? "seller" : "buyer", deal, payout);
    if (value === null || (await client.hasRated(deal, isBuyer))) return;
    const [{ transaction, at }, { wallet: from }, { wallet: to }] = await Promise.all([
      client.settlementOf(deal),
      registry.authority(deal.buyer),
      registry.authority(deal.seller),
    ]);
    const [tag1, tag2] = [TAG, payout.outcome.toLowerCase()];
    const { text, hash } = encodeFeedback({
      ...{ ...place, rated: isBuyer ? deal.seller : deal.buyer, rater: agent, client: client.address },
      ...{ settledAt: at, settledBy: transaction, value, tag1, tag2, deal: dealHash, transcript, from, to },
    });
    const name = `${dealHash.slice(2)}-${isBuyer ? "buyer" : "seller"}.json`;
    await writeWhole(config.folder, name, text);
    const file = { feedbackURI: `${config.uri}${name}`, feedbackHash: hash };
    await client.rate(deal, transcript, {
      value: BigInt(value),
      valueDecimals: FEEDBACK_DECIMALS,
      tag1,
      tag2,
      ...file,
    });
  };
}

interface Place {
  readonly chainId: number;
  readonly registry: Address;
  readonly settlement: Address;
}

/** Beside the file first, so that nobody ever reads half of it. */
async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const draft = join(folder, `.${name}.${randomBytes(6).toString("hex")}`);
    const handle = await open(draft, "wx", 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, join(folder, name));
  } catch (cause) {
    throw new ParleyError("FeedbackUnwritable", `the feedback file ${name} can't be written: ${messageOf(cause)}`, {
      hint: `see whether ${folder} is there, yours, and not full`,
      retryable: true,
      cause,
    });
  }
}
