import type { AgentId, Bytes32 } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";

/** A call that somebody makes on account of a deal. */
export interface MeteredCall {
  readonly dealHash: Bytes32;
  readonly transcript: Bytes32;
  readonly agent: AgentId;
  /** The buyer's own count of its calls: one under a number that was counted is not counted twice. */
  readonly number: number;
}

/** How a call that was served ended. */
export type CallEnding =
  | "answered"
  /** It failed on the seller's side, so that nobody pays for it. */
  | "failed"
  /** It failed too, but since the buyer didn't send all that it asked: nobody pays for it, and it says nothing about the service. */
  | "late"
  /** The buyer heard no more of it, by its own doing. */
  | "hungUp";

/** Whether a call is served. */
export type Admission =
  | {
      readonly admitted: true;
      /** `waitedMs`: of its time, what went by before the buyer had said all that it asked. */
      end(how: CallEnding, waitedMs?: number): Promise<void>;
    }
  /** A receipt of at least `due` in all has to come first. */
  | { readonly admitted: false; readonly because: "ReceiptDue"; readonly due: Amount }
  /** The number was counted before, or is older than is remembered; `next` is free. */
  | { readonly admitted: false; readonly because: "CallRepeated"; readonly next: number }
  /** As many calls are under way as one deal, or one buyer, may have at a time. The number stays free. */
  | { readonly admitted: false; readonly because: "TooManyCalls" }
  /** The price is used up, or the deal's time over. */
  | { readonly admitted: false; readonly because: "UsedUp" }
  /** No such deal of that agent is served here. */
  | { readonly admitted: false; readonly because: "UnknownDeal" };

/** Counts calls, durably, before they are answered. */
export interface CallMeter {
  admit(call: MeteredCall): Promise<Admission>;
}
