import type { JsonObject } from "../../terms/canonical-json.ts";
import type { JsonReader } from "../../terms/json-reader.ts";
import type { Role } from "../../terms/proposal.ts";
import { bad } from "../strategies/parameters.ts";
import { type External, WAIT } from "./external.ts";
import { checkRule, decideByRule, type FixedRule } from "./fixed-rule.ts";
import type { PriceMove, PriceTurn } from "./move.ts";
import { checkNamed, decideByName, type NamedStrategy } from "./named.ts";
import { checkTimeDependent, decideByTime, type TimeDependent } from "./time-dependent.ts";

/** A strategy as data, so that it can be journalled and a negotiation resumed with the one it began with. */
export type PriceStrategy = TimeDependent | FixedRule | NamedStrategy | External;

export function decidePrice(strategy: PriceStrategy, turn: PriceTurn): PriceMove {
  switch (strategy.kind) {
    case "time-dependent":
      return decideByTime(strategy, turn);
    case "fixed-rule":
      return decideByRule(strategy, turn);
    case "named":
      return decideByName(strategy, turn);
    case "external":
      return WAIT;
  }
}

/** Throws `BadStrategy` with the field where a strategy makes no sense for the role. */
export function checkStrategy(strategy: PriceStrategy, role: Role): void {
  switch (strategy.kind) {
    case "time-dependent":
      checkTimeDependent(strategy, role);
      break;
    case "fixed-rule":
      checkRule(strategy, role);
      break;
    case "named":
      checkNamed(strategy, role);
      break;
    case "external":
      break;
  }
}

export function strategyToJson(strategy: PriceStrategy): JsonObject {
  // Canonical JSON has whole numbers alone: amounts and shares go as text.
  return Object.fromEntries(Object.entries(strategy).map(([field, value]) => [field, String(value)]));
}

export function strategyFromJson(reader: JsonReader): PriceStrategy {
  const strategy = readKind(reader);
  reader.end();
  return strategy;
}

function readKind(reader: JsonReader): PriceStrategy {
  const kind = reader.oneOf("kind", ["time-dependent", "fixed-rule", "named", "external"]);
  const limit = reader.amount("limit");
  const number = (field: string) => readNumber(reader.text(field), field);
  switch (kind) {
    case "time-dependent":
      return { kind, from: reader.amount("from"), limit, pace: number("pace") };
    case "fixed-rule": {
      const shares = { discount: number("discount"), step: number("step"), shrink: number("shrink") };
      return { kind, list: reader.amount("list"), limit, counters: number("counters"), ...shares };
    }
    case "named":
      return { kind, name: reader.text("name", MAX_NAME), from: reader.amount("from"), limit };
    case "external":
      return { kind, limit };
  }
}

/** Room for a name with all that can be set. */
const MAX_NAME = 256;

function readNumber(text: string, field: string): number {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) throw bad(field, `'${text}' is not a number, as ${field} is`);
  return number;
}
