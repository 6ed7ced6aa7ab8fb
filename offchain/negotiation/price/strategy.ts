import { ParleyError } from "../../kernel/errors.ts";
import type { JsonObject } from "../../terms/canonical-json.ts";
import type { JsonReader } from "../../terms/json-reader.ts";
import type { PriceMove, PriceTurn } from "./move.ts";
import { checkTimeDependent, decideByTime, type TimeDependent } from "./time-dependent.ts";

/** A strategy as data, so that it can be journalled and a negotiation resumed with the one it began with. */
export type PriceStrategy = TimeDependent;

export function decidePrice(strategy: PriceStrategy, turn: PriceTurn): PriceMove {
  return decideByTime(strategy, turn);
}

/** Throws `BadStrategy` with the field where a strategy makes no sense for the role. */
export function checkStrategy(strategy: PriceStrategy, role: PriceTurn["role"]): void {
  checkTimeDependent(strategy, role);
}

export function strategyToJson({ kind, from, limit, pace }: PriceStrategy): JsonObject {
  return { kind, from: from.toString(), limit: limit.toString(), pace: String(pace) };
}

export function strategyFromJson(reader: JsonReader): PriceStrategy {
  const strategy: PriceStrategy = {
    kind: reader.oneOf("kind", ["time-dependent"]),
    from: reader.amount("from"),
    limit: reader.amount("limit"),
    pace: readPace(reader.text("pace")),
  };
  reader.end();
  return strategy;
}

/** A pace is a ratio, the one number here that is not an integer; canonical JSON carries it as text. */
function readPace(text: string): number {
  const pace = Number(text);
  if (text.trim() === "" || !Number.isFinite(pace)) {
    throw new ParleyError("BadStrategy", `'${text}' is not a pace: a number above 0`, { facts: { field: "pace" } });
  }
  return pace;
}
