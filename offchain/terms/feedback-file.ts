import { utf8 } from "../kernel/bytes.ts";
import { keccak256 } from "../kernel/hash.ts";
import type { Address, AgentId, Bytes32 } from "../kernel/ids.ts";
import { canonicalJson, type JsonObject } from "./canonical-json.ts";

/** What the file of a piece of ERC-8004 feedback tells, where a settled deal stands behind it. */
export interface DealFeedback {
  readonly chainId: number;
  readonly registry: Address;
  readonly settlement: Address;
  readonly rated: AgentId;
  /** Who rates. */
  readonly rater: AgentId;
  readonly client: Address;
  /** Unix seconds of the block that settled the deal: a file that is written again is the same file. */
  readonly settledAt: number;
  readonly settledBy: Bytes32;
  /** Hundredths, from 0 to 10,000. */
  readonly value: number;
  readonly tag1: string;
  readonly tag2: string;
  readonly deal: Bytes32;
  readonly transcript: Bytes32;
  /** Wallets of buyer and seller. */
  readonly from: Address;
  readonly to: Address;
}

export const FEEDBACK_DECIMALS = 2;

/** Writes the file, canonically. */
export function encodeFeedback(feedback: DealFeedback): string {
  const { chainId, registry, settlement, rated, rater, client, deal, transcript, from, to } = feedback;
  const place = `eip155:${chainId}`;
  const content: JsonObject = {
    agentRegistry: `${place}:${registry}`,
    agentId: numberOf(rated),
    clientAddress: `${place}:${client}`,
    createdAt: new Date(feedback.settledAt * 1000).toISOString(),
    value: feedback.value,
    valueDecimals: FEEDBACK_DECIMALS,
    tag1: feedback.tag1,
    tag2: feedback.tag2,
    proofOfPayment: { fromAddress: from, toAddress: to, chainId: String(chainId), txHash: feedback.settledBy },
    parley: { settlement: `${place}:${settlement}`, rater: numberOf(rater), deal, transcript },
  };
  return canonicalJson(content);
}

/** What the chain is told of a file. */
export function hashFeedback(text: string): Bytes32 {
  return keccak256(utf8.encode(text));
}

/** ERC-8004 writes numbers; what JSON's numbers can't hold is written in digits. */
function numberOf(agent: AgentId): number | string {
  return agent <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(agent) : agent.toString();
}
