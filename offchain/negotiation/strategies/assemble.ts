import type { Outcome } from "../../terms/issue-space.ts";
import { reaches } from "../analysis/precision.ts";
import { type Party, utilitiesOf } from "../scenario.ts";
import { type Baskets, thinned } from "./baskets.ts";
import { ContractCurve, type Way } from "./contract-curve.ts";
import { envelope, isNear } from "./envelope.ts";
import { type Both, both, cut, fairestShare, isPoint, moved, numbersAt, type Piece } from "./pieces.ts";
import { isWhole, type LongIssue, wholesOf } from "./ranges.ts";

/** How many pieces are held against each other at most, and how many whole numbers of ranges are looked at. */
const MOST_PIECES = 131_072;
const MOST_WHOLES = 65_536;

/** What there is to join: baskets of some issues' values, and what can be agreed on in ranges. */
export interface Findings {
  readonly parties: Both<Party>;
  readonly baskets: Baskets;
  readonly ranges: readonly LongIssue[];
  readonly chain: readonly Piece[];
  /** The outcome of a basket and of numbers. */
  readonly outcomeOf: (place: number, numbers: readonly number[]) => Outcome;
}

/** Every basket goes with all of the chain; the best of that is the curve. */
export function assembled({ parties, baskets, ranges, chain, outcomeOf }: Findings): ContractCurve {
  const [ones, others] = baskets.worths;
  const all = Uint32Array.from(ones.keys());
  const pieces: Piece[] = [];
  const wholes: { readonly piece: Piece; readonly range: number }[] = [];
  for (const place of thinned(all, Math.max(2, Math.floor(MOST_PIECES / chain.length)))) {
    const worth = [ones[place] ?? 0, others[place] ?? 0] as const;
    for (const link of chain) {
      const piece = rational(moved(link, worth, place), parties);
      if (piece === null) continue;
      if (isWhole(link, ranges)) wholes.push({ piece, range: link.varies });
      else pieces.push(piece);
    }
  }
  const each = Math.max(2, Math.floor(MOST_WHOLES / Math.max(1, 2 * wholes.length)));
  const limits = both(parties, ({ reservation }) => reservation);
  for (const { piece, range } of wholes) {
    // Cut where it is fairest, so that the numbers beside that are among those that are looked at.
    const fairest = isPoint(piece) ? 0 : fairestShare(piece, limits);
    pieces.push(...wholesOf(cut(piece, 0, fairest), range, each), ...wholesOf(cut(piece, fairest, 1), range, each));
  }
  const along = (piece: Piece) => (share: number) => outcomeOf(piece.base, numbersAt(piece, share));
  return inCorners(
    envelope(pieces).map((piece) => kept(piece, parties, along(piece))),
    parties,
    along,
  );
}

/** What of a piece leaves neither less than no deal, or null. Where that is nothing but for rounding, it is a point. */
function rational(piece: Piece, parties: Both<Party>): Piece | null {
  const [one, other] = both(parties, ({ reservation }) => reservation);
  const { from, to } = piece;
  const isEnough = ([first, second]: Both<number>) => reaches(first, one) && reaches(second, other);
  if (isPoint(piece)) return isEnough(from) ? piece : null;
  const start = Math.max(0, (other - from[1]) / (to[1] - from[1]));
  const end = Math.min(1, (one - from[0]) / (to[0] - from[0]));
  if (start <= end) return cut(piece, start, end);
  const middle = Math.min(1, Math.max(0, (start + end) / 2));
  const point = cut(piece, middle, middle);
  return isEnough(point.from) ? point : null;
}

/** The piece less what rounding has left of it below what somebody has without a deal. */
function kept(piece: Piece, parties: Both<Party>, way: Way): Piece {
  if (isPoint(piece)) return piece;
  const isEnough = (share: number) =>
    utilitiesOf({ parties }, way(share)).every((worth, side) => worth >= (parties[side]?.reservation ?? 0));
  const steps = Array.from({ length: 26 }, (_, step) => (step === 0 ? 0 : 4 ** (step - 27)));
  const start = steps.find((step) => isEnough(step)) ?? 0;
  const end = steps.find((step) => isEnough(1 - step)) ?? 0;
  return cut(piece, start, 1 - end);
}

/** Pieces that follow each other as a curve. */
function inCorners(pieces: readonly Piece[], parties: Both<Party>, along: (piece: Piece) => Way): ContractCurve {
  const outcomes: Outcome[] = [];
  const ways = new Map<number, Way>();
  let last: Both<number> | null = null;
  for (const piece of pieces) {
    const way = along(piece);
    if (last === null || !isNear(last, piece.from)) outcomes.push(way(0));
    if (!isPoint(piece)) {
      ways.set(outcomes.length - 1, way);
      outcomes.push(way(1));
    }
    last = piece.to;
  }
  const worths = both(parties, ({ utility }) => Float64Array.from(outcomes, (outcome) => utility.of(outcome)));
  const cornerAt = (corner: number) => outcomes[corner] ?? [];
  if (ways.size === 0) return ContractCurve.ofPoints(parties, worths, cornerAt);
  return new ContractCurve(parties, worths, cornerAt, ways);
}
