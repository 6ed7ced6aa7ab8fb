// Steps at the registry that change who may do what.
import type { Wallet } from "ethers";
import { walletTypes } from "../../typedData.ts";
import { AGENTS, keyOf, owners, stranger, wallets } from "../chain.ts";
import type { Plan } from "../plan.ts";
import { find, lock, revokeKeys, setWallet, transfer } from "../registry.ts";
import type { Run } from "../run.ts";
import { NOBODY } from "../state.ts";
import type { Tape } from "../tape.ts";
import { DAY, LOCK_AHEAD } from "../time.ts";
import { call } from "./call.ts";
import { mostlyOwner } from "./treasury.ts";

export function planLock(run: Run, tape: Tape): Plan {
  const now = run.at(tape);
  const agent = tape.pick(AGENTS);
  const until = now + tape.pick([600n, 60n, DAY, LOCK_AHEAD, LOCK_AHEAD + 1n, 0n]);
  const from = mostlyOwner(run, tape, agent);
  const args = [agent, until] as const;
  return call(run, {
    name: "lock",
    from,
    target: "registry",
    method: "lock",
    args,
    model: (draft) => lock(draft, from, ...args),
  });
}

export function planTransfer(run: Run, tape: Tape): Plan {
  run.at(tape);
  const agent = tape.pick(AGENTS);
  const owner = find(run.state, agent)?.owner ?? NOBODY;
  const from = mostlyOwner(run, tape, agent);
  const to = tape.pick(owners).address;
  return call(run, {
    name: "transfer",
    from,
    target: "registry",
    method: "transferFrom",
    args: [owner, to, agent],
    model: (draft) => transfer(draft, from, agent, to),
  });
}

export function planRevoke(run: Run, tape: Tape): Plan {
  run.at(tape);
  const agent = tape.pick(AGENTS);
  const found = find(run.state, agent);
  const speakers = [found?.wallet, found?.owner].filter((address) => address !== undefined && address !== NOBODY);
  const from = tape.chance(8) ? stranger.address : (tape.pick(speakers) ?? stranger.address);
  return revoke(run, agent, from);
}

/** By the owner, once an agreement that obliges it is about. */
export function planRevokeOf(run: Run, agent: bigint): Plan {
  return revoke(run, agent, find(run.state, agent)?.owner ?? stranger.address);
}

function revoke(run: Run, agent: bigint, from: string): Plan {
  const model = (draft: Run["state"]) => revokeKeys(draft, from, agent);
  return call(run, { name: "revokeKeys", from, target: "registry", method: "revokeKeys", args: [agent], model });
}

/** Mostly of an agent that has lost its wallet. */
export async function planWallet(run: Run, tape: Tape): Promise<Plan> {
  const now = run.at(tape);
  const without = AGENTS.filter((agent) => find(run.state, agent)?.wallet === NOBODY);
  const agent = tape.pick(without.length === 0 ? AGENTS : without);
  const wallet: Wallet = tape.pick(wallets);
  const owner = find(run.state, agent)?.owner ?? NOBODY;
  const from = mostlyOwner(run, tape, agent);
  const deadline = now + 60n;
  const message = { agentId: agent, newWallet: wallet.address, owner, deadline };
  const signature = await keyOf(wallet.address).signTypedData(run.chain.registryDomain, walletTypes, message);
  return call(run, {
    name: "setAgentWallet",
    from,
    target: "registry",
    method: "setAgentWallet",
    args: [agent, wallet.address, deadline, signature],
    model: (draft) => setWallet(draft, from, agent, wallet.address),
  });
}
