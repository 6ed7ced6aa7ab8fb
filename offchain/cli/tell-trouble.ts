import type { ParleyError } from "../kernel/errors.ts";
import { warn } from "./warn.ts";

/** Tells whoever waits for a transaction what is in its way; the same once. */
export function tellTrouble(): (error: ParleyError) => void {
  let last = "";
  return ({ message, code }) => {
    const line = `  ${message} [${code}]; it is tried again`;
    if (line !== last) warn(line);
    last = line;
  };
}
