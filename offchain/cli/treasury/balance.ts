import { type Address, ZERO_ADDRESS } from "../../kernel/ids.ts";
import { readAgentConfig } from "../../node/agent-config.ts";
import { type Desk, openDesk, speakersOf } from "../../node/desk/desk.ts";
import { tokensOf } from "../../node/desk/tokens-of.ts";
import { EXIT } from "../command.ts";
import { iso, money, table } from "../deal/words.ts";
import { jsonOf } from "../json-of.ts";
import { print } from "../screen.ts";

/** Tells what an agent has, in one token or in all that its configuration names. */
export async function showBalances(file: string, token: Address | null, isJson: boolean): Promise<number> {
  const desk = await openDesk(await readAgentConfig(file));
  const { agent } = desk.config;
  const { owner, wallet } = await speakersOf(desk, agent);
  const tokens = token === null ? [...tokensOf(desk.config), ZERO_ADDRESS] : [token];
  const rows = await Promise.all([...new Set(tokens)].map((one) => rowOf(desk, one, wallet)));
  if (isJson) {
    print(jsonOf({ agent, owner, wallet, balances: rows }));
    return EXIT.ok;
  }
  print(`agent ${agent}, owner ${owner}, wallet ${wallet}`);
  const cells = rows.map(({ facts, free, bonded, leaving, leavesAt, inWallet }) => [
    facts.token,
    money(free, facts),
    money(bonded, facts),
    leaving === 0n ? "-" : `${money(leaving, facts)}, after ${iso(leavesAt)}`,
    money(inWallet, facts),
  ]);
  for (const line of table(["token", "free", "at stake", "leaving", "in the wallet itself"], cells)) print(line);
  const [locked] = rows.filter(({ lockedUntil, now }) => now <= lockedUntil);
  if (locked !== undefined) print(`locked until ${iso(locked.lockedUntil)}: nothing is withdrawn, staked or committed`);
  return EXIT.ok;
}

async function rowOf({ tokens, holdings, config }: Desk, token: Address, wallet: Address) {
  const [facts, holding, inWallet] = await Promise.all([
    tokens.facts(token),
    holdings.of(config.agent, token),
    tokens.balance(token, wallet),
  ]);
  return { facts, ...holding, inWallet };
}
