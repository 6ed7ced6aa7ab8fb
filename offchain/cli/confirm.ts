import { createInterface } from "node:readline/promises";
import { ParleyError } from "../kernel/errors.ts";
import { warn } from "./warn.ts";

/**
 * Shows what is about to be done, and asks at a terminal whether it is meant. Elsewhere nobody can be asked, and whoever wrote the command
 * has said so by writing it. Throws `NotConfirmed` where the answer is no.
 */
export async function confirm(lines: readonly string[], isYes: boolean): Promise<void> {
  for (const line of lines) warn(line);
  if (isYes || process.stdin.isTTY !== true || process.stderr.isTTY !== true) return;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asking.question("Do it? [y/N] ");
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    asking.close();
  }
  throw new ParleyError("NotConfirmed", "nothing was sent", { hint: "run it again, and answer y (or give --yes)" });
}
