import { concat, fromHex, utf8 } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { Address, AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import { canonicalJson } from "../../terms/canonical-json.ts";

/** One side of a running account, and how far it is trusted. */
export interface TabParty {
  readonly agent: AgentId;
  /** Most that it may owe, what it is owed taken off. */
  readonly credit: Amount;
}

/** A running account of two agents in one token. Both sides hold the same terms, or they don't mean the same account. */
export interface TabTerms {
  /** The agent with the lower id first. */
  readonly parties: readonly [TabParty, TabParty];
  readonly token: Address;
  /** 32 random bytes: each account of the same two is another. */
  readonly salt: Bytes32;
}

/** Names an account, on one Settlement of one chain. */
export function tabId(separator: Bytes32, { parties, token, salt }: TabTerms): Bytes32 {
  const [lower, higher] = parties;
  if (lower.agent >= higher.agent) {
    throw new ParleyError("BadTab", "an account is of two agents, the one with the lower id first");
  }
  const sides = parties.map(({ agent, credit }) => ({ agent: agent.toString(), credit: credit.toString() }));
  return sha256(
    concat(fromHex(separator), utf8.encode(canonicalJson({ kind: "parley tab 1", parties: sides, token, salt }))),
  );
}
