import { ParleyError } from "./errors.ts";

/** An amount in a token's smallest unit. Never a float. */
export type Amount = bigint;

/** The largest amount that a deal can name: Solidity's uint128. */
export const MAX_AMOUNT: Amount = (1n << 128n) - 1n;

/** Reads an amount as JSON carries it: a decimal string without sign, point or leading zero. */
export function toAmount(value: unknown): Amount {
  if (typeof value !== "string" || !/^(0|[1-9][0-9]{0,38})$/.test(value) || BigInt(value) > MAX_AMOUNT) {
    throw new ParleyError("BadAmount", `'${String(value)}' is not an amount: a decimal string up to 2^128 - 1`);
  }
  return BigInt(value);
}

/** Writes an amount for people: thousands grouped, `decimals` places, no trailing zeros. */
export function formatAmount(amount: Amount, decimals: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ",");
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
  return `${amount < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Writes an amount of the chain's native coin for people. */
export function formatCoin(wei: Amount): string {
  return `${formatAmount(wei, 18)} native coin`;
}

/** Reads an amount as people write it, e.g. `12.5` with 6 decimals. */
export function parseAmount(text: string, decimals: number): Amount {
  const match = /^([0-9]{1,39})(?:\.([0-9]+))?$/.exec(text);
  const fraction = match?.[2] ?? "";
  if (!match || fraction.length > decimals) {
    throw new ParleyError("BadAmount", `'${text}' is not an amount with at most ${decimals} decimal places`);
  }
  return toAmount(BigInt(`${match[1]}${fraction.padEnd(decimals, "0")}`).toString());
}
