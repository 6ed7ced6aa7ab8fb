import { messageOf, ParleyError } from "../../kernel/errors.ts";
import type { Order } from "../../ports/connector.ts";

export function rejected({ dealHash, deal }: Order, note: string): ParleyError<"AccountRejected"> {
  return new ParleyError(
    "AccountRejected",
    `what agent ${deal.seller} delivered on account is not as agreed: ${note}`,
    {
      hint: "nothing is signed for it; talk to its operator, whom the end of this account costs more than the price",
      facts: { dealHash },
    },
  );
}

export function unpaid({ dealHash, deal }: Pick<Order, "dealHash" | "deal">): ParleyError<"AccountUnpaid"> {
  return new ParleyError(
    "AccountUnpaid",
    `agent ${deal.buyer} has not signed for ${deal.price} that was delivered on account`,
    {
      hint: "the account is closed, and what was signed before is still owed; talk to its operator: another account, with less trust maybe, takes another `salt` on both sides",
      facts: { dealHash, price: deal.price.toString() },
    },
  );
}

export function unsigned({ dealHash, deal }: Order, cause: unknown): ParleyError<"AccountUnsigned"> {
  return new ParleyError(
    "AccountUnsigned",
    `${deal.price} that agent ${deal.seller} delivered on account could not be signed for: ${messageOf(cause)}`,
    {
      hint: "it is still owed, and signed as soon as that can be done, also after the next start; where the account is closed by then, settle it with the other operator",
      facts: { dealHash, price: deal.price.toString() },
      cause,
    },
  );
}

export function notCarried(cause: unknown): ParleyError<"AccountFailed"> {
  return new ParleyError("AccountFailed", `a deal on account can't go on: ${messageOf(cause)}`, {
    hint: "it is tried again; where the journal failed, only after the next start",
    retryable: true,
    cause,
  });
}
