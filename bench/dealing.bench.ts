/**
 * What a 20-round negotiation between two processes takes, with every envelope signed, verified and journalled by both:
 * one at a time, and a thousand at once; beside it, in the same run, what the signatures alone would take.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Figure } from "../scripts/lib/figures.ts";
import { type Idle, measureIdle, measureOne, measureThousand, type One, type Thousand } from "./dealing/measures.ts";
import { TRANSPORTS, type TransportName } from "./dealing/side.ts";

interface Measured {
  readonly one: One;
  readonly thousand: Thousand;
  readonly idle: Idle;
}

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    results: { type: "boolean", default: false },
    transport: { type: "string" },
    negotiations: { type: "string", default: "400" },
    "at-once": { type: "string", default: "1000" },
    idle: { type: "string", default: "4000" },
  },
});

if (values.transport !== undefined && !TRANSPORTS.some((name) => name === values.transport)) {
  process.stderr.write(`there is no transport '${values.transport}' here, only ${TRANSPORTS.join(", ")}\n`);
  process.exit(2);
}

const names = TRANSPORTS.filter((name) => values.transport === undefined || name === values.transport);
const measured = new Map<TransportName, Measured>();
// Beside the tree, since a temporary folder may be in memory, where syncing to disk costs nothing.
const folder = mkdtempSync(fileURLToPath(new URL("../.bench-", import.meta.url)));
try {
  for (const transport of names) {
    const where = { transport, folder: mkdtempSync(`${folder}/`) };
    const one = await measureOne(where, Number(values.negotiations));
    const thousand = await measureThousand(where, Number(values["at-once"]));
    measured.set(transport, { one, thousand, idle: await measureIdle(where, Number(values.idle)) });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (values.results) process.stdout.write(JSON.stringify([...measured].flatMap(([name, each]) => figures(name, each))));
else if (values.json) process.stdout.write(`${JSON.stringify(Object.fromEntries(measured))}\n`);
else for (const [name, { one, thousand, idle }] of measured) show(name, { ...one }, { ...thousand }, idle);
process.exit(0);

function show(name: string, one: object, thousand: object, { heldBytes }: Idle): void {
  console.log(`\nover ${name}, one negotiation at a time`);
  console.table(one);
  console.log(`over ${name}, ${values["at-once"]} at once`);
  console.table(thousand);
  console.log(`memory of one that waits: ${heldBytes.buyer} B at the buyer's, ${heldBytes.seller} B at the seller's`);
}

function figures(name: TransportName, { one, thousand, idle }: Measured): Figure[] {
  const command = "npm run -s parley -- bench dealing";
  const row = (what: string, value: number, unit: string, goal = "", peer = ""): Figure => {
    return { figure: `${what}, ${name}`, value, unit, goal, peer, command };
  };
  const prototype = "untuned prototype: 10.0 ms, ratio 0.4";
  const unpaced = "untuned prototype: 256/s, ratio 0.5";
  return [
    row("20-round negotiation, median", one.medianMs, "ms", "<= 10", prototype),
    row("20-round negotiation, p99", one.p99Ms, "ms"),
    row("cryptographic floor of the same", one.floorMs, "ms"),
    row("floor / actual", one.floorOverActual, "", ">= 0.5", prototype),
    row("processor time of a negotiation, both sides", one.cpuMs, "ms"),
    row("bytes of a negotiation, both directions", one.bytes, "B"),
    row("1,000 at once, unpaced", thousand.negotiationsPerSecond, "negotiations/s", "", unpaced),
    row("1,000 at once, unpaced, floor / actual on two cores", thousand.floorOverActual, "", ">= 0.5", unpaced),
    row("1,000 at once at two rounds a second, a round beyond its pace, p50", thousand.roundP50Ms, "ms"),
    row("1,000 at once at two rounds a second, a round beyond its pace, p99", thousand.roundP99Ms, "ms", "<= 100"),
    row("memory of a negotiation that waits, buyer", idle.heldBytes.buyer, "B", "<= 4096"),
    row("memory of a negotiation that waits, seller", idle.heldBytes.seller, "B", "<= 4096"),
  ];
}
