/** See HELP. */
import { runCommand } from "./lib/command.ts";
import { type Gas, gasChanges, measureGas, readSnapshot, SNAPSHOT, writeSnapshot } from "./lib/gas.ts";
import { YARDSTICKS } from "./lib/gas-goals.ts";

const HELP = `
Measures the gas of each operation and shows it beside the goals and what peers' cost:

    npm run gas [-- --update] [--json]

    --update  take the figures as the new ${SNAPSHOT}
    --json    the figures as one JSON object on stdout, by operation

What is measured stands in test/contracts/gas/scenarios.ts, peers and goals in scripts/lib/gas-goals.ts.
Ends with code 1 if a goal is missed.
`;

/** The figures and what can be counted together from them. */
function withSums(gas: Gas): Gas {
  const sum = (...names: readonly string[]) => names.reduce((total, name) => total + (gas[name] ?? Number.NaN), 0);
  return { ...gas, happyPath: sum("commit", "accept"), disputeReferred: sum("dispute", "answer", "refer") };
}

function missed(gas: Gas): string[] {
  return Object.entries(gas).flatMap(([name, figure]) => {
    const goal = YARDSTICKS[name]?.goal;
    return goal !== undefined && figure > goal ? [`${name}: ${figure} gas, ${figure - goal} over the goal`] : [];
  });
}

function show(gas: Gas): void {
  const names = [...new Set([...Object.keys(gas), ...Object.keys(YARDSTICKS)])];
  const number = (figure: number | undefined) => (figure?.toLocaleString("en") ?? "-").padStart(9);
  console.log(`${"operation".padEnd(14)} ${"gas".padStart(9)} ${"goal".padStart(9)}  peers`);
  for (const name of names) {
    const { goal, peers = [] } = YARDSTICKS[name] ?? {};
    const [first, ...others] = peers.map((peer) => `${number(peer.gas)} ${peer.what} (${peer.source})`);
    console.log(`${name.padEnd(14)} ${number(gas[name])} ${number(goal)} ${first ?? ""}`.trimEnd());
    for (const other of others) console.log(`${" ".repeat(35)}${other}`);
  }
}

await runCommand(
  HELP,
  { update: { type: "boolean", default: false }, json: { type: "boolean", default: false } },
  ({ update, json }) => {
    const gas = measureGas();
    const changes = gasChanges(readSnapshot(), gas);
    const sums = withSums(gas);
    if (json) console.log(JSON.stringify(sums));
    else show(sums);
    if (update) writeSnapshot(gas);
    if (changes.length > 0) {
      console.error(`\n${update ? "renewed" : "differs from"} ${SNAPSHOT}:\n${changes.join("\n")}`);
    }
    const over = missed(sums);
    if (over.length > 0) console.error(`\nmissed goals:\n${over.join("\n")}`);
    if (over.length > 0) process.exitCode = 1;
  },
);
