import { BaseError, HttpRequestError, TimeoutError } from "viem";
import type { Hex } from "../../kernel/bytes.ts";
import { messageOf } from "../../kernel/errors.ts";
import type { Rpc } from "./rpc.ts";

/** What a node made of a signed transaction. Whatever it says, the transaction may be included: only the chain knows. */
export type Reception =
  /** It has it, now or already. */
  | "taken"
  /** Something else was included under its nonce, or it was itself. */
  | "nonceUsed"
  /** It offers too little, for the chain or for replacing another one of its nonce. */
  | "feeTooLow"
  /** The key can't pay for it at present. */
  | "noCoin"
  /** It didn't answer, or said something else: it may have taken it or not. */
  | "unknown";

/** What nodes say, in the words of the implementations: there is no code for it that all of them share. */
const SAYINGS: readonly (readonly [RegExp, Reception])[] = [
  [/already known|already imported|known transaction|already exists|already in the mempool/i, "taken"],
  [/nonce too low|nonce is too low|old nonce/i, "nonceUsed"],
  [
    /underpriced|fee too low|fee cap|less than block base fee|gas price too low|too low to replace|baseFee/i,
    "feeTooLow",
  ],
  [/insufficient funds|sender doesn't have enough funds|insufficient balance/i, "noCoin"],
];

/** Hands a signed transaction to a node, once, of which the answer tells. The same one may be handed over any number of times. */
export async function broadcast(rpc: Rpc, raw: Hex): Promise<{ reception: Reception; says: string }> {
  try {
    await rpc.submit(raw);
    return { reception: "taken", says: "" };
  } catch (thrown) {
    const says = wholeMessage(thrown);
    if (thrown instanceof BaseError && thrown.walk(isSilence) !== null) return { reception: "unknown", says };
    const [, reception] = SAYINGS.find(([words]) => words.test(says)) ?? [null, "unknown" as const];
    return { reception, says };
  }
}

const isSilence = (cause: unknown) => cause instanceof HttpRequestError || cause instanceof TimeoutError;

/** What the node said stands in the causes of what was thrown. */
function wholeMessage(thrown: unknown): string {
  const parts: string[] = [];
  for (let cause = thrown; cause instanceof Error && parts.length < 8; cause = cause.cause) {
    parts.push(cause instanceof BaseError ? `${cause.shortMessage} ${cause.details}` : messageOf(cause));
  }
  return parts.join("; ").slice(0, 500);
}
