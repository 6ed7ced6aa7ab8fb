import { type ParseArgsConfig, parseArgs } from "node:util";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Runs a command. `--help` prints how it is used; a wrong use says what is wrong and ends with code 2, any other error with 1. */
export async function runCommand<T extends Options>(
  help: string,
  options: T,
  run: (
    values: ReturnType<typeof parseArgs<{ options: T }>>["values"],
    names: readonly string[],
  ) => Promise<void> | void,
): Promise<void> {
  if (process.argv.includes("--help")) {
    console.log(help.trim());
    return;
  }
  try {
    // What is named besides the options is for those commands only that ask for it.
    const { values, positionals } = parseArgs({ options, allowPositionals: run.length > 1 });
    await run(values, positionals);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const misused = error instanceof UsageError || (error instanceof TypeError && "code" in error);
    console.error(misused ? `${message}\n\n${help.trim()}` : message);
    process.exitCode = misused ? 2 : 1;
  }
}

/** The command was called in a way that it can't mean. */
export class UsageError extends Error {}

/** A whole number above zero from the command line. */
export function positive(option: string, text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new UsageError(`${option} takes a whole number above zero, not ${text}`);
  return Number(text);
}
