import { type Both, cut, isPoint, type Piece } from "./pieces.ts";

/** How near two worths are that count as the same: sums of the same figures in another order. */
const NEAR = 1e-14;

/** What is left of a piece and is shorter than this share of it is nothing but rounding. */
const SLIVER = 1e-12;

/**
 * What nothing else among pieces is better than for one of two and as good as for the other: from the best for the first to the best for
 * the second. Divides and conquers: each half is solved by itself, then each takes out of the other what it betters.
 */
export function envelope(pieces: readonly Piece[]): readonly Piece[] {
  const sorted = pieces.toSorted((a, b) => b.from[0] - a.from[0] || b.to[1] - a.to[1]);
  return solved(sorted, 0, sorted.length);
}

/** Whether two worths are the same but for rounding. */
export function isNear([a, b]: Both<number>, [c, d]: Both<number>): boolean {
  return Math.abs(a - c) <= slackOf(a) && Math.abs(b - d) <= slackOf(b);
}

function slackOf(worth: number): number {
  return NEAR * Math.max(1, Math.abs(worth));
}

function solved(pieces: readonly Piece[], from: number, to: number): readonly Piece[] {
  if (to - from < 2) return pieces.slice(from, to);
  const middle = (from + to) >>> 1;
  const [one, other] = [solved(pieces, from, middle), solved(pieces, middle, to)];
  // Of what is the same, one stays.
  const rest = without(other, one, true);
  return inOrder(without(one, rest, false), rest);
}

function inOrder(one: readonly Piece[], other: readonly Piece[]): readonly Piece[] {
  const all: Piece[] = [];
  let next = 0;
  for (const piece of one) {
    for (let waiting = other[next]; waiting && waiting.from[0] > piece.from[0]; waiting = other[next]) {
      all.push(waiting);
      next += 1;
    }
    all.push(piece);
  }
  return [...all, ...other.slice(next)];
}

/** The parts of pieces that are bettered by none of others; both lists are such as `envelope` gives. */
function without(pieces: readonly Piece[], others: readonly Piece[], orSame: boolean): readonly Piece[] {
  const left: Piece[] = [];
  let first = 0;
  for (const piece of pieces) {
    const near = slackOf(Math.max(Math.abs(piece.from[0]), Math.abs(piece.to[1])));
    const slack = orSame ? near : 0;
    // Those before have less for the second than all of this piece; those after the last one looked at, less for the first.
    while (first < others.length && (others[first]?.to[1] ?? 0) < piece.from[1] - slack) first += 1;
    let parts: readonly Both<number>[] = [[0, 1]];
    for (let place = first; place < others.length && parts.length > 0; place++) {
      const other = others[place];
      if (other === undefined || other.from[0] < piece.to[0] - slack) break;
      const worse = bettered(piece, other, slack);
      if (worse !== null && !isTouch(piece, worse, near)) parts = parts.flatMap((part) => outside(part, worse));
    }
    for (const [from, to] of parts) left.push(cut(piece, from, to));
  }
  return left;
}

/** Whether two pieces only meet where they end: the one is bettered by next to nothing there. */
function isTouch({ from, to }: Piece, [start, end]: Both<number>, near: number): boolean {
  const length = (end - start) * Math.min(from[0] - to[0], to[1] - from[1]);
  return (start > 0 || end < 1) && length <= 4 * near;
}

/** What is left of an interval without another. */
function outside([from, to]: Both<number>, [start, end]: Both<number>): Both<number>[] {
  const before: Both<number> = [from, Math.min(to, start)];
  const after: Both<number> = [Math.max(from, end), to];
  return [before, after].filter(([low, high]) => high - low > SLIVER);
}

/**
 * From which to which share of its way a piece is bettered by another, or is as good as that. Whatever gives each less than some outcome
 * of the other lies below its line and left of its ends, which is a convex region.
 */
function bettered(piece: Piece, { from, to, varies }: Piece, slack: number): Both<number> | null {
  const { from: start, to: end } = piece;
  const limits: (readonly [atStart: number, atEnd: number, most: number])[] = [
    [start[0], end[0], from[0] + slack],
    [start[1], end[1], to[1] + slack],
  ];
  if (varies >= 0) {
    const [across, up] = [to[1] - from[1], from[0] - to[0]];
    const height = ([one, two]: Both<number>) => (across * (one - from[0]) + up * (two - from[1])) / (across + up);
    limits.push([height(start), height(end), slack]);
  }
  let [low, high] = [0, 1];
  for (const [atStart, atEnd, most] of limits) {
    if (atStart > most && atEnd > most) return null;
    if (atStart <= most && atEnd <= most) continue;
    const share = (most - atStart) / (atEnd - atStart);
    if (atStart > most) low = Math.max(low, share);
    else high = Math.min(high, share);
  }
  if (isPoint(piece)) return [0, 1];
  return low <= high ? [low, high] : null;
}
