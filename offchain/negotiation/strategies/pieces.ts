/** Something of the first of two, and of the second. */
export type Both<T> = readonly [first: T, second: T];

export function both<From, To>([first, second]: Both<From>, change: (from: From) => To): Both<To> {
  return [change(first), change(second)];
}

/**
 * Outcomes that differ in one number alone, so that what they are worth to two runs straight: from the best of them for the first to the
 * best for the second. Or a single outcome, where nothing varies.
 */
export interface Piece {
  /** What its ends are worth: to the first falling, to the second rising. */
  readonly from: Both<number>;
  readonly to: Both<number>;
  /** Which basket of the other issues' values goes with it. */
  readonly base: number;
  /** What is agreed on in the ranges at `from`; which of them varies, or none (-1), and what that one is at `to`. */
  readonly numbers: readonly number[];
  readonly varies: number;
  readonly end: number;
}

export function pointOf(worth: Both<number>, numbers: readonly number[], base = 0): Piece {
  return { from: worth, to: worth, base, numbers, varies: -1, end: 0 };
}

export function isPoint({ varies }: Piece): boolean {
  return varies < 0;
}

/** What is agreed on in the ranges at a share of the way along a piece. */
export function numbersAt({ numbers, varies, end }: Piece, share: number): readonly number[] {
  if (varies < 0 || share === 0) return numbers;
  const start = numbers[varies] ?? 0;
  return numbers.with(varies, share === 1 ? end : start + (end - start) * share);
}

function worthAt({ from, to }: Piece, share: number): Both<number> {
  if (share === 0) return from;
  return share === 1 ? to : [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
}

/** A piece from one share of its way to another. */
export function cut(piece: Piece, from: number, to: number): Piece {
  if (isPoint(piece) || (from === 0 && to === 1)) return piece;
  const numbers = numbersAt(piece, from);
  if (from === to) return pointOf(worthAt(piece, from), numbers, piece.base);
  const [start, end] = [worthAt(piece, from), worthAt(piece, to)];
  // What is so short that rounding leaves it no way is a point.
  if (start[0] <= end[0]) return pointOf(end, numbersAt(piece, to), piece.base);
  if (start[1] >= end[1]) return pointOf(start, numbers, piece.base);
  return { ...piece, from: start, to: end, numbers, end: numbersAt(piece, to)[piece.varies] ?? 0 };
}

/** The share of a straight way at which the product of what both have above their reservations is greatest. */
export function fairestShare({ from, to }: Pick<Piece, "from" | "to">, [one, other]: Both<number>): number {
  const [cost, gain] = [to[0] - from[0], to[1] - from[1]];
  // What changes evenly has a product that is a parabola.
  const share = -((from[0] - one) * gain + (from[1] - other) * cost) / (2 * cost * gain);
  return share > 0 ? Math.min(1, share) : 0;
}

/** A piece together with a basket, which is worth so much by itself. */
export function moved({ from, to, numbers, varies, end }: Piece, [one, two]: Both<number>, base: number): Piece {
  return { from: [from[0] + one, from[1] + two], to: [to[0] + one, to[1] + two], base, numbers, varies, end };
}

/**
 * The best that two pieces about different ranges make together: one varies while the other stands still. What brings the second more
 * for what it costs the first is given first.
 */
export function sumOf(one: Piece, other: Piece): readonly Piece[] {
  if (isPoint(one) || isPoint(other)) return [joined(one, other)];
  const gain = ({ from, to }: Piece) => (to[1] - from[1]) / (from[0] - to[0]);
  return gain(one) >= gain(other)
    ? [joined(one, cut(other, 0, 0)), joined(cut(one, 1, 1), other)]
    : [joined(cut(one, 0, 0), other), joined(one, cut(other, 1, 1))];
}

/** Both together, of which one varies at most. */
function joined(one: Piece, other: Piece): Piece {
  const varies = isPoint(other) ? one.varies : one.numbers.length + other.varies;
  return {
    from: [one.from[0] + other.from[0], one.from[1] + other.from[1]],
    to: [one.to[0] + other.to[0], one.to[1] + other.to[1]],
    base: one.base,
    numbers: [...one.numbers, ...other.numbers],
    varies,
    end: isPoint(other) ? one.end : other.end,
  };
}
