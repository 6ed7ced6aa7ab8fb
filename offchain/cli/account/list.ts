import type { TokenFacts } from "../../adapters/chain/tokens.ts";
import { visible } from "../../kernel/visible.ts";
import { readAgentConfig } from "../../node/agent-config.ts";
import { type AccountView, viewAccounts } from "../../node/desk/accounts.ts";
import { totalOf } from "../../settlement/tab/state.ts";
import { parseFlags } from "../args.ts";
import { EXIT, usageError } from "../command.ts";
import { money, table } from "../deal/words.ts";
import { jsonOf } from "../json-of.ts";
import { print } from "../screen.ts";
import { warnOfLeft } from "./left.ts";
import { balanceInWords, openOf, stageInWords, tokenFacts } from "./words.ts";

/** Characters of an id that are shown in a table; `--account` takes as many. */
const SHORT = 12;

const HEAD = ["account", "with", "we signed", "they signed", "open", "entries", "stands"];

export async function listAccounts(args: readonly string[]): Promise<number> {
  const flags = parseFlags("account", args, {
    config: { type: "string" },
    all: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  });
  if (flags.config === undefined) throw usageError("--config FILE is missing", "account");
  const config = await readAgentConfig(flags.config);
  const { accounts, left } = await viewAccounts(config);
  const shown = accounts.filter(({ isNewest }) => flags.all || isNewest);
  if (flags.json) {
    const notConfigured = left.map(({ facts }) => facts);
    print(jsonOf({ agent: config.agent, accounts: shown.map(rowJson), notConfigured }));
    return EXIT.ok;
  }
  const tokens = await tokenFacts(
    config.rpc,
    shown.map(({ terms }) => terms.token),
  );
  const rows = shown.map((view) => row(view, tokens.get(view.terms.token) as TokenFacts));
  if (rows.length === 0) print("no accounts are configured");
  else for (const line of table(HEAD, rows)) print(visible(line));
  warnOfLeft(left);
  return EXIT.ok;
}

function row(view: AccountView, token: TokenFacts): readonly string[] {
  const { id, ours, theirs } = view.state;
  return [
    id.slice(0, SHORT),
    `agent ${theirs.agent}`,
    money(totalOf(ours), token),
    money(totalOf(theirs), token),
    balanceInWords(view, token),
    `${ours.entries.length}+${theirs.entries.length}`,
    stageInWords(view),
  ];
}

function rowJson({ state, terms, stage }: AccountView) {
  const { id, ours, theirs, halt } = state;
  return {
    ...{ account: id, with: theirs.agent, token: terms.token, stage },
    ...{ signed: { ours: totalOf(ours), theirs: totalOf(theirs) } },
    ...{ open: openOf({ state }), entries: { ours: ours.entries.length, theirs: theirs.entries.length } },
    ...{ credit: { ours: ours.credit, theirs: theirs.credit }, halt },
  };
}
