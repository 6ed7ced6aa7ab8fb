import { type Bargain, type Pair, rangeOf } from "./bargain.ts";
import type { Style } from "./curves.ts";

const HEIGHT = 18;
const WIDTH = 56;

/** Draws what both sides have of each offer: the first party's utility to the right, the second's upwards. */
export function drawPlane(bargain: Bargain, style: Style): string[] {
  const [across, up] = [rangeOf(bargain, 0), rangeOf(bargain, 1)];
  const cells = Array.from({ length: HEIGHT }, () => Array.from({ length: WIDTH }, () => " "));
  const put = ([first, second]: Pair, mark: string) => {
    const column = place(first, across, WIDTH);
    const line = cells[HEIGHT - 1 - place(second, up, HEIGHT)];
    if (line) line[column] = mark;
  };
  for (const pair of bargain.frontier) put(pair, style.faint("·"));
  for (const { by, utilities } of bargain.offers) put(utilities, by === 0 ? style.buyer("●") : style.seller("○"));
  put(bargain.reservations, style.faint("+"));
  if (bargain.nash) put(bargain.nash, "N");
  if (bargain.agreed) put(bargain.agreed, "★");
  const label = (row: number) =>
    row % 6 === 0 || row === HEIGHT - 1 ? (up[1] - ((up[1] - up[0]) * row) / (HEIGHT - 1)).toFixed(2) : "";
  const body = cells.map((line, row) => `${style.faint(`${label(row).padStart(9)} ┤`)}${line.join("")}`);
  const foot = `${" ".repeat(10)}└${"─".repeat(WIDTH)}`;
  const ends = `${" ".repeat(11)}${across[0].toFixed(2)}${across[1].toFixed(2).padStart(WIDTH - across[0].toFixed(2).length)}`;
  const [first, second] = bargain.names;
  return [
    ...body,
    style.faint(foot),
    style.faint(ends),
    `  ${style.buyer("●")} offers of ${first} (right)  ${style.seller("○")} offers of ${second} (up)  ${style.faint("·")} frontier  N Nash  ★ agreed  ${style.faint("+")} no deal`,
  ];
}

function place(value: number, [low, high]: readonly [number, number], size: number): number {
  return Math.min(size - 1, Math.max(0, Math.round(((value - low) / (high - low)) * (size - 1))));
}
