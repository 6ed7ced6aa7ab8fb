import type { AgentId, Bytes32 } from "../../kernel/ids.ts";
import type { SessionProofs } from "../../ports/chain.ts";
import type { Finding, Rejection } from "../../ports/connector.ts";
import type { JsonObject } from "../../terms/canonical-json.ts";
import type { Deal } from "../../terms/deal.ts";
import type { Role } from "../../terms/proposal.ts";
import type { Outcome } from "./outcome.ts";
import type { Task } from "./tasks.ts";

/** What one side brings to the settlement of a deal. It is journalled first, and all that a restart needs. */
export interface Undertaking {
  readonly role: Role;
  readonly deal: Deal;
  readonly transcript: Bytes32;
  /** Null where the deal was committed by somebody who holds an ACCEPT that we have not seen. */
  readonly proofs: SessionProofs | null;
  /** Null where only their hash is known. */
  readonly terms: JsonObject | null;
}

/** Something that was done, or came to be known, outside the chain. What happens on the chain is read there, always. */
export type Fact =
  | { readonly type: "begun"; readonly at: number; readonly undertaking: Undertaking }
  /** Whether it may be committed, by our own side's rules and systems; asked at that second of the chain's time. */
  | { readonly type: "cleared"; readonly rejection: Rejection | null; readonly chainTime: number }
  /** What the seller's systems handed over, by the hash of what shows it. */
  | { readonly type: "produced"; readonly evidence: Bytes32 }
  /** The buyer has looked at what was delivered. */
  | { readonly type: "found"; readonly finding: Finding }
  /** What was set aside for the deal is free again. */
  | { readonly type: "released" }
  | { readonly type: "rated" }
  /** Who declared the deal: the chain doesn't tell any more once it is over. */
  | { readonly type: "declared"; readonly by: AgentId }
  /** An act was refused by the contract; kept where the reason is another than before. */
  | { readonly type: "refused"; readonly task: Task; readonly code: string }
  /** What it waits for, and the second of the chain's time at which something has to be done. */
  | { readonly type: "waits"; readonly reason: string; readonly until: number | null }
  | { readonly type: "ended"; readonly outcome: Outcome };

/** What the facts so far come to. */
export interface Memory {
  readonly undertaking: Undertaking;
  /** Milliseconds, by our own clock. */
  readonly begunAt: number;
  /** Null before it was asked; `rejection` null where nothing stands in the way. */
  readonly clearance: { readonly rejection: Rejection | null; readonly chainTime: number } | null;
  readonly evidence: Bytes32 | null;
  readonly finding: Finding | null;
  readonly isReleased: boolean;
  readonly isRated: boolean;
  readonly declarer: AgentId | null;
  /** The task that the contract refused last, and why. */
  readonly refused: { readonly task: Task; readonly code: string } | null;
  readonly waits: { readonly reason: string; readonly until: number | null } | null;
  readonly outcome: Outcome | null;
}

/** Adds a fact. The first one is `begun`. */
export function remember(memory: Memory | null, fact: Fact): Memory {
  if (fact.type === "begun") {
    return {
      ...{ undertaking: fact.undertaking, begunAt: fact.at, clearance: null, evidence: null, finding: null },
      ...{ isReleased: false, isRated: false, declarer: null, refused: null, waits: null, outcome: null },
    };
  }
  if (memory === null) throw new Error("a settlement's facts start with what it is about");
  switch (fact.type) {
    case "cleared":
      // What was waited for was the leave.
      return { ...memory, clearance: { rejection: fact.rejection, chainTime: fact.chainTime }, waits: null };
    case "produced":
      return { ...memory, evidence: fact.evidence };
    case "found":
      return { ...memory, finding: fact.finding };
    case "released":
      return { ...memory, isReleased: true };
    case "rated":
      return { ...memory, isRated: true };
    case "declared":
      return { ...memory, declarer: fact.by };
    case "refused":
      return { ...memory, refused: { task: fact.task, code: fact.code } };
    case "waits":
      return { ...memory, waits: { reason: fact.reason, until: fact.until } };
    case "ended":
      return { ...memory, outcome: fact.outcome };
  }
}
