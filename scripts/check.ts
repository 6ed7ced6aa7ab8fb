/**
 * Runs all checks, two at a time, and prints a table; of a check that fails, its whole output.
 *
 *     node scripts/bootstrap.mjs scripts/check.ts [--json] [name...]
 *
 * Each is also a script of its own: `npm run check:<name>`.
 */
import { spawn } from "node:child_process";

interface Result {
  readonly name: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly output: string;
}

/** Longest first, so that two lanes end together. */
const CHECKS: Readonly<Record<string, readonly string[]>> = {
  solidity: ["scripts/checks/solidity.ts"],
  warnings: ["scripts/checks/warnings.ts"],
  types: ["scripts/checks/types.ts"],
  unused: ["scripts/checks/unused.ts"],
  api: ["scripts/checks/public-api.ts"],
  lint: ["scripts/checks/lint.ts"],
  licences: ["scripts/checks/licences.ts"],
  abis: ["scripts/generate-abis.ts", "--check"],
  size: ["scripts/checks/size.ts"],
  lock: ["scripts/checks/lock.ts"],
};

const AT_ONCE = 2;

async function runCheck(name: string, args: readonly string[]): Promise<Result> {
  const start = performance.now();
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise((resolve) => child.once("error", resolve).once("close", resolve));
  return { name, ok: code === 0, seconds: (performance.now() - start) / 1000, output };
}

async function runAll(names: readonly string[], done: (result: Result) => void): Promise<Result[]> {
  const waiting = [...names];
  const results: Result[] = [];
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const result = await runCheck(name, CHECKS[name] ?? []);
      results.push(result);
      done(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}

function show({ name, ok, seconds, output }: Result): void {
  console.log(`${ok ? "✓" : "✗"} ${name.padEnd(10)} ${seconds.toFixed(1).padStart(5)} s`);
  if (!ok) console.log(`\n${output.trimEnd()}\n`);
}

async function main(args: readonly string[]): Promise<void> {
  const json = args.includes("--json");
  const asked = args.filter((arg) => arg !== "--json");
  const unknown = asked.find((name) => !(name in CHECKS));
  if (unknown !== undefined) {
    console.error(`no check is called ${unknown}; there are: ${Object.keys(CHECKS).join(", ")}`);
    process.exitCode = 2;
    return;
  }
  const names = asked.length > 0 ? asked : Object.keys(CHECKS);
  const results = await runAll(names, json ? () => {} : show);
  const failed = results.filter(({ ok }) => !ok).length;
  if (json) console.log(JSON.stringify({ checks: results, passed: results.length - failed, failed }));
  else
    console.log(failed === 0 ? `all ${results.length} checks passed` : `${failed} of ${results.length} checks failed`);
  if (failed > 0) process.exitCode = 1;
}

await main(process.argv.slice(2));
