import type { Issue, IssueSpace } from "../../terms/issue-space.ts";
import type { Party } from "../scenario.ts";
import { corners, type Utility } from "../utility.ts";
import { envelope } from "./envelope.ts";
import { type Both, both, cut, type Piece, pointOf, sumOf } from "./pieces.ts";

/** Of more pieces than these, so many are kept that lie evenly. */
const LONGEST_CHAIN = 4_096;

/** How far from a whole number rounding may have left it, at the least and as a share of it. */
const [OFF, OFF_SHARE] = [1e-9, 1e-15];

/** An issue of numbers, from corner to corner of which what it is worth to both runs straight. */
export interface LongIssue {
  readonly index: number;
  readonly issue: Exclude<Issue, { kind: "discrete" }>;
}

/** The issues that have too many numbers to be looked at one by one: all continuous ones, and those with more whole ones than so many. */
export function rangesOf({ issues }: IssueSpace, parties: Both<Party>, most: number): readonly LongIssue[] {
  return issues.flatMap((issue, index): readonly LongIssue[] => {
    if (issue.kind === "continuous") return [{ index, issue }];
    if (issue.kind === "discrete" || issue.to - issue.from < most) return [];
    return parties.every(({ utility }) => utility.worths[index]?.kind === "lines") ? [{ index, issue }] : [];
  });
}

/**
 * The best for two of what can be agreed on in some ranges together. From one end to the other of a piece, whole numbers count as if there
 * were others between.
 */
export function chainOf(parties: Both<Party>, ranges: readonly LongIssue[]): readonly Piece[] {
  let chain: readonly Piece[] = [pointOf([0, 0], [])];
  for (const range of ranges) {
    const own = betweenWholes(envelope(straightsOf(range, parties)), [range]);
    const sums = envelope(chain.flatMap((piece) => own.flatMap((other) => sumOf(piece, other))));
    chain = evenly(betweenWholes(sums, ranges));
  }
  return chain;
}

function evenly(pieces: readonly Piece[]): readonly Piece[] {
  const { length } = pieces;
  if (length <= LONGEST_CHAIN) return pieces;
  const last = LONGEST_CHAIN - 1;
  return Array.from({ length: LONGEST_CHAIN }, (_, place) => pieces[Math.round((place * (length - 1)) / last)]).flatMap(
    (piece) => piece ?? [],
  );
}

/** From corner to corner of what a range is worth to both; where both like the same corner better, that alone. */
function straightsOf(range: LongIssue, parties: Both<Party>): readonly Piece[] {
  const values = new Set(parties.flatMap(({ utility }) => cornersOf(range, utility)));
  const points = [...values]
    .sort((a, b) => a - b)
    .map((value) => {
      const worth = both(parties, ({ utility }) => utility.part(range.index, value));
      return pointOf(worth, [value]);
    });
  return points.flatMap((point, place) => {
    const next = points[place + 1] ?? point;
    const [one, other] = point.from[0] >= next.from[0] ? [point, next] : [next, point];
    if (one.from[0] === other.from[0] || one.from[1] >= other.from[1]) return [one, other];
    return [{ ...one, to: other.to, varies: 0, end: other.numbers[0] ?? 0 }];
  });
}

function cornersOf({ index, issue }: LongIssue, { worths }: Utility): readonly number[] {
  const worth = worths[index];
  return worth === undefined ? [issue.from, issue.to] : corners(issue, worth);
}

/** Whether what varies along a piece can only be a whole number. */
export function isWhole({ varies }: Piece, ranges: readonly LongIssue[]): boolean {
  return ranges[varies]?.issue.kind === "integer";
}

/** Pieces that begin and end at numbers which can be agreed on. */
function betweenWholes(pieces: readonly Piece[], ranges: readonly LongIssue[]): readonly Piece[] {
  return pieces.flatMap((piece) => {
    // Where two lines cross, a line may have become a point, which need not be at a whole number.
    const between = piece.numbers.findIndex(
      (number, range) => ranges[range]?.issue.kind === "integer" && !Number.isInteger(number),
    );
    const whole = isWhole(piece, ranges) ? piece.varies : between;
    if (whole < 0) return [piece];
    const [first, last] = wholesOf(piece, whole, 2);
    if (first === undefined || last === undefined) return first ?? [];
    const { from, numbers } = first;
    return [{ ...piece, from, to: last.to, numbers, end: last.numbers[whole] ?? 0 }];
  });
}

/**
 * The points along a piece at which a range's number is a whole one, or but for rounding; of more than so many, such as lie evenly, the first
 * and the last among them.
 */
export function wholesOf(piece: Piece, range: number, most: number): readonly Piece[] {
  const start = piece.numbers[range] ?? 0;
  const end = piece.varies === range ? piece.end : start;
  const [least, greatest] = [Math.min(start, end), Math.max(start, end)];
  const off = Math.max(OFF, OFF_SHARE * Math.max(-least, greatest));
  const first = Math.ceil(least - off);
  const count = Math.floor(greatest + off) - first + 1;
  const size = Math.max(0, Math.min(count, most));
  return Array.from({ length: size }, (_, place) => {
    const step = size < 2 ? 0 : Math.round((place * (count - 1)) / (size - 1));
    const value = start <= end ? first + step : first + count - 1 - step;
    const share = start === end ? 0 : Math.min(1, Math.max(0, (value - start) / (end - start)));
    return { ...cut(piece, share, share), numbers: piece.numbers.with(range, value) };
  });
}
