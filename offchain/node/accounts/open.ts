import { ParleyError } from "../../kernel/errors.ts";
import type { AgentConfig } from "../agent-config.ts";
import { hasAccountsJournal, openAccountsJournal } from "../journal.ts";
import { Accounts, type AccountsContext } from "./accounts.ts";
import { leftBehind } from "./left-behind.ts";

type Config = Pick<AgentConfig, "accounts" | "journal" | "witness">;

/** The running accounts that an agent is configured to keep; null where there are none. */
export async function openAccounts(
  config: Config,
  context: Omit<AccountsContext, "journal">,
): Promise<Accounts | null> {
  if (config.accounts === null) {
    if (hasAccountsJournal(config)) await tellLeftBehind(config, context.onTrouble);
    return null;
  }
  const journal = openAccountsJournal(config);
  try {
    return await Accounts.open(config.accounts, { ...context, journal, asksFirst: true });
  } catch (thrown) {
    await journal.close();
    throw thrown;
  }
}

/** Where no account is configured any more, what is open on those of before is told all the same. */
async function tellLeftBehind(config: Config, onTrouble: AccountsContext["onTrouble"]): Promise<void> {
  try {
    const journal = openAccountsJournal(config);
    try {
      for (const error of await leftBehind(journal, [])) onTrouble(error, false);
    } finally {
      await journal.close();
    }
  } catch (thrown) {
    if (!(thrown instanceof ParleyError)) throw thrown;
    onTrouble(thrown, false);
  }
}
