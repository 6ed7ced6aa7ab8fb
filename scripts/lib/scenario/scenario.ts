import type { Task } from "../../../offchain/settlement/saga/tasks.ts";
import type { Balances, Casting, Settled, Stage } from "./stage.ts";

/** A deal from agreement to payout, with everybody played by real parts. */
export interface Scenario {
  readonly name: string;
  /** What happens in it, as one line. */
  readonly says: string;
  readonly casting?: Casting;
  play(stage: Stage): Promise<Played>;
}

export interface Played {
  /** As the buyer and the seller know it. */
  readonly outcomes: readonly [buyer: Settled, seller: Settled];
  /** What each side should have gained, free and at stake together. */
  readonly expected: Balances;
}

/** Resolves once one of the tasks has been done. */
export function reached(tasks: readonly Task[], ...any: readonly Task[]): Promise<void> {
  return until(async () => any.some((task) => tasks.includes(task)));
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 10));
}
