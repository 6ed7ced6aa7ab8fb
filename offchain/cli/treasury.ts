import { messageOf } from "../kernel/errors.ts";
import { type Address, toAddress } from "../kernel/ids.ts";
import { type Amount, parseAmount } from "../kernel/money.ts";
import { readAgentConfig } from "../node/agent-config.ts";
import { openDesk, takeHand } from "../node/desk/desk.ts";
import { parseFlags } from "./args.ts";
import { actionError, type Command, EXIT, usageError } from "./command.ts";
import { confirm } from "./confirm.ts";
import { iso, money } from "./deal/words.ts";
import { jsonOf } from "./json-of.ts";
import { openKeys } from "./open-keys.ts";
import { print } from "./screen.ts";
import { tellTrouble } from "./tell-trouble.ts";
import { ACTIONS, type Order, type TreasuryAction } from "./treasury/actions.ts";
import { showBalances } from "./treasury/balance.ts";

const HELP = `parley treasury: an agent's money on the chain

usage: parley treasury balance --config FILE [--token ADDRESS] [--json]
       parley treasury deposit --config FILE --token ADDRESS --amount AMOUNT [--stake] [--approved] [--yes] [--json]
       parley treasury withdraw --config FILE --token ADDRESS --amount AMOUNT [--to ADDRESS] [--yes] [--json]
       parley treasury stake | unstake --config FILE --token ADDRESS --amount AMOUNT [--yes] [--json]
       parley treasury release --config FILE --token ADDRESS [--yes] [--json]
       parley treasury mandate --config FILE --token ADDRESS --amount AMOUNT [--daily AMOUNT] [--days N] [--yes] [--json]

  balance   what is free, at stake and leaving, in the tokens that the configuration names and in native coin
  deposit   from the key file's own account, for the agent; anybody may. Approves as much as is deposited, no more
  withdraw  free balance to any address, the key file's own if none is named; for the agent's owner
  stake     turns free balance into what the agent's keys can lose by a fault; for the owner
  unstake   asks stake back: it can be released a week later, and be lost until then; for the owner
  release   makes stake that has waited its week free again; for the owner
  mandate   lets the agent's keys commit up to AMOUNT in a deal, and no more than --daily within a day: price and bond of a
            buyer, the bond of a seller. It takes the place of the last one of category 0; for the owner

  --config FILE     the agent's configuration
  --token ADDRESS   the token's contract, or \`native\`
  --amount AMOUNT   in whole tokens, such as 12.5: the token tells its decimals
  --keys FILE       another key file than the configuration's, such as the owner's
  --stake           deposits to the stake, not to the free balance
  --approved        goes by the allowance that Settlement has, and gives none
  --daily AMOUNT    what a mandate lets be committed within a day; as much as in a deal, if not given
  --days N          for how many days a mandate counts, 1 to 3650; 30, if not given
  --yes             don't ask at the terminal
  --json            one JSON object; amounts are in the smallest unit

It works while the agent runs. Everything is looked at before anything is sent. Exits with 0 if it is done, 1 if it was
refused (InsufficientBalance, InsufficientAllowance, NotOwner, AgentLocked, ...), 2 for wrong usage, 69 where the chain
can't be reached, 78 where the configuration or the keys can't be used.

example: parley treasury deposit --config seller.json --token 0x9fe4…a6e0 --amount 250 --stake
`;

