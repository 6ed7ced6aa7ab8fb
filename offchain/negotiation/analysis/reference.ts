import { ParleyError } from "../../kernel/errors.ts";
import type { Scenario } from "../scenario.ts";
import type { Reference } from "../tournament.ts";
import { analyze } from "./analyze.ts";

/** What a tournament measures results by; a scenario with continuous issues is looked at on a grid, one too large not at all. */
export function referenceOf(scenario: Scenario): Reference {
  try {
    const { welfare, nash, frontier } = analyze(scenario, { grid: 20 });
    return { welfare: welfare.value, nash: nash?.places.map((place) => [...frontier.utilitiesAt(place)]) ?? null };
  } catch (thrown) {
    if (thrown instanceof ParleyError && thrown.code === "TooManyOutcomes") return { welfare: null, nash: null };
    throw thrown;
  }
}
