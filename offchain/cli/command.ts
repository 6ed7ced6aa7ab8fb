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
  /** The command ran, but something failed, or what it was to show did not hold. */
  failed: 1,
  usage: 2,
  /** A file that was named can't be read. */
  noInput: 66,
  unreachable: 69,
  portTaken: 74,
  config: 78,
} as const;

/** What ended a command, by its exit code; whatever isn't here is 1. */
const CODES: ReadonlyMap<number, readonly string[]> = new Map([
  [EXIT.usage, ["Usage", "BadStrategy", "BadProtocol"]],
  [EXIT.noInput, ["FileUnreadable"]],
  [EXIT.unreachable, ["ChainUnreachable"]],
  [EXIT.portTaken, ["AddressInUse"]],
  [
    EXIT.config,
    [
      ...["BadConfig", "BadEndpoint", "WrongChain", "NoContract", "UnverifiedContract", "NoWallet", "WrongKeys"],
      ...["OtherDeployment", "AgentUnknown", "ArtifactUnavailable", "AddressForbidden", "AddressUnavailable"],
      ...["WitnessFailed", "JournalUnavailable", "JournalReadOnly"],
      ...["KeysUnreadable", "KeysPlain", "KeysVersion", "KeysDamaged", "KeysExposed", "KeysExist", "KeysUnwritable"],
      ...["PassphraseMissing", "PassphraseWeak", "WrongPassphrase"],
    ],
  ],
]);

/** The exit code for an error that ended a command. */
export function exitCodeOf(thrown: unknown): number {
  if (!(thrown instanceof ParleyError)) return EXIT.failed;
  for (const [exit, codes] of CODES) if (codes.includes(thrown.code)) return exit;
  return EXIT.failed;
}

export function usageError(message: string, command: string): ParleyError<"Usage"> {
  return new ParleyError("Usage", message, { hint: `see: parley ${command} --help` });
}

/** For a command that does one of several things, and was told none of them. */
export function actionError(
  name: string | undefined,
  actions: readonly string[],
  command: string,
): ParleyError<"Usage"> {
  const choice = `one of ${actions.join(", ")}`;
  const isNone = name === undefined || name.startsWith("-");
  return usageError(isNone ? `${choice} is missing` : `there is no '${name}': it is ${choice}`, command);
}
