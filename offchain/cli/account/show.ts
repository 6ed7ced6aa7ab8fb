import type { TokenFacts } from "../../adapters/chain/tokens.ts";
import { ZERO_32 } from "../../kernel/ids.ts";
import { visible } from "../../kernel/visible.ts";
import type { AccountView } from "../../node/desk/accounts.ts";
import { roomWith } from "../../settlement/tab/carrying.ts";
import { type Line, totalOf } from "../../settlement/tab/state.ts";
import { parseFlags } from "../args.ts";
import { EXIT } from "../command.ts";
import { money, table } from "../deal/words.ts";
import { jsonOf } from "../json-of.ts";
import { print } from "../screen.ts";
import { warnOfLeft } from "./left.ts";
import { pickAccount } from "./pick.ts";
import { balanceInWords, openOf, stageInWords, tokenFacts } from "./words.ts";

const HEAD = ["by", "entry", "adds", "total", "for"];

export async function showAccount(args: readonly string[]): Promise<number> {
  const flags = parseFlags("account", args, {
    config: { type: "string" },
    account: { type: "string" },
    json: { type: "boolean", default: false },
  });
  const { settings, view, left } = await pickAccount(flags);
  if (flags.json) {
    print(jsonOf(toJson(view)));
    return EXIT.ok;
  }
  const tokens = await tokenFacts(settings.rpc, [view.terms.token]);
  for (const line of linesOf(view, tokens.get(view.terms.token) as TokenFacts)) print(visible(line));
  warnOfLeft(left);
  return EXIT.ok;
}

function linesOf(view: AccountView, token: TokenFacts): string[] {
  const { state, terms } = view;
  const { ours, theirs } = state;
  const credit = (who: string, line: Line) => {
    const room = view.stage === "open" ? `, ${money(roomWith(state, line, 0n), token)} of it left` : "";
    return `${who} may owe ${money(line.credit, token)}${room}`;
  };
  const rows = [...rowsOf("us", ours, token), ...rowsOf("them", theirs, token)];
  return [
    `account     ${state.id}`,
    `with        agent ${theirs.agent}, in ${token.symbol} (${terms.token})`,
    `stands      ${stageInWords(view)}`,
    `open        ${balanceInWords(view, token)}`,
    `signed      by us ${money(totalOf(ours), token)}, by them ${money(totalOf(theirs), token)}`,
    `credit      ${credit("we", ours)}; ${credit("they", theirs)}`,
    ...(rows.length === 0 ? ["entries     none"] : ["", ...table(HEAD, rows)]),
  ];
}

function rowsOf(by: string, line: Line, token: TokenFacts): string[][] {
  return entriesOf(line).map(({ seq, adds, total, memo, last }) => {
    const thing = last ? "closes the account" : memo === null ? "-" : `deal ${memo}`;
    return [by, seq.toString(), money(adds, token), money(total, token), thing];
  });
}

function entriesOf({ entries }: Line) {
  return entries.map(({ signed: { entry } }, place) => {
    const adds = entry.total - (entries[place - 1]?.signed.entry.total ?? 0n);
    const { seq, total, memo, last } = entry;
    return { seq, adds, total, memo: memo === ZERO_32 ? null : memo, last };
  });
}

function toJson({ state, terms, stage }: AccountView) {
  const { id, ours, theirs, halt } = state;
  const side = (line: Line) => ({
    ...{ agent: line.agent, credit: line.credit, total: totalOf(line) },
    entries: entriesOf(line),
  });
  return {
    account: id,
    token: terms.token,
    stage,
    halt,
    open: openOf({ state }),
    ours: side(ours),
    theirs: side(theirs),
  };
}
