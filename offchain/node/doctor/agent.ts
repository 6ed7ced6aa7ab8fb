import { type Address, ZERO_ADDRESS } from "../../kernel/ids.ts";
import { formatAmount } from "../../kernel/money.ts";
import type { Desk, Speakers } from "../desk/desk.ts";
import { speakersOf } from "../desk/desk.ts";
import type { KeyStore } from "../keys/key-store.ts";
import { bad, type Finding, type Found, find, look, ok, unknown, warn } from "./finding.ts";

/** Gas of the dearest way that a deal usually takes, commitment to end, some times over. */
const GAS_RESERVE = 3_000_000n;

/** The agent in the registry. */
export function lookAtAgent(desk: Desk): Promise<Found<Speakers>> {
  const { agent } = desk.config;
  return find("agent", async () => {
    const speakers = await speakersOf(desk, agent);
    const { owner, wallet, epoch } = speakers;
    if (wallet === ZERO_ADDRESS) {
      return [bad(`agent ${agent} has no wallet`, "let its owner set one (setAgentWallet)"), speakers];
    }
    return [ok(`agent ${agent} belongs to ${owner}; its wallet is ${wallet}, epoch ${epoch}`), speakers];
  });
}

/** Whether the key file is that of the agent's wallet. */
export function lookAtWallet(desk: Desk, speakers: Speakers | null, account: Address | null): Promise<Finding> {
  return look("wallet", async () => {
    if (speakers === null || account === null) return unknown("not looked at, since agent or key file can't be read");
    const { wallet } = speakers;
    if (account === wallet) return ok("the key file's account is the agent's wallet");
    const code = await desk.rpc.reads.getCode({ address: wallet });
    if (code === undefined || code === "0x") {
      return bad(
        `the key file is for ${account}, and the agent's wallet is ${wallet}`,
        "see whether `agent` is the right number; else name the wallet's key file, or let the owner set this account as its wallet",
      );
    }
    return warn(
      `the wallet ${wallet} is a contract, and the key file is for ${account}`,
      "make sure that the contract takes that account's word (ERC-1271)",
    );
  });
}

/** Session keys end with their epoch. */
export function lookAtSessions(store: KeyStore | null, speakers: Speakers | null, now: number): Promise<Finding> {
  return look("session keys", async () => {
    if (store === null || speakers === null)
      return unknown("not looked at: the key file isn't open, or the agent unknown");
    const keys = await store.load();
    const good = keys.filter(
      ({ certificate: { key }, retired }) => key.epoch === speakers.epoch && key.notAfter > now && !retired,
    );
    if (good.length > 0) return ok(`${good.length} of ${keys.length} count in the present epoch ${speakers.epoch}`);
    if (keys.length === 0) return ok("none yet: the agent makes one when it starts");
    return warn(
      `none of ${keys.length} counts in the present epoch ${speakers.epoch}`,
      "if nobody meant to revoke them, find out who did; the agent makes a new one when it starts",
    );
  });
}

/** Native coin in the account that sends the transactions. */
export function lookAtGas({ rpc }: Desk, account: Address | null): Promise<Finding> {
  return look("gas", async () => {
    if (account === null) return unknown("not looked at, since the key file can't be read");
    const [balance, price] = await Promise.all([rpc.reads.getBalance({ address: account }), rpc.reads.getGasPrice()]);
    const says = `${account} holds ${formatAmount(balance, 18)} native coin`;
    const hint = `send native coin of chain ${rpc.chainId} to ${account}`;
    if (balance === 0n) return bad(`${says}: it can send nothing`, hint);
    return balance < GAS_RESERVE * price ? warn(`${says}, which pays for few transactions now`, hint) : ok(says);
  });
}
