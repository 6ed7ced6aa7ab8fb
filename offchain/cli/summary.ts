import { type Amount, formatAmount } from "../kernel/money.ts";
import { bad, bold, faint, good, print } from "./screen.ts";
import type { Account } from "./stories/account.ts";
import { DECIMALS, type Scene, TOKEN } from "./stories/scene.ts";

const WIDTH = 22;

/** Prints what a person wants to know of a deal that has ended. */
export function printAccount(scene: Scene, account: Account, paceMs: number): void {
  const { buyer, seller } = scene.limits;
  const { balances, gas } = account;
  print();
  const { buyerBond, sellerBond } = scene.proposal.deal;
  line("price", bold(money(account.price)));
  line("bonds", `${money(buyerBond)} by the buyer, ${money(sellerBond)} by the seller`);
  line(
    "buyer would have paid",
    `${money(buyer.limit)} at most ${faint(`(${money(buyer.limit - account.price)} saved)`)}`,
  );
  line(
    "seller would have sold",
    `${money(seller.limit)} at least ${faint(`(${money(account.price - seller.limit)} gained)`)}`,
  );
  line("rounds", `${account.rounds} of ${scene.proposal.protocol.rounds}`);
  const slowed =
    paceMs === 0 ? "" : faint(` (slowed to ${paceMs} ms an answer, for you to see; --pace 0 is full speed)`);
  line("negotiation", `${account.negotiationMs.toFixed(1)} ms, ${account.signatures} signed envelopes${slowed}`);
  line("deal", account.dealHash);
  line("transcript", account.transcript);
  print();
  const steps = Object.entries(gas).filter(([, used]) => used > 0);
  line("gas", steps.map(([step, used]) => `${step} ${used.toLocaleString("en-US")}`).join(faint(" · ")));
  for (const side of ["buyer", "seller"] as const) {
    const [before, after] = [balances.before[side], balances.after[side]];
    line(`${side}'s treasury`, `${money(before)} → ${money(after)} ${faint(`(${signed(after - before)})`)}`);
  }
  print();
  line("processes", account.processes.join(" and "));
  line("signatures", good(`all ${account.signatures} verified again, certificates too`));
  for (const check of account.checks) line("", check.held ? good(`✓ ${check.what}`) : bad(`✗ ${check.what}`));
  print();
  print(account.verified ? good("Everything held.") : bad("Something did not hold."));
}

function line(name: string, value: string): void {
  print(`  ${name.padEnd(WIDTH)} ${value}`);
}

function money(amount: Amount): string {
  return `${formatAmount(amount, DECIMALS)} ${TOKEN}`;
}

function signed(amount: Amount): string {
  return `${amount > 0n ? "+" : ""}${formatAmount(amount, DECIMALS)}`;
}
