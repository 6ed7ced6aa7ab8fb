import type { Outcome } from "../../terms/issue-space.ts";
import { reaches } from "../analysis/precision.ts";
import { type Party, utilitiesOf } from "../scenario.ts";
import { type Bundles, thinned } from "./bundles.ts";
import { ContractCurve, type Way } from "./contract-curve.ts";
import { envelope, isNear } from "./envelope.ts";
import { type Both, both, cut, isPoint, moved, numbersAt, type Piece } from "./pieces.ts";
import { isWhole, type Range, wholesOf } from "./ranges.ts";

/** How many pieces are held against each other at most, and how many whole numbers of ranges are looked at. */
const MOST_PIECES = 131_072;
const MOST_WHOLES = 65_536;

/** What there is to join: bundles of some issues' values, and what can be agreed on in ranges. */
export interface Findings {
  readonly parties: Both<Party>;
  readonly bundles: Bundles;
  readonly ranges: readonly Range[];
  readonly chain: readonly Piece[];
  /** The outcome of a combination and of numbers. */
  readonly outcomeOf: (place: number, numbers: readonly number[]) => Outcome;
}

/** Every combination goes with all of the chain; the best of that is the curve. */
export function assembled({ parties, bundles, ranges, chain, outcomeOf }: Findings): ContractCurve {
  const [ones, others] = bundles.worths;
  const all = Uint32Array.from(ones.keys());
  const pieces: Piece[] = [];
  for (const place of thinned(all, Math.max(2, Math.floor(MOST_PIECES / chain.length)))) {
    const worth = [ones[place] ?? 0, others[place] ?? 0] as const;
    for (const piece of chain) pieces.push(...rational(moved(piece, worth, place), parties));
  }
  const wholes = pieces.filter((piece) => isWhole(piece, ranges)).length;
  const each = Math.max(2, Math.floor(MOST_WHOLES / Math.max(1, wholes)));
  const agreeable = pieces.flatMap((piece) => (isWhole(piece, ranges) ? wholesOf(piece, each) : [piece]));
  const along = (piece: Piece) => (share: number) => outcomeOf(piece.base, numbersAt(piece, share));
  return inCorners(
    envelope(agreeable).map((piece) => kept(piece, parties, along(piece))),
    parties,
    along,
  );
}

/** What of a piece leaves neither less than no deal. Where that is nothing but for rounding, it is a point. */
function rational(piece: Piece, parties: Both<Party>): readonly Piece[] {
  const [one, other] = both(parties, ({ reservation }) => reservation);
  const { from, to } = piece;
  const isEnough = ([first, second]: Both<number>) => reaches(first, one) && reaches(second, other);
  if (isPoint(piece)) return isEnough(from) ? [piece] : [];
  const start = Math.max(0, (other - from[1]) / (to[1] - from[1]));
  const end = Math.min(1, (one - from[0]) / (to[0] - from[0]));
  if (start <= end) return [cut(piece, start, end)];
  const middle = Math.min(1, Math.max(0, (start + end) / 2));
  const point = cut(piece, middle, middle);
  return isEnough(point.from) ? [point] : [];
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
  return new ContractCurve(parties, worths, (corner) => outcomes[corner] ?? [], ways);
}
