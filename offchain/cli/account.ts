import { exportAccount } from "./account/export.ts";
import { listAccounts } from "./account/list.ts";
import { showAccount } from "./account/show.ts";
import { verifyAccount } from "./account/verify.ts";
import { actionError, type Command } from "./command.ts";

const HELP = `parley account: what an agent and others owe each other on running accounts, and what was signed for it

usage: parley account list --config FILE [--all] [--json]
       parley account show --config FILE [--account ID] [--json]
       parley account export --config FILE [--account ID] --out FILE [--force]
       parley account verify FILE [--rpc URL] [--json]

  list      the accounts in use, with what is owed; --all has those that were paid, too
  show      one account: credit, what each side has signed, and for which deals
  export    writes all that both sides signed on an account to a file, by which anybody can see who owes what: the other
            operator, an auditor, a judge
  verify    checks every signature of such a file, that the entries follow one another, and whose they are

  --config FILE      the agent's configuration; the agent must be stopped, since its journals are for one process
  --account ID       the account's id, or its first digits; needn't be given where there is one only
  --out FILE         where to write it
  --force            write over a file that is there
  --rpc URL          ask a node of the chain whose wallets have signed, and how the token's amounts are written
  --json             one JSON object, amounts in the token's smallest unit

Exits with 0 if it is done and nothing in the file was found to be untrue, 1 where something was, or where there is no such
account, 2 for wrong usage, 66 for a file that can't be read, 69 where the chain can't be reached, 78 where the configuration
can't be used.

example: parley account list --config seller.json
         parley account export --config seller.json --account 0x5c3a91 --out account.json
         parley account verify account.json --rpc http://127.0.0.1:8545
`;

type Action = (args: readonly string[]) => Promise<number>;

const ACTIONS: Readonly<Record<string, Action>> = {
  list: listAccounts,
  show: showAccount,
  export: exportAccount,
  verify: verifyAccount,
};

export const accountCommand: Command = {
  help: HELP,
  async run([name, ...args]) {
    const action = name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!action) throw actionError(name, Object.keys(ACTIONS), "account");
    return await action(args);
  },
};
