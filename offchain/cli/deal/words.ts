import type { TokenFacts } from "../../adapters/chain/tokens.ts";
import { type Amount, formatAmount } from "../../kernel/money.ts";

/** An amount with its token's name. */
export function money(amount: Amount, { decimals, symbol }: TokenFacts): string {
  return `${formatAmount(amount, decimals)} ${symbol}`;
}

export function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** A number of seconds as people say it, in the largest units that count: `3 d 4 h`. */
export function span(seconds: number, units = 2): string {
  let rest = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const [unit, size] of [
    ["d", 86_400],
    ["h", 3_600],
    ["min", 60],
    ["s", 1],
  ] as const) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.length === 0 ? "0 s" : parts.slice(0, units).join(" ");
}

/** Rows under a head, each column as wide as its widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/** The same to the second. */
export function exactSpan(seconds: number): string {
  return span(seconds, Number.POSITIVE_INFINITY);
}
