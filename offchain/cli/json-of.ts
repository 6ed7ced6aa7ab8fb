/** Something as one line of JSON; big numbers are decimal strings in it. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === "bigint" ? part.toString() : part));
}
