import { type ParseArgsConfig, parseArgs } from "node:util";
import { messageOf } from "../kernel/errors.ts";
import { usageError } from "./command.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Reads a command's flags; whatever is unknown or out of place is a usage error that names it. */
export function parseFlags<const O extends Options>(command: string, args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false, strict: true }).values;
  } catch (thrown) {
    throw usageError(messageOf(thrown), command);
  }
}

/** Reads a flag that is a whole number. */
export function wholeNumber(command: string, flag: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < least || value > most) {
    throw usageError(`--${flag} takes a whole number from ${least} to ${most}, not '${text}'`, command);
  }
  return value;
}
