import { visible } from "../kernel/visible.ts";

/**
 * Something as one line of JSON; big numbers are decimal strings in it. What a terminal would obey is written by its number, which JSON
 * leaves to its writer for much of it: whoever reads it as JSON gets the same text, and whoever looks at it sees what is there.
 */
export function jsonOf(value: unknown): string {
  return visible(JSON.stringify(value, (_name, part: unknown) => (typeof part === "bigint" ? part.toString() : part)));
}
