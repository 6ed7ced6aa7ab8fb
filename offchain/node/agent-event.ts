import type { Hex } from "../kernel/bytes.ts";
import type { Address, Bytes32 } from "../kernel/ids.ts";
import type { Rail } from "../settlement/rails.ts";
import type { Act } from "../settlement/saga/tasks.ts";
import type { Kind } from "../terms/envelope.ts";
import type { RefusalCode } from "../terms/refusal.ts";
import type { OutcomeName } from "./outcome-name.ts";

/** What concerns one negotiation: its id, which is the opener's half of it until JOIN. */
interface Concerning {
  readonly negotiation: Bytes32;
}

/** What may have been told before: there where it stood like that already when this process started. */
interface Repeated {
  readonly again?: true;
}

/** What a running agent reports, as data that JSON can carry: amounts are decimal strings. */
export type AgentEvent =
  | { readonly event: "ready"; readonly agent: string; readonly pid: number; readonly address: string | null }
  /** Where buyers reach what is sold, and where our own applications call what was bought. */
  | { readonly event: "delivery"; readonly serves: string | null; readonly calls: string | null }
  /** A negotiation was taken up again from the journal. */
  | (Concerning & {
      readonly event: "recovered";
      readonly half: Bytes32;
      readonly phase: string;
      readonly envelopes: number;
    })
  /** `open` of the configuration was left alone. */
  | { readonly event: "openSkipped"; readonly because: string; readonly hint: string }
  /** A peer's OPEN was refused. Nothing is kept of it. */
  | {
      readonly event: "refused";
      /** As it calls itself: where its certificate is what was refused, it may be anybody. */
      readonly peer: string;
      readonly code: RefusalCode;
      readonly note: string;
      /** Refusals before this one that were not told, since there were too many. */
      readonly untold: number;
    }
  /** From here on the negotiation has its whole id. */
  | (Concerning & { readonly event: "joined"; readonly half: Bytes32; readonly peer: string })
  | (Concerning & {
      readonly event: "said";
      readonly by: "self" | "peer";
      readonly kind: Kind;
      readonly seq: number;
      /** Price of an OFFER. */
      readonly price: string | null;
    })
  | (Concerning &
      Repeated & {
        readonly event: "agreed";
        readonly dealHash: Bytes32;
        readonly transcript: Bytes32;
        readonly price: string;
        readonly acceptedBy: "self" | "peer";
        /** Rounds that were begun. */
        readonly rounds: number;
        /** Milliseconds since this process took the negotiation up. */
        readonly milliseconds: number;
      })
  | (Concerning &
      Repeated & {
        readonly event: "ended";
        readonly by: "self" | "peer";
        readonly code: RefusalCode;
        readonly note: string;
        /** When it is asked for again, in milliseconds since 1970; null where it isn't. */
        readonly againAt: number | null;
      })
  /** The negotiation has ended, and something may come of it all the same. */
  | (Concerning & {
      readonly event: "waiting";
      /** Until when, in milliseconds since 1970; the chain's clock decides. */
      readonly until: number;
      readonly because: string;
    })
  | (Concerning & {
      readonly event: "act";
      readonly act: Act;
      readonly gas: number;
      readonly transaction: Bytes32;
    })
  | (Concerning & Repeated & { readonly event: "outcome"; readonly outcome: OutcomeName })
  /** The agent stops before it is known how the deal ends; the next start goes on. */
  | (Concerning & {
      readonly event: "inDoubt";
      /** What it waits for. */
      readonly resolvedBy: string;
      /** Until when it would wait, in milliseconds since 1970 by the chain's clock; null where nothing is done by the clock. */
      readonly until: number | null;
    })
  /** The other side signed two different offers or acceptances as one and the same, and pays for it, or why it doesn't. */
  | (Concerning & {
      readonly event: "fault";
      readonly agent: string;
      readonly seq: number;
      /** What leaves its stake, in the deal's token. */
      readonly taken: string;
      /** What of that is ours; the rest is burnt. */
      readonly reward: string;
      /** What has shown it to Settlement, whosever that was; null where nothing has. */
      readonly transaction: Bytes32 | null;
      /** Why nothing has. */
      readonly because: string | null;
    })
  /** The chain says that a word was broken, or made good, in a deal of ours. */
  | {
      readonly event: "broken";
      readonly what: "declared" | "cured" | "defaulted" | "penalised" | "equivocated";
      /** Whose word it was. */
      readonly by: string;
      /** Whether that is this agent. */
      readonly self: boolean;
      readonly deal: Bytes32 | null;
      /** What left its stake, and what of that went to the counterparty. */
      readonly taken: string | null;
      readonly reward: string | null;
      /** Until when it can be made good, in milliseconds since 1970 by the chain's clock. */
      readonly until: number | null;
      readonly transaction: Bytes32;
    }
  /** By which rail what is opened is to be paid: `ledger` is a running account. */
  | {
      readonly event: "rail";
      readonly peer: string;
      readonly rail: Rail;
      /** What gas costs on it, in the deal's token, as far as it can be told. */
      readonly cost: string;
      readonly because: string;
      readonly account: Bytes32 | null;
    }
  /** Where others reach our side of running accounts. */
  | { readonly event: "accounts"; readonly url: string }
  /** A running account is in use from now on, is to be paid by us, or is paid. */
  | {
      readonly event: "account";
      readonly account: Bytes32;
      readonly peer: string;
      readonly token: Address;
      readonly state: "open" | "closed" | "paid";
      /** What we owe, what we are owed taken off; negative where we are owed more. */
      readonly balance: string;
    }
  /** The personal data that the terms commit to has come, and lies in the vault. */
  | (Concerning & { readonly event: "personalData" })
  /** Everything that was said, as signed frames. */
  | (Concerning & {
      readonly event: "transcript";
      readonly opener: readonly Hex[];
      readonly responder: readonly Hex[];
    })
  | {
      readonly event: "trouble";
      readonly code: string;
      readonly message: string;
      /** What to do; null where nobody has to do anything, or nobody knows. */
      readonly hint: string | null;
      /** True where it is tried again, so that nothing is lost by it yet. */
      readonly retried: boolean;
      /** Null where it concerns none, or nobody knows which. */
      readonly negotiation: Bytes32 | null;
    };
