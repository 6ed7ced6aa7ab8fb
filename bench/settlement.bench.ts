/**
 * How fast deals settle: both sides' settlements, as agents run them, from agreement to payout on a chain in another process, beside
 * what that chain makes of the same transactions where they are signed before; and what a deal costs in gas.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Figure } from "../scripts/lib/figures.ts";
import { CHAINS, type ChainName } from "./settlement/chains.ts";
import { measureGas, measureReceipts, measureSpeed, type Speed } from "./settlement/measures.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    results: { type: "boolean", default: false },
    chain: { type: "string" },
    deals: { type: "string", default: "200" },
    "at-once": { type: "string", default: "32" },
    blocks: { type: "string", default: "3" },
  },
});

const names = (Object.keys(CHAINS) as ChainName[]).filter(
  (name) => values.chain === undefined || values.chain === name,
);

const speeds: Partial<Record<ChainName, Speed>> = {};
// Beside the tree, since a temporary folder may be in memory, where syncing to disk costs nothing.
const folder = mkdtempSync(fileURLToPath(new URL("../.bench-", import.meta.url)));
try {
  const size = { deals: Number(values.deals), atOnce: Number(values["at-once"]), blocks: Number(values.blocks) };
  for (const name of names) speeds[name] = await measureSpeed(name, { folder, ...size });
  const gasPerDeal = await measureGas(folder, [1, 10, 50]);
  const gasPerReceipt = await measureReceipts([1, 100, 10_000]);
  if (values.results) process.stdout.write(JSON.stringify(figures(speeds, gasPerDeal, gasPerReceipt)));
  else if (values.json) process.stdout.write(`${JSON.stringify({ ...speeds, gasPerDeal, gasPerReceipt })}\n`);
  else {
    console.table(speeds);
    console.log("gas of a deal's whole life, by how many are committed together", gasPerDeal);
    console.log("gas for each receipt, by how many are signed before the newest is claimed", gasPerReceipt);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);

function figures(
  measured: typeof speeds,
  gasPerDeal: Readonly<Record<string, number>>,
  gasPerReceipt: Readonly<Record<string, number>>,
): Figure[] {
  const command = "npm run -s parley -- bench settlement";
  const row = (figure: string, value: number, unit: string, goal = ""): Figure => {
    return { figure, value, unit, goal, peer: "", command };
  };
  const perChain = Object.entries(measured).flatMap(([name, speed]) => [
    row(`deals settled, ${name}`, speed.dealsPerSecond, "deals/s"),
    row(`the chain alone, the same transactions signed before, ${name}`, speed.chainDealsPerSecond, "deals/s"),
    row(`deals settled / the chain alone, ${name}`, speed.ratioToChain, "", ">= 0.7"),
    row(`deals settled, commitments together, ${name}`, speed.batchedDealsPerSecond, "deals/s"),
    row(`deals settled, commitments together / the chain alone, ${name}`, speed.batchedRatioToChain, "", ">= 0.7"),
    row(`from agreement to committed among ${values["at-once"]} at once, p50, ${name}`, speed.committedP50Ms, "ms"),
    row(`from agreement to committed among ${values["at-once"]} at once, p99, ${name}`, speed.committedP99Ms, "ms"),
    row(`from agreement to committed alone, p50, ${name}`, speed.aloneP50Ms, "ms"),
    row(`from agreement to committed alone, p99, ${name}`, speed.aloneP99Ms, "ms"),
  ]);
  return [
    ...perChain,
    ...Object.entries(gasPerDeal).map(([size, gas]) =>
      row(`a deal's whole life, committed ${size} at once`, gas, "gas"),
    ),
    ...Object.entries(gasPerReceipt).map(([count, gas]) => row(`one of ${count} receipts, claimed once`, gas, "gas")),
  ];
}
