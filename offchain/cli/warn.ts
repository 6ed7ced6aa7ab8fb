import { visible } from "../kernel/visible.ts";

/** No line is longer: whoever made a document could fill the screen with it. */
const LONGEST = 4_000;

/** A line for whoever sits at the terminal, beside the output. It may tell of what came from outside. */
export function warn(line: string): void {
  process.stderr.write(`${visible(line.slice(0, LONGEST))}\n`);
}
