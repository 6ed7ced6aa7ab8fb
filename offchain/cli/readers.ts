import { EXIT } from "./command.ts";
import { warn } from "./warn.ts";

/**
 * Ends the program when nobody reads what it prints any more, as after `| head`: that is no failure. Any other fault of the output is one
 * (a full disk), and is told in a line.
 */
export function endWithReaders(): void {
  process.stderr.on("error", () => process.exit(EXIT.failed));
  process.stdout.on("error", (fault: NodeJS.ErrnoException) => {
    if (fault.code === "EPIPE") process.exit(EXIT.ok);
    warn(`parley: the output can't be written: ${fault.message}`);
    process.exit(EXIT.failed);
  });
}
