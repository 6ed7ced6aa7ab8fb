import type { AgentConfig } from "../agent-config.ts";
import { openAccountsJournal } from "../journal.ts";
import { Accounts, type AccountsContext } from "./accounts.ts";

/** The running accounts that an agent is configured to keep; null where there are none. */
export async function openAccounts(
  config: Pick<AgentConfig, "accounts" | "journal" | "witness">,
  context: Omit<AccountsContext, "journal">,
): Promise<Accounts | null> {
  if (config.accounts === null) return null;
  const journal = openAccountsJournal(config);
  try {
    return await Accounts.open(config.accounts, { ...context, journal, asksFirst: true });
  } catch (thrown) {
    await journal.close();
    throw thrown;
  }
}
