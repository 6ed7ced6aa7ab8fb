import type { Hex } from "../kernel/bytes.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { Act, Outcome } from "../settlement/settle.ts";
import type { Kind } from "../terms/envelope.ts";
import type { RefusalCode } from "../terms/refusal.ts";

/** What a running agent reports, as data that JSON can carry: amounts are decimal strings. */
export type AgentEvent =
  | { readonly event: "ready"; readonly agent: string; readonly pid: number; readonly address: string | null }
  | { readonly event: "recovered"; readonly negotiation: Bytes32; readonly phase: string; readonly envelopes: number }
  | {
      readonly event: "said";
      readonly negotiation: Bytes32;
      readonly by: "self" | "peer";
      readonly kind: Kind;
      readonly seq: number;
      /** Price of an OFFER. */
      readonly price: string | null;
    }
  | {
      readonly event: "agreed";
      readonly negotiation: Bytes32;
      readonly dealHash: Bytes32;
      readonly transcript: Bytes32;
      readonly price: string;
      readonly acceptedBy: "self" | "peer";
      /** Rounds that were begun. */
      readonly rounds: number;
      /** Milliseconds since this process took the negotiation up. */
      readonly milliseconds: number;
    }
  | {
      readonly event: "ended";
      readonly negotiation: Bytes32;
      readonly by: "self" | "peer";
      readonly code: RefusalCode;
      readonly note: string;
      /** When it is asked for again, in milliseconds since 1970; null where it isn't. */
      readonly againAt: number | null;
    }
  | {
      readonly event: "act";
      readonly negotiation: Bytes32;
      readonly act: Act;
      readonly gas: number;
      readonly transaction: Bytes32;
    }
  | { readonly event: "outcome"; readonly negotiation: Bytes32; readonly outcome: Outcome }
  /** Everything that was said, as signed frames. */
  | {
      readonly event: "transcript";
      readonly negotiation: Bytes32;
      readonly opener: readonly Hex[];
      readonly responder: readonly Hex[];
    }
  | {
      readonly event: "trouble";
      readonly code: string;
      readonly message: string;
      /** True where it is tried again, so that nothing is lost by it yet. */
      readonly retried: boolean;
    };
