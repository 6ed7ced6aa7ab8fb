import { ParleyError } from "../kernel/errors.ts";
import type { Address } from "../kernel/ids.ts";
import type { Amount } from "../kernel/money.ts";

/** What is counted in which units, each as so many of the smallest. */
const DIMENSIONS = {
  count: { each: 1n, dozen: 12n, thousand: 1_000n, million: 1_000_000n },
  time: { second: 1n, minute: 60n, hour: 3_600n, day: 86_400n },
  data: {
    byte: 1n,
    kilobyte: 10n ** 3n,
    megabyte: 10n ** 6n,
    gigabyte: 10n ** 9n,
    terabyte: 10n ** 12n,
    kibibyte: 2n ** 10n,
    mebibyte: 2n ** 20n,
    gibibyte: 2n ** 30n,
    tebibyte: 2n ** 40n,
  },
  "cpu time": { "cpu-second": 1n, "cpu-minute": 60n, "cpu-hour": 3_600n },
  "gpu time": { "gpu-second": 1n, "gpu-minute": 60n, "gpu-hour": 3_600n },
  "storage time": { "gigabyte-hour": 1n, "gigabyte-day": 24n, "terabyte-hour": 1_000n, "terabyte-day": 24_000n },
  calls: { call: 1n, "thousand-calls": 1_000n, "million-calls": 1_000_000n },
  tokens: { token: 1n, "thousand-tokens": 1_000n, "million-tokens": 1_000_000n },
  energy: { "watt-hour": 1n, "kilowatt-hour": 10n ** 3n, "megawatt-hour": 10n ** 6n },
  mass: { gram: 1n, kilogram: 1_000n, tonne: 1_000_000n },
  volume: { millilitre: 1n, litre: 1_000n, "cubic-metre": 1_000_000n },
  length: { millimetre: 1n, metre: 1_000n, kilometre: 1_000_000n },
  share: { "basis-point": 1n, percent: 100n },
} as const;

export type Dimension = keyof typeof DIMENSIONS;

export type Unit = { [Each in Dimension]: keyof (typeof DIMENSIONS)[Each] }[Dimension];

/** What may be sold under each category, by what it is counted in. */
export const CATEGORIES = {
  compute: ["cpu time", "gpu time", "storage time", "data"],
  inference: ["tokens", "calls"],
  data: ["data", "count"],
  api: ["calls", "data"],
  service: ["time", "count"],
  energy: ["energy"],
  goods: ["count", "mass", "volume", "length"],
} as const satisfies Record<string, readonly Dimension[]>;

export type Category = keyof typeof CATEGORIES;

/** So much of something. */
export interface Quantity {
  /** Decimal digits, with up to nine behind a point. */
  readonly amount: string;
  readonly unit: Unit;
}

const KNOWN = new Map<string, { readonly dimension: Dimension; readonly size: bigint }>(
  Object.entries(DIMENSIONS).flatMap(([dimension, units]) =>
    Object.entries(units).map(([unit, size]): [string, { dimension: Dimension; size: bigint }] => [
      unit,
      { dimension: dimension as Dimension, size },
    ]),
  ),
);

export const UNITS = [...KNOWN.keys()] as readonly Unit[];

/** Digits that are kept behind the point. */
const PLACES = 9;

const AMOUNT = /^(0|[1-9][0-9]{0,17})(\.[0-9]{0,8}[1-9])?$/;

/** Whether a text is a quantity's amount, written the one way in which it can be. */
export function isDecimal(text: unknown): text is string {
  return typeof text === "string" && AMOUNT.test(text);
}

export function dimensionOf(unit: Unit): Dimension {
  return known(unit).dimension;
}

/** Below 0 where the first is less, above where it is more. Throws `UnlikeUnits` for what can't be compared. */
export function compareQuantities(one: Quantity, other: Quantity): number {
  requireLike(one.unit, other.unit);
  return sign(inSmallest(one) - inSmallest(other));
}

/** A price for so much of something. */
export interface PricedQuantity {
  readonly price: Amount;
  readonly token: Address;
  readonly quantity: Quantity;
}

/** Compares what two cost by the unit, exactly. Throws `UnlikeUnits` where they are counted in, or paid for by, different things. */
export function compareUnitPrices(one: PricedQuantity, other: PricedQuantity): number {
  requireLike(one.quantity.unit, other.quantity.unit);
  if (one.token.toLowerCase() !== other.token.toLowerCase()) {
    throw new ParleyError("UnlikeUnits", `prices in ${one.token} and in ${other.token} can't be compared`);
  }
  const [amount, otherAmount] = [inSmallest(one.quantity), inSmallest(other.quantity)];
  if (amount === 0n || otherAmount === 0n) throw new ParleyError("UnlikeUnits", "nothing has no price by the unit");
  return sign(one.price * otherAmount - other.price * amount);
}

function requireLike(unit: Unit, other: Unit): void {
  const [dimension, otherDimension] = [dimensionOf(unit), dimensionOf(other)];
  if (dimension === otherDimension) return;
  throw new ParleyError(
    "UnlikeUnits",
    `${unit} is a unit of ${dimension} and ${other} one of ${otherDimension}: they can't be compared`,
  );
}

/** In billionths of the smallest unit. */
function inSmallest({ amount, unit }: Quantity): bigint {
  if (!isDecimal(amount)) throw new ParleyError("BadQuantity", `'${String(amount).slice(0, 60)}' is no decimal number`);
  const [whole = "", fraction = ""] = amount.split(".");
  return BigInt(whole + fraction.padEnd(PLACES, "0")) * known(unit).size;
}

function known(unit: string): { readonly dimension: Dimension; readonly size: bigint } {
  const found = KNOWN.get(unit);
  if (found !== undefined) return found;
  throw new ParleyError("UnknownUnit", `'${unit.slice(0, 60)}' is no unit that is known here`, {
    hint: `write one of ${UNITS.join(", ")}`,
  });
}

function sign(value: bigint): number {
  return value < 0n ? -1 : value > 0n ? 1 : 0;
}
