import { isHex } from "../../kernel/bytes.ts";
import { ParleyError } from "../../kernel/errors.ts";
import type { AgentConfig } from "../../node/agent-config.ts";
import { readAgentConfig } from "../../node/agent-config.ts";
import { type AccountsView, type AccountView, viewAccounts } from "../../node/desk/accounts.ts";
import { usageError } from "../command.ts";

/** What is open on accounts that are configured no more is told with whatever is asked. */
export interface Picked extends Pick<AccountsView, "left"> {
  readonly settings: AgentConfig;
  readonly view: AccountView;
}

/** The account that is meant; of the newest ones only, where its id isn't given. */
export async function pickAccount({
  config,
  account,
}: {
  readonly config?: string | undefined;
  readonly account?: string | undefined;
}): Promise<Picked> {
  if (config === undefined) throw usageError("--config FILE is missing", "account");
  if (account !== undefined && !/^0x[0-9a-fA-F]{1,64}$/.test(account)) {
    throw usageError(`--account takes an id in hexadecimal or its first digits, not '${account}'`, "account");
  }
  const settings = await readAgentConfig(config);
  const { accounts, left } = await viewAccounts(settings);
  const [view, another] =
    account === undefined
      ? accounts.filter(({ isNewest }) => isNewest)
      : accounts.filter(({ state }) => state.id.startsWith(account.toLowerCase()));
  if (view !== undefined && another === undefined) return { settings, view, left };
  const isWhole = account !== undefined && isHex(account, 32);
  const says = account === undefined ? "" : ` ${isWhole ? "with the id" : "whose id begins with"} ${account}`;
  throw new ParleyError("UnknownAccount", `there ${view === undefined ? "is no" : "are several"} accounts${says}`, {
    hint: "see which there are: parley account list --all",
  });
}
