import { connectRpc } from "../../adapters/chain/rpc.ts";
import { type TokenFacts, Tokens } from "../../adapters/chain/tokens.ts";
import type { Address } from "../../kernel/ids.ts";
import type { Amount } from "../../kernel/money.ts";
import type { AccountView } from "../../node/desk/accounts.ts";
import { balanceOf, isEnded } from "../../settlement/tab/state.ts";
import { money } from "../deal/words.ts";

/** How the tokens of accounts write their amounts, by what they say on the chain. */
export async function tokenFacts(
  rpc: string | readonly string[],
  tokens: Iterable<Address>,
): Promise<ReadonlyMap<Address, TokenFacts>> {
  const chain = new Tokens(await connectRpc(rpc));
  const distinct = [...new Set(tokens)];
  return new Map(await Promise.all(distinct.map(async (token) => [token, await chain.factsOrUnits(token)] as const)));
}

/** Who owes whom, in words. */
export function balanceInWords({ state }: Pick<AccountView, "state">, token: TokenFacts): string {
  const balance = balanceOf(state);
  if (balance === 0n) return "nothing";
  return balance > 0n ? `we owe ${money(balance, token)}` : `they owe ${money(-balance, token)}`;
}

/** How far an account has come, and who has to do what. */
export function stageInWords({ stage, state }: AccountView): string {
  switch (stage) {
    case "open":
      return "open";
    case "due":
      return "due: it is closed as soon as nothing on it is under way";
    case "closing": {
      const [closer, other] = isEnded(state.ours) ? ["us", state.theirs] : ["them", state.ours];
      return `closed by ${closer}, not by agent ${other.agent} yet`;
    }
    case "unpaid":
      return balanceOf(state) > 0n ? "closed: we have to pay" : `closed: agent ${state.theirs.agent} has to pay`;
    case "over":
      return "over";
    case "halted":
      return `${state.halt?.code}: ${state.halt?.says}`;
  }
}

/** What is left to pay, on whichever side it is. */
export function openOf({ state }: Pick<AccountView, "state">): { readonly weOwe: Amount; readonly theyOwe: Amount } {
  const balance = balanceOf(state);
  return balance > 0n ? { weOwe: balance, theyOwe: 0n } : { weOwe: 0n, theyOwe: -balance };
}
