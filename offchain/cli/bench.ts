import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ParleyError } from "../kernel/errors.ts";
import { parseFlags, wholeNumber } from "./args.ts";
import { type Command, EXIT, usageError } from "./command.ts";

const BENCHES = ["dealing", "hostile", "settlement", "engine", "analysis", "strategies"] as const;

/** What each takes besides `--json`: one of some names, a number, or a name that it knows itself. */
const FLAGS: Readonly<Record<string, Readonly<Record<string, readonly string[] | "count" | "name">>>> = {
  dealing: { transport: ["websocket", "grpc"], negotiations: "count", "at-once": "count", idle: "count" },
  hostile: { attack: "name", blocks: "count", negotiations: "count" },
  settlement: { chain: ["embedded", "anvil"], deals: "count", "at-once": "count", blocks: "count" },
};

const MOST = 1_000_000;

const HELP = `parley bench: measure, on this machine

usage: parley bench NAME [--json]

  dealing     a 20-round negotiation between two processes, every envelope signed, verified and journalled by both, over
              WebSocket and over gRPC: one at a time and a thousand at once, the memory of one that waits, and the floor
              that cryptography alone sets, measured in the same run. --transport websocket|grpc measures one of them
  hostile     what honest negotiations suffer beside a peer that floods, forges, replays, sends giants or never reads: their
              p99 as a multiple of that without it. --attack NAME measures one
  settlement  deals from agreement to payout, settled by both sides as agents do it, on the embedded chain and on anvil, beside
              what the chain makes of the same transactions where they are signed before; gas of a deal, and of a receipt.
              --chain embedded|anvil measures one
  engine      the negotiation engine alone, on one core: rounds and negotiations a second, with the orders of outcomes
              made before and with them made each time
  analysis    the frontier and all points of two million outcomes, also where all tie or all are on the frontier:
              seconds, and the most memory used
  strategies  round robins of the strategies over scenarios that none was trained on, at 20, 50 and 200 rounds, and
              monotonic concession beside alternating offers

example: parley bench dealing --json
`;

export const benchCommand: Command = {
  help: HELP,
  run([name, ...args]) {
    const bench = BENCHES.find((one) => one === name);
    if (bench === undefined) {
      const names = BENCHES.join(", ");
      throw usageError(name ? `there is no bench '${name}', only ${names}` : `name a bench: ${names}`, "bench");
    }
    checkFlags(bench, args);
    const file = fileURLToPath(new URL(`../../bench/${bench}.bench.ts`, import.meta.url));
    if (!existsSync(file)) {
      throw new ParleyError("BenchMissing", "the benches are part of the source tree, not of the installed package", {
        hint: "clone the repository and run: npm run -s parley -- bench dealing",
      });
    }
    const child = spawn(process.execPath, [...process.execArgv, file, ...args], { stdio: "inherit" });
    return new Promise((resolve) => child.once("close", (code) => resolve(code ?? EXIT.failed)));
  },
};

/** The bench reads its flags itself; whatever is wrong with them is better said before anything is measured. */
function checkFlags(bench: string, args: readonly string[]): void {
  const own = Object.entries(FLAGS[bench] ?? {});
  const options = Object.fromEntries(own.map(([flag]) => [flag, { type: "string" as const }]));
  const common = { json: { type: "boolean" as const }, results: { type: "boolean" as const } };
  const values = parseFlags("bench", args, { ...common, ...options }) as Readonly<Record<string, unknown>>;
  for (const [flag, takes] of own) {
    const value = values[flag];
    if (typeof value !== "string") continue;
    if (takes === "count") wholeNumber("bench", flag, value, 1, MOST);
    else if (takes !== "name" && !takes.includes(value)) {
      throw usageError(`--${flag} takes ${takes.join(" or ")}, not '${value}'`, "bench");
    }
  }
}
