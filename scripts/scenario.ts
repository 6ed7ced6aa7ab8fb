/** See HELP. */

import { startEmbeddedChain } from "../offchain/node/embedded-chain.ts";
import { startAnvil } from "../test/e2e/anvil.ts";
import { runCommand, UsageError } from "./lib/command.ts";
import { SCENARIOS } from "./lib/scenario/cases/all.ts";
import { play, type Result, table } from "./lib/scenario/play.ts";
import type { Scenario } from "./lib/scenario/scenario.ts";
import { Stage } from "./lib/scenario/stage.ts";

const CHAINS = { embedded: startEmbeddedChain, anvil: startAnvilChain } as const;

const HELP = `
Plays how deals end, each from agreement to payout on a real chain: the contracts, the senders and both sides' settlements
are those that agents run. Prints what each side had before and after, the gas, and the time; fails where a balance is not
what it should be, or where what the treasury holds is not what it owes.

    npm run scenario -- all | NAME... [--chain embedded|anvil|both] [--json]

${SCENARIOS.map(({ name, says }) => `    ${name.padEnd(20)}${says}`).join("\n")}
`;

await runCommand(
  HELP,
  { chain: { type: "string", default: "both" }, json: { type: "boolean", default: false } },
  async ({ chain, json }, names) => {
    const chosen = choose(names);
    const results: Result[] = [];
    for (const name of chain === "both" ? (["embedded", "anvil"] as const) : [toChain(chain)]) {
      const node = await CHAINS[name]();
      try {
        const stage = await Stage.prepare(node.url);
        for (const scenario of chosen) {
          const result = await play(scenario, stage, name);
          results.push(result);
          if (!json) process.stderr.write(`${name} ${scenario.name}: ${result.wrong ?? result.outcome}\n`);
        }
      } finally {
        await node.close();
      }
    }
    console.log(
      json
        ? JSON.stringify(results, (_, value) => (typeof value === "bigint" ? value.toString() : value))
        : table(results),
    );
    if (results.some(({ wrong }) => wrong !== null)) process.exitCode = 1;
  },
);

async function startAnvilChain() {
  const { url, stop } = await startAnvil();
  return { url, close: stop };
}

function toChain(name: string): keyof typeof CHAINS {
  if (name === "embedded" || name === "anvil") return name;
  throw new UsageError(`--chain: '${name}' is neither embedded nor anvil nor both`);
}

function choose(names: readonly string[]): readonly Scenario[] {
  if (names.length === 0 || names.includes("all")) return SCENARIOS;
  return names.map((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name);
    if (found === undefined)
      throw new UsageError(`there is no scenario '${name}'; there are ${SCENARIOS.map((one) => one.name).join(", ")}`);
    return found;
  });
}
