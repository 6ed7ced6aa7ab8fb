/** Measuring gas, for `npm run gas` and for the test that holds the snapshot against it. */
import { spawnSync } from "node:child_process";
import { readIfThere, writeWhole } from "../bootstrap/files.mjs";

const PROGRAM = "test/contracts/gas/measure.ts";
export const SNAPSHOT = "test/contracts/gas.json";

/** Gas by operation. */
export type Gas = Readonly<Record<string, number>>;

/** Runs all scenarios on a chain of their own. The contracts have to be compiled. */
export function measureGas(): Gas {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", PROGRAM], {
    encoding: "utf8",
    env: { ...process.env, HARDHAT_DISABLE_TELEMETRY: "true" },
  });
  if (status !== 0) throw new Error(`${PROGRAM} failed with code ${status}:\n${stderr}`);
  const figures: Gas = JSON.parse(stdout);
  return figures;
}

export function readSnapshot(): Gas {
  return JSON.parse(readIfThere(SNAPSHOT) ?? "{}");
}

export function writeSnapshot(gas: Gas): void {
  writeWhole(SNAPSHOT, `${JSON.stringify(gas, null, 2)}\n`);
}

/** What differs, a line for each operation. */
export function gasChanges(before: Gas, now: Gas): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names.flatMap((name) => {
    const [old, fresh] = [before[name], now[name]];
    if (old === fresh) return [];
    if (old === undefined) return [`${name}: ${fresh} gas, new`];
    if (fresh === undefined) return [`${name}: no longer measured (was ${old} gas)`];
    const change = fresh - old;
    const share = ((100 * change) / old).toFixed(2);
    return [`${name}: ${old} -> ${fresh} gas (${change > 0 ? "+" : ""}${change}, ${share}%)`];
  });
}
