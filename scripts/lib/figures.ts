/** One figure that a benchmark measured. */
export interface Figure {
  /** What was measured, e.g. "negotiation, 10 signed rounds, p99". */
  readonly figure: string;
  readonly value: number;
  /** e.g. "ms", "deals/s", "gas". */
  readonly unit: string;
  /** What it should be, e.g. "< 100 ms"; empty if there is no goal. */
  readonly goal: string;
  /** What others reach, with the source; empty if unknown. */
  readonly peer: string;
  /** How to measure it again. */
  readonly command: string;
}

/** The figures of one benchmark. */
export interface Measured {
  readonly name: string;
  readonly figures: readonly Figure[];
}

/** Where it was measured, as text. */
export interface Machine {
  readonly processor: string;
  readonly memory: string;
  readonly node: string;
  readonly system: string;
  readonly date: string;
}

/** Whether a benchmark kept to the contract. */
export function isFigures(value: unknown): value is Figure[] {
  return Array.isArray(value) && value.length > 0 && value.every(isFigure);
}

function isFigure(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map(Object.entries(value));
  const texts = ["figure", "unit", "goal", "peer", "command"];
  return texts.every((name) => typeof fields.get(name) === "string") && Number.isFinite(fields.get("value"));
}

/** The page of results. */
export function render({ processor, memory, node, system, date }: Machine, measured: readonly Measured[]): string {
  const rows = measured.flatMap(({ figures }) => figures.map(row));
  return [
    "# Results",
    "",
    `Measured on ${date} by \`npm run results\`, on ${processor}, ${memory}, ${system}, Node ${node}.`,
    "",
    "| figure | value | goal | peer | command |",
    "|---|---:|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function row({ figure, value, unit, goal, peer, command }: Figure): string {
  const cells = [figure, `${readable(value)} ${unit}`.trim(), goal, peer, command === "" ? "" : `\`${command}\``];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** Three digits that count, and thousands set apart. */
function readable(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en");
  return value.toLocaleString("en", { maximumSignificantDigits: 3 });
}
