import type { Outcome } from "../../terms/issue-space.ts";
import type { Analysis } from "./analyze.ts";
import { jsonPieces } from "./json-pieces.ts";
import type { Frontier } from "./pareto.ts";
import type { Point } from "./points.ts";

/** A point as data: what it gives each, what it maximises, and all outcomes that tie. */
type PointJson<Name extends string> = {
  readonly utilities: readonly number[];
  readonly outcomes: readonly Outcome[];
} & { readonly [name in Name]: number };

/** An analysis as `parley analyze --json` prints it; docs/scenarios.md says what each figure is. */
export interface AnalysisJson {
  readonly outcomes: number;
  /** Only where continuous issues were looked at in steps: then nothing here is exact. */
  readonly grid?: { readonly steps: number; readonly exact: false };
  readonly pareto: readonly (readonly number[])[];
  readonly nash: PointJson<"product"> | null;
  readonly kalai: PointJson<"share"> | null;
  readonly egalitarian: PointJson<"gain"> | null;
  readonly welfare: PointJson<"sum">;
  readonly opposition: number;
  readonly rational: number;
  readonly parties: readonly {
    readonly name: string;
    readonly reservation: number;
    readonly discount: number;
    readonly rational: number;
  }[];
}

/** The analysis as one value. Where millions of outcomes tie it takes gigabytes: `analysisJsonPieces` writes the same. */
export function analysisToJson(analysis: Analysis): AnalysisJson {
  return describe(analysis, (all) => [...all]);
}

/** The text of the analysis as JSON, in pieces; outcomes are made while they are written. */
export function analysisJsonPieces(analysis: Analysis): Iterable<string> {
  return jsonPieces(describe(analysis, (all) => all));
}

/** Lists that may be long are whatever `listOf` makes of them. */
function describe<List>(analysis: Analysis, listOf: (all: Iterable<readonly number[]>) => List) {
  const { outcomes, grid, frontier, nash, kalai, egalitarian, welfare, opposition, rational } = analysis;
  const place = (point: Point) => ({
    utilities: point.utilities,
    outcomes: listOf(outcomesOf(analysis, point)),
  });
  return {
    outcomes,
    ...(grid === null ? {} : { grid: { steps: grid, exact: false as const } }),
    pareto: listOf(vectorsOf(frontier)),
    nash: nash && { ...place(nash), product: nash.value },
    kalai: kalai && { ...place(kalai), share: kalai.value },
    egalitarian: egalitarian && { ...place(egalitarian), gain: egalitarian.value },
    welfare: { ...place(welfare), sum: welfare.value },
    opposition,
    rational,
    parties: analysis.scenario.parties.map(({ name, reservation, discount }, index) => ({
      name,
      reservation,
      discount,
      rational: analysis.rationalFor[index] ?? 0,
    })),
  };
}

function* vectorsOf(frontier: Frontier): Generator<readonly number[], void> {
  for (let place = 0; place < frontier.size; place++) yield [...frontier.utilitiesAt(place)];
}

function* outcomesOf(analysis: Analysis, { places }: Point): Generator<Outcome, void> {
  for (const place of places) yield* analysis.outcomesAt(place);
}
