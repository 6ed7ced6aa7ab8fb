import type { Strategy } from "../strategy.ts";
import { fixedRule } from "./fixed-rule.ts";
import { hardliner } from "./hardliner.ts";
import { hybrid } from "./hybrid.ts";
import { learned } from "./learned.ts";
import { micro, microBudget } from "./micro.ts";
import { nashBayesian, nashFrequency } from "./nash-seeking.ts";
import { bad, type Kind, parseSpec, settingsOf } from "./parameters.ts";
import { rubinsteinEquilibrium } from "./rubinstein.ts";
import { boulware, conceder, linear } from "./time-dependent.ts";
import { absoluteTitForTat, averagedTitForTat, relativeTitForTat } from "./tit-for-tat.ts";
import { zeuthen } from "./zeuthen.ts";
import { zeuthenEstimate } from "./zeuthen-estimate.ts";

/** All strategies that can be named; what somebody else proposes (external.ts) needs that somebody, and can't. */
export const STRATEGIES: Readonly<Record<string, Kind>> = {
  boulware,
  linear,
  conceder,
  hardliner,
  "tft-relative": relativeTitForTat,
  "tft-absolute": absoluteTitForTat,
  "tft-averaged": averagedTitForTat,
  micro,
  "micro-budget": microBudget,
  hybrid,
  "fixed-rule": fixedRule,
  "nash-frequency": nashFrequency,
  "nash-bayesian": nashBayesian,
  learned,
  zeuthen,
  "zeuthen-estimate": zeuthenEstimate,
  rubinstein: rubinsteinEquilibrium,
};

/** The strategy of a text such as `boulware:pace=0.1`. Throws `BadStrategy` naming what is wrong. */
export function strategyNamed(text: string): Strategy {
  const { name, given, fallback } = parseSpec(text);
  const kind = Object.hasOwn(STRATEGIES, name) ? STRATEGIES[name] : undefined;
  if (kind === undefined) {
    throw bad("strategy", `there is no strategy ${name}, only ${Object.keys(STRATEGIES).join(", ")}`);
  }
  return { ...kind.make(settingsOf(name, kind, given)), fallback };
}
