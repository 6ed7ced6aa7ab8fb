import { type ParseArgsConfig, parseArgs } from "node:util";
import { messageOf } from "../kernel/errors.ts";
import { usageError } from "./command.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** Reads a command's flags; whatever is unknown, out of place or said twice is a usage error that names it. */
export function parseFlags<const O extends Options>(command: string, args: readonly string[], options: O) {
  const { values, tokens } = parsed(command, args, options);
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option" || token.value === undefined || options[token.name]?.multiple) continue;
    if (seen.has(token.name)) throw usageError(`--${token.name} is given twice, and takes one`, command);
    seen.add(token.name);
  }
  return values;
}

function parsed<const O extends Options>(command: string, args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: false, strict: true, tokens: true });
  } catch (thrown) {
    const ambiguous = /^Option '(--[^']+)' argument is ambiguous/.exec(messageOf(thrown))?.[1];
    if (ambiguous === undefined) throw usageError(messageOf(thrown), command);
    throw usageError(`${ambiguous} needs a value; one that begins with '-' is written ${ambiguous}=VALUE`, command);
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

/** Reads the decimals that people say a token has; null where they leave that to the token. */
export function readDecimals(command: string, text: string | undefined): number | null {
  return text === undefined ? null : wholeNumber(command, "decimals", text, 0, 36);
}