const FLAGS = {
  config: { type: "string" },
  token: { type: "string" },
  amount: { type: "string" },
  to: { type: "string" },
  keys: { type: "string" },
  daily: { type: "string" },
  days: { type: "string" },
  stake: { type: "boolean", default: false },
  approved: { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
} as const;

/** A mandate that nobody will live to see end was mistyped. */
const MOST_DAYS = 3_650;

type Flags = ReturnType<typeof readFlags>;

export const treasuryCommand: Command = {
  help: HELP,
  async run([name, ...args]) {
    const action = name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (name === undefined || (!action && name !== "balance")) {
      throw actionError(name, ["balance", ...Object.keys(ACTIONS)], "treasury");
    }
    const flags = readFlags(args);
    if (flags.config === undefined) throw usageError("--config FILE is missing", "treasury");
    refuseStray(name, flags);
    if (!action)
      return await showBalances(flags.config, flags.token === undefined ? null : readToken(flags.token), flags.json);
    return await change(name, action, flags, flags.config);
  },
};

function readFlags(args: readonly string[]) {
  return parseFlags("treasury", args, FLAGS);
}

/** What would have no effect was meant for something else. */
function refuseStray(name: string, { stake, approved, to, daily, days, amount }: Flags): void {
  const stray = [
    name !== "deposit" && stake && "--stake",
    name !== "deposit" && approved && "--approved",
    name !== "withdraw" && to !== undefined && "--to",
    name !== "mandate" && daily !== undefined && "--daily",
    name !== "mandate" && days !== undefined && "--days",
    ACTIONS[name]?.takesAmount !== true && amount !== undefined && "--amount",
  ].find((flag) => flag !== false);
  if (stray !== undefined) throw usageError(`${name} takes no ${stray}`, "treasury");
}

async function change(name: string, action: TreasuryAction, flags: Flags, file: string): Promise<number> {
  if (flags.token === undefined) throw usageError("--token ADDRESS is missing", "treasury");
  const token = readToken(flags.token);
  const to = flags.to === undefined ? null : readAddress("to", flags.to);
  const days = readDays(flags.days);
  const desk = await openDesk(await readAgentConfig(file));
  const { agent } = desk.config;
  const facts = await desk.tokens.facts(token);
  const amount = action.takesAmount ? readAmount("amount", flags.amount, facts.decimals) : 0n;
  const daily = flags.daily === undefined ? amount : readAmount("daily", flags.daily, facts.decimals);
  const hand = takeHand(desk, await openKeys(flags.keys ?? desk.config.keys), tellTrouble());
  const order: Order = {
    ...{ desk, hand, token, amount, to: to ?? hand.address, toStake: flags.stake, approved: flags.approved },
    ...{ daily, days },
    say: (one) => money(one, facts),
  };
  const before = await desk.holdings.of(agent, token);
  await action.check(order, before);
  await confirm(
    [
      `${name} for agent ${agent}`,
      `token       ${token}`,
      `from        ${hand.address}`,
      `effect      ${action.effect(order, before)}`,
    ],
    flags.yes,
  );
  const { transaction, block, gasUsed } = await action.send(order, before);
  const { free, bonded, leaving, leavesAt } = await desk.holdings.of(agent, token);
  if (flags.json) {
    print(jsonOf({ done: name, agent, token, amount, transaction, block, gasUsed, free, bonded, leaving, leavesAt }));
    return EXIT.ok;
  }
  print(`done: ${name}; transaction ${transaction} in block ${block}, ${gasUsed} gas`);
  print(`agent ${agent} has ${money(free, facts)} free, ${money(bonded, facts)} at stake`);
  if (leaving > 0n) print(`${money(leaving, facts)} are leaving: parley treasury release after ${iso(leavesAt)}`);
  return EXIT.ok;
}

function readToken(text: string): Address {
  return text === "native" ? `0x${"00".repeat(20)}` : readAddress("token", text);
}

function readAddress(flag: string, text: string): Address {
  try {
    return toAddress(text);
  } catch (thrown) {
    throw usageError(`--${flag}: ${messageOf(thrown)}`, "treasury");
  }
}

function readAmount(flag: string, text: string | undefined, decimals: number): Amount {
  if (text === undefined) throw usageError(`--${flag} AMOUNT is missing`, "treasury");
  try {
    const amount = parseAmount(text, decimals);
    if (amount > 0n) return amount;
  } catch (thrown) {
    throw usageError(`--${flag}: ${messageOf(thrown)}`, "treasury");
  }
  throw usageError(`--${flag} is nothing`, "treasury");
}

function readDays(text = "30"): number {
  const days = Number(text);
  if (/^[0-9]{1,4}$/.test(text) && days >= 1 && days <= MOST_DAYS) return days;
  throw usageError(`--days takes a whole number from 1 to ${MOST_DAYS}, not '${text}'`, "treasury");
}
