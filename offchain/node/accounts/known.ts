import { type Clock, wakeAt } from "../../kernel/clock.ts";
import type { Account } from "./account.ts";
import type { AccountLink } from "./link.ts";

/** Longer than a side that is well leaves between two greetings. */
const MOST_MS = 20_000;

/**
 * Resolves once it is known whether the other side keeps the account: it has said so, or isn't reached. A deal that names an account
 * which the other side doesn't have is refused, and could have been made on the chain.
 */
export async function untilKnown(
  account: Pick<Account, "closing" | "newest" | "watch">,
  link: Pick<AccountLink, "isFailing">,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const end = clock.now() + MOST_MS;
  const isKnown = () => account.closing !== null || account.newest.isAssured || link.isFailing;
  while (!isKnown() && !signal.aborted && clock.now() < end) {
    let unwatch: (() => void) | undefined;
    await wakeAt(clock, end, signal, (wake) => {
      unwatch = account.watch(wake);
    });
    unwatch?.();
  }
}
