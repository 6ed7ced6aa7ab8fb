import { Litigant } from "../../../offchain/adapters/chain/litigant.ts";
import { messageOf } from "../../../offchain/kernel/errors.ts";
import type { Scenario } from "./scenario.ts";
import type { Balances, Settled, Stage } from "./stage.ts";

/** What a scenario came to. */
export interface Result {
  readonly scenario: string;
  readonly chain: string;
  readonly outcome: string;
  readonly before: Balances;
  readonly after: Balances;
  readonly gas: bigint;
  readonly seconds: number;
  /** What is not as it should be; null where everything is. */
  readonly wrong: string | null;
}

/** Plays a scenario with a buyer and a seller of its own. */
export async function play(scenario: Scenario, prepared: Stage, chain: string): Promise<Result> {
  const stage = await prepared.recast(scenario.casting);
  const before = await stage.balances();
  const begin = performance.now();
  try {
    const { outcomes, expected } = await scenario.play(stage);
    const after = await stage.balances();
    const wrong = fault(outcomes, before, after, expected) ?? (await insolvency(stage));
    const seconds = Math.round(performance.now() - begin) / 1000;
    return {
      ...{ scenario: scenario.name, chain, outcome: told(outcomes[0]), before, after },
      gas: stage.gas,
      seconds,
      wrong,
    };
  } catch (thrown) {
    const seconds = Math.round(performance.now() - begin) / 1000;
    const common = { scenario: scenario.name, chain, outcome: "broken off", before, after: await stage.balances() };
    return { ...common, gas: stage.gas, seconds, wrong: messageOf(thrown) };
  } finally {
    stage.stop();
  }
}

function fault(
  [bought, sold]: readonly Settled[],
  before: Balances,
  after: Balances,
  expected: Balances,
): string | null {
  if (bought === undefined || sold === undefined || told(bought) !== told(sold)) {
    return `the buyer says ${told(bought)}, the seller ${told(sold)}`;
  }
  for (const side of ["buyer", "seller"] as const) {
    const moved = after[side] - before[side];
    if (moved !== expected[side]) return `the ${side} gained ${moved}, not ${expected[side]}`;
  }
  return null;
}

async function insolvency(stage: Stage): Promise<string | null> {
  const { deployment, token } = stage.rehearsal;
  const { held, owed } = await new Litigant(stage.rpc, stage.sender(stage.seller), deployment).solvency(token);
  return held === owed ? null : `the treasury holds ${held} and owes ${owed}`;
}

function told(outcome: Settled | undefined): string {
  if (outcome === undefined || outcome === "died") return "nothing";
  return outcome.kind === "forfeited" ? `forfeited by ${outcome.by}` : `${outcome.kind} (${outcome.how})`;
}

/** For people. */
export function table(results: readonly Result[]): string {
  const sides = ({ buyer, seller }: Balances) => `${buyer} / ${seller}`;
  const rows = results.map((one) => [
    ...[one.chain, one.scenario, one.wrong === null ? one.outcome : `WRONG: ${one.wrong}`],
    ...[sides(one.before), sides(one.after), one.gas.toLocaleString("en"), `${one.seconds.toFixed(2)} s`],
  ]);
  const all = [["chain", "scenario", "outcome", "buyer / seller before", "after", "gas", "time"], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
