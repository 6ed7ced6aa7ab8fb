import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReputationClient } from "../adapters/chain/reputation.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { Address, AgentId } from "../kernel/ids.ts";
import type { Deployment, Payout, Registry } from "../ports/chain.ts";
import type { Order } from "../ports/connector.ts";
import { scoreOf } from "../settlement/feedback/score.ts";
import { type DealFeedback, encodeFeedback, FEEDBACK_DECIMALS, hashFeedback } from "../terms/feedback-file.ts";
import type { JsonReader } from "../terms/json-reader.ts";
import { writeWhole } from "./whole-file.ts";

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

/** What ratings are given with. */
export interface RatingOffice {
  readonly config: FeedbackConfig;
  readonly agent: AgentId;
  readonly client: ReputationClient;
  readonly registry: Registry;
  readonly deployment: Deployment;
  /** Told where the registry takes no rating from us, and never will. */
  readonly onRefused: (error: ParleyError) => void;
}

/** Refusals that waiting doesn't mend: both sides have one owner, or the agent is another's by now. */
const FINAL: readonly string[] = ["SelfFeedback", "NotParty"];

/**
 * Rates the other side of settled deals by what the chain tells, for a saga: called twice, it rates once. The file lies in the folder
 * before its hash is on the chain, and is never written anew: its hash may be signed for already.
 */
export function rateDeals(office: RatingOffice) {
  const { config, agent, client, onRefused } = office;
  return async (order: Order, payout: Payout): Promise<void> => {
    const { deal, dealHash, transcript } = order;
    const isBuyer = agent === deal.buyer;
    const value = scoreOf(isBuyer ? "seller" : "buyer", deal, payout);
    if (value === null || (await client.hasRated(deal, isBuyer))) return;
    const name = `${dealHash.slice(2)}-${isBuyer ? "buyer" : "seller"}.json`;
    const tags = { tag1: TAG, tag2: payout.outcome.toLowerCase() };
    const text = await keepFile(config.folder, name, () => describeDeal(office, order, { value, ...tags }));
    const file = { feedbackURI: `${config.uri}${name}`, feedbackHash: hashFeedback(text) };
    const rating = { value: BigInt(value), valueDecimals: FEEDBACK_DECIMALS, ...tags, ...file };
    try {
      await client.rate(deal, transcript, rating);
    } catch (thrown) {
      if (!(thrown instanceof ParleyError)) throw thrown;
      if (FINAL.includes(thrown.code)) onRefused(thrown);
      else if (thrown.code !== "DealRatedAlready") throw thrown;
    }
  };
}

async function describeDeal(
  { agent, client, registry, deployment }: RatingOffice,
  { deal, dealHash, transcript }: Order,
  rating: Pick<DealFeedback, "value" | "tag1" | "tag2">,
): Promise<string> {
  const [{ transaction, at }, { wallet: from }, { wallet: to }] = await Promise.all([
    client.settlementOf(deal),
    registry.authority(deal.buyer),
    registry.authority(deal.seller),
  ]);
  const rated = agent === deal.buyer ? deal.seller : deal.buyer;
  const who = { ...deployment, rated, rater: agent, client: client.address, from, to };
  return encodeFeedback({ ...who, ...rating, settledAt: at, settledBy: transaction, deal: dealHash, transcript });
}

/** The file's text: as it lies there, or else as it is written now. */
async function keepFile(folder: string, name: string, write: () => Promise<string>): Promise<string> {
  const known = await readFile(join(folder, name), "utf8").catch(() => null);
  if (known !== null) return known;
  const text = await write();
  await writeFeedback(folder, name, text);
  return text;
}

async function writeFeedback(folder: string, name: string, text: string): Promise<void> {
  try {
    await writeWhole(folder, name, text);
  } catch (cause) {
    throw new ParleyError("FeedbackUnwritable", `the feedback file ${name} can't be written: ${messageOf(cause)}`, {
      hint: `see whether ${folder} is there, yours, and not full`,
      retryable: true,
      cause,
    });
  }
}
