import { readAgentConfig } from "../../node/agent-config.ts";
import { type DealView, viewDeals } from "../../node/desk/deal-view.ts";
import { openDesk } from "../../node/desk/desk.ts";
import { parseFlags } from "../args.ts";
import { EXIT, usageError } from "../command.ts";
import { jsonOf } from "../json-of.ts";
import { print } from "../screen.ts";
import { iso, money, span, table } from "./words.ts";

/** Characters of a hash that are shown in a table; `--deal` takes as many. */
const SHORT = 12;

const HEAD = ["deal", "role", "with", "price", "status", "since", "next", "until"];

export async function listDeals(args: readonly string[]): Promise<number> {
  const flags = parseFlags("deal", args, {
    config: { type: "string" },
    all: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  });
  if (flags.config === undefined) throw usageError("--config FILE is missing", "deal");
  const desk = await openDesk(await readAgentConfig(flags.config));
  const views = await viewDeals(desk, flags.all);
  if (flags.json) print(jsonOf({ agent: desk.config.agent, deals: views.map(rowJson) }));
  else if (views.length === 0)
    print(flags.all ? "no deals" : "no running deals (--all lists those that are over, too)");
  else for (const line of table(HEAD, await Promise.all(views.map(row)))) print(line);
  return EXIT.ok;
}

function row(view: DealView): readonly string[] {
  const { dealHash, role, counterparty, status, since, turn, position, token } = view;
  const price = priceOf(view);
  const until = turn?.until ?? null;
  return [
    dealHash.slice(0, SHORT),
    role,
    `agent ${counterparty}`,
    price === null ? "?" : money(price, token),
    status,
    iso(since),
    turn === null ? outcome(view) : `${turn.who === role ? "you" : turn.who}: ${turn.does}`,
    until === null || position === null ? "-" : `${iso(until)} (${span(until - position.now)})`,
  ];
}

function outcome({ found, status }: DealView): string {
  return found?.payout?.outcome ?? (status === "Defaulted" ? `agent ${found?.defaulted} defaulted` : "-");
}

function priceOf({ deal, found }: DealView) {
  return deal?.price ?? found?.price ?? null;
}

function rowJson(view: DealView) {
  const { dealHash, role, counterparty, status, since, turn, token, acts, found } = view;
  const { symbol, decimals } = token;
  return {
    ...{ deal: dealHash, role, counterparty, price: priceOf(view), status, since },
    ...{ token: { address: token.token, symbol, decimals }, turn, acts, payout: found?.payout ?? null },
  };
}
