/** One offer, in the order in which they were made. */
export interface Point {
  readonly by: "buyer" | "seller";
  readonly price: number;
}

export interface Style {
  readonly buyer: (text: string) => string;
  readonly seller: (text: string) => string;
  readonly faint: (text: string) => string;
}

const HEIGHT = 12;

const MARKS = { buyer: "●", seller: "○" } as const;

/**
 * Draws both sides' offers as two curves that close in on each other: one column an offer, lines where one side's
 * price moved over several rows.
 */
export function drawCurves(
  points: readonly Point[],
  [low, high]: readonly [number, number],
  columns: number,
  style: Style,
): string[] {
  const span = high - low || 1;
  const rowOf = (price: number) => Math.round(((high - price) / span) * (HEIGHT - 1));
  const shown = points.slice(-columns);
  const cells = Array.from({ length: HEIGHT }, () => Array.from({ length: columns }, () => " "));
  const latest: Partial<Record<Point["by"], number>> = {};
  shown.forEach(({ by, price }, column) => {
    const row = Math.min(HEIGHT - 1, Math.max(0, rowOf(price)));
    const before = latest[by];
    if (before !== undefined) {
      for (let between = Math.min(before, row) + 1; between < Math.max(before, row); between++) {
        put(between, column, style[by]("│"));
      }
    }
    put(row, column, style[by](MARKS[by]));
    latest[by] = row;
  });
  return cells.map((line, row) => {
    const label = row % 3 === 0 || row === HEIGHT - 1 ? format(high - (span * row) / (HEIGHT - 1)) : "";
    return `${style.faint(`${label.padStart(9)} ┤`)}${line.join("")}`;
  });

  function put(row: number, column: number, mark: string): void {
    const line = cells[row];
    if (line) line[column] = mark;
  }
}

function format(price: number): string {
  return price.toLocaleString("en-US", { maximumFractionDigits: 0 });
}
