/** Part of a file, both ends included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * What a `Range` header asks for of so many bytes: null is all of it, as for headers that aren't understood (RFC 9110, 14.2);
 * "unsatisfiable" begins behind the end. Several ranges at once are one too many to be worth it.
 */
export function readRange(header: string | undefined, bytes: number): Span | "unsatisfiable" | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (match === null || (first === "" && last === "")) return null;
  if (first === "") {
    const suffix = Number(last);
    return suffix === 0 || bytes === 0 ? "unsatisfiable" : { from: Math.max(0, bytes - suffix), to: bytes - 1 };
  }
  const from = Number(first);
  if (last !== "" && Number(last) < from) return null;
  return from >= bytes ? "unsatisfiable" : { from, to: last === "" ? bytes - 1 : Math.min(Number(last), bytes - 1) };
}
