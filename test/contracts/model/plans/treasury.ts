// Steps that move money in and out, at random.
import { AGENTS, purse as elsewhere, stranger, UNREGISTERED } from "../chain.ts";
import { deposit, donate, look, release, stake, unstake, withdraw } from "../ledger.ts";
import type { Plan } from "../plan.ts";
import { find } from "../registry.ts";
import type { Run } from "../run.ts";
import { MOST, NATIVE, NOBODY, refuse } from "../state.ts";
import type { Tape } from "../tape.ts";
import { call } from "./call.ts";

/** An operation that is always refused. */
export const NATIVE_DONATION = "donate native coin";

const AMOUNTS = [1n, 0n, 40n, 250n, 1_000n];

/** Mostly the agent's owner, sometimes its wallet or anybody. */
export function mostlyOwner(run: Run, tape: Tape, agent: bigint): string {
  const found = find(run.state, agent);
  const owner = found?.owner ?? stranger.address;
  return tape.chance(10)
    ? tape.pick([stranger.address, found?.wallet || stranger.address].filter((a) => a !== NOBODY))
    : owner;
}

export function planDeposit(run: Run, tape: Tape): Plan {
  const { tokens } = run.chain;
  run.at(tape);
  const agent = tape.chance(3) ? UNREGISTERED : tape.pick(AGENTS);
  const token = tape.chance(3) ? stranger.address : tape.pick(tokens);
  const amount = token !== NATIVE && tape.chance(3) ? MOST + 1n : tape.pick(AMOUNTS);
  const toStake = tape.chance(40);
  const isNative = token === NATIVE;
  return call(run, {
    name: "deposit",
    from: stranger.address,
    method: isNative ? "depositNative" : "deposit",
    args: isNative ? [agent, toStake] : [agent, token, amount, toStake],
    value: isNative ? amount : 0n,
    model: (draft) => deposit(draft, { agent, token, amount, toStake }),
  });
}

/** Brings what a side of a deal lacks. */
export function planTopUp(run: Run, tape: Tape, agent: bigint, token: string, needed: bigint): Plan {
  run.at(tape);
  const lacking = needed - look(run.state, agent, token).free;
  const amount = lacking > 0n ? lacking + lacking / 50n + 1n : 1n;
  const isNative = token === NATIVE;
  return call(run, {
    name: "deposit",
    from: stranger.address,
    method: isNative ? "depositNative" : "deposit",
    args: isNative ? [agent, false] : [agent, token, amount, false],
    value: isNative ? amount : 0n,
    model: (draft) => deposit(draft, { agent, token, amount, toStake: false }),
  });
}

export function planWithdraw(run: Run, tape: Tape): Plan {
  const agent = tape.pick(AGENTS);
  const token = tape.pick(run.chain.tokens);
  run.at(tape, "before", find(run.state, agent)?.lockedUntil);
  const to = tape.chance(6) ? tape.pick([NOBODY, run.chain.address.settlement]) : elsewhere.address;
  const { free } = look(run.state, agent, token);
  const amount = tape.pick([1n, 0n, free / 3n, free, free + 1n]);
  const from = mostlyOwner(run, tape, agent);
  return call(run, {
    name: "withdraw",
    from,
    method: "withdraw",
    args: [agent, token, to, amount],
    model: (draft) => withdraw(draft, from, { agent, token, to, amount }),
  });
}

export function planStake(run: Run, tape: Tape): Plan {
  run.at(tape);
  const agent = tape.pick(AGENTS);
  const token = tape.pick(run.chain.tokens);
  const { free } = look(run.state, agent, token);
  const amount = tape.pick([20n, 0n, free / 5n, free + 1n]);
  const from = mostlyOwner(run, tape, agent);
  const args = [agent, token, amount] as const;
  return call(run, { name: "stake", from, method: "stake", args, model: (draft) => stake(draft, from, ...args) });
}

export function planUnstake(run: Run, tape: Tape): Plan {
  run.at(tape);
  const agent = tape.pick(AGENTS);
  const token = tape.pick(run.chain.tokens);
  const { bonded } = look(run.state, agent, token);
  const amount = tape.pick([bonded, bonded / 2n, 0n, bonded + 1n]);
  const from = mostlyOwner(run, tape, agent);
  const args = [agent, token, amount] as const;
  return call(run, { name: "unstake", from, method: "unstake", args, model: (draft) => unstake(draft, from, ...args) });
}

/** An account of which stake is leaving, if there is any. */
function someLeaving(run: Run, tape: Tape): [bigint, string] {
  const leaving = [...run.state.accounts].filter(([, own]) => own.leaving !== 0n).map(([key]) => key);
  const isAny = leaving.length === 0 || tape.chance(10);
  const [agent = "1", token = NATIVE] = (isAny ? `1 ${NATIVE}` : tape.pick(leaving)).split(" ");
  return [BigInt(agent), token];
}

export function planRelease(run: Run, tape: Tape): Plan {
  const [agent, token] = someLeaving(run, tape);
  run.at(tape, "after", look(run.state, agent, token).leavesAt);
  const from = mostlyOwner(run, tape, agent);
  return call(run, {
    name: "release",
    from,
    method: "release",
    args: [agent, token],
    model: (draft) => release(draft, from, agent, token),
  });
}

/** Money that comes without an agent whose it would be. */
export function planDonate(run: Run, tape: Tape): Plan {
  run.at(tape);
  const { address } = run.chain;
  const target = tape.pick(["plain", "fee", "moody", "settlement"] as const);
  const amount = tape.pick(AMOUNTS);
  if (target === "settlement") {
    return {
      name: NATIVE_DONATION,
      from: stranger.address,
      to: address.settlement,
      data: "0x",
      value: amount,
      model: () => refuse("CoinWithoutAgent", stranger.address, amount),
    };
  }
  return call(run, {
    name: "donate",
    from: stranger.address,
    target,
    method: "transfer",
    args: [address.settlement, amount],
    model: (draft) => donate(draft, address[target], amount),
  });
}

/** The moody token breaks or works again. */
export function planBreak(run: Run, tape: Tape): Plan {
  run.at(tape);
  const { moody } = run.chain.address;
  const broken = !run.state.tokens.get(moody)?.broken;
  return planBroken(run, broken);
}

export function planBroken(run: Run, broken: boolean): Plan {
  const { moody } = run.chain.address;
  return call(run, {
    name: "break a token",
    from: stranger.address,
    target: "moody",
    method: "setBroken",
    args: [broken],
    model: (draft) => {
      const token = draft.tokens.get(moody);
      if (token) token.broken = broken;
    },
  });
}

/** The callback token is told what to do in the middle of a transfer: nothing, a deposit, or a release. */
export function planCallback(run: Run, tape: Tape): Plan {
  run.at(tape);
  const { address, settlement } = run.chain;
  const [agent, token] = someLeaving(run, tape);
  const { calls, to, data } = tape.pick([
    { calls: undefined, to: NOBODY, data: "0x" },
    {
      calls: { kind: "release", by: address.callback, agent, token } as const,
      to: address.settlement,
      data: settlement.interface.encodeFunctionData("release", [agent, token]),
    },
    {
      calls: { kind: "deposit" } as const,
      to: address.settlement,
      data: settlement.interface.encodeFunctionData("deposit", [agent, address.plain, 1n, false]),
    },
  ]);
  return call(run, {
    name: "set a callback",
    from: stranger.address,
    target: "callback",
    method: "setCall",
    args: [to, data],
    model: (draft) => {
      const found = draft.tokens.get(address.callback);
      if (!found) return;
      if (calls) found.calls = calls;
      else delete found.calls;
    },
  });
}
