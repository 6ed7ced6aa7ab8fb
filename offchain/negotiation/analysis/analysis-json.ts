import type { Outcome } from "../../terms/issue-space.ts";
import type { Analysis } from "./analyze.ts";
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
  readonly parties: readonly { readonly name: string; readonly reservation: number; readonly rational: number }[];
}

export function analysisToJson(analysis: Analysis): AnalysisJson {
  const { outcomes, grid, frontier, nash, kalai, egalitarian, welfare, opposition, rational } = analysis;
  const place = (point: Point) => ({
    utilities: point.utilities,
    outcomes: point.places.flatMap((one) => analysis.outcomesAt(one)),
  });
  return {
    outcomes,
    ...(grid === null ? {} : { grid: { steps: grid, exact: false } }),
    pareto: Array.from({ length: frontier.size }, (_, index) => [...frontier.utilitiesAt(index)]),
    nash: nash && { ...place(nash), product: nash.value },
    kalai: kalai && { ...place(kalai), share: kalai.value },
    egalitarian: egalitarian && { ...place(egalitarian), gain: egalitarian.value },
    welfare: { ...place(welfare), sum: welfare.value },
    opposition,
    rational,
    parties: analysis.scenario.parties.map(({ name, reservation }, index) => ({
      name,
      reservation,
      rational: analysis.rationalFor[index] ?? 0,
    })),
  };
}
