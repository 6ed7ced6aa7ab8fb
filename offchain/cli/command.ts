import { ParleyError } from "../kernel/errors.ts";

/** One command of `parley`. */
export interface Command {
  /** Printed for `--help`: usage, every flag, an example. */
  readonly help: string;
  /** Resolves with the exit code. */
  run(args: readonly string[]): Promise<number>;
}

/** What the exit codes mean; those above 63 follow `sysexits.h`. */
export const EXIT = {
  ok: 0,
  /** The command ran, but what it was to show did not hold. */
  failed: 1,
  usage: 2,
  /** A file that was named can't be read. */
  noInput: 66,
  unreachable: 69,
  portTaken: 74,
  config: 78,
} as const;

const CODES: Readonly<Record<string, number>> = {
  Usage: EXIT.usage,
  BadStrategy: EXIT.usage,
  BadProtocol: EXIT.usage,
  FileUnreadable: EXIT.noInput,
  ChainUnreachable: EXIT.unreachable,
  AddressInUse: EXIT.portTaken,
  BadConfig: EXIT.config,
  KeysUnreadable: EXIT.config,
  KeysPlain: EXIT.config,
  KeysVersion: EXIT.config,
  KeysDamaged: EXIT.config,
  KeysExposed: EXIT.config,
  PassphraseMissing: EXIT.config,
  PassphraseWeak: EXIT.config,
  WrongPassphrase: EXIT.config,
};

/** The exit code for an error that ended a command. */
export function exitCodeOf(thrown: unknown): number {
  return (thrown instanceof ParleyError ? CODES[thrown.code] : undefined) ?? EXIT.failed;
}

export function usageError(message: string, command: string): ParleyError<"Usage"> {
  return new ParleyError("Usage", message, { hint: `see: parley ${command} --help` });
}
