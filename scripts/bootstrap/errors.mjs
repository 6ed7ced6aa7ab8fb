/**
 * What can go wrong while the machine is made ready, and the exit code of each case.
 *
 * The numbers follow `sysexits.h`, so that they never meet the small codes (1, 2, ...) that the started program uses itself. Where the
 * `parley` command takes a number from there too, it means the same (69: what must be reached can't be; 74: the port is taken, which
 * can't happen here), or it isn't used here (78).
 */
export const ExitCode = Object.freeze({
  /** The command line of bootstrap itself is wrong. */
  USAGE: 64,
  /** package-lock.json and package.json disagree, or a package is damaged or missing in the registry. */
  BAD_LOCK: 65,
  /** The npm registry can't be reached. */
  NO_REGISTRY: 69,
  /** A step failed in a way that has no better number; its own output was printed above. */
  STEP_FAILED: 70,
  /** No Node binary, or no native part of Hardhat, exists for this operating system and processor. */
  UNSUPPORTED_PLATFORM: 71,
  /** The disk (or the quota) is full. */
  DISK_FULL: 73,
  /** Only raised by the `parley` command: the port it should listen on is in use. */
  PORT_TAKEN: 74,
  /** Another set-up of this tree runs for too long. */
  BUSY: 75,
  /** The registry or the file system refuses access. */
  NO_ACCESS: 77,
  /** The Solidity contracts don't compile. */
  CONTRACTS_BROKEN: 79,
});

/** A failure that is understood: one line that says what happened and what to do, and the exit code that belongs to it. */
export class SetupError extends Error {
  /**
   * @param {keyof typeof ExitCode} kind
   * @param {string} message one line
   */
  constructor(kind, message) {
    super(message);
    this.name = "SetupError";
    this.kind = kind;
    this.exitCode = ExitCode[kind];
  }
}

/**
 * The signs by which the output of npm (or of Hardhat) is recognised, in order of precedence: a full disk makes many other errors.
 * @type {ReadonlyArray<{ kind: keyof typeof ExitCode, sign: RegExp, says: string }>}
 */
const CASES = [
  {
    kind: "DISK_FULL",
    sign: /\b(ENOSPC|EDQUOT)\b/,
    says: "the disk is full; free some space (about 1 GB is needed) and run it again",
  },
  {
    kind: "NO_ACCESS",
    sign: /\b(E401|E403|ENEEDAUTH|E407)\b/,
    says: "the npm registry refuses access; log in or mend the registry settings (npm config get registry)",
  },
  {
    kind: "NO_REGISTRY",
    sign: /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|FETCH_ERROR|E50\d)\b/,
    says: "the npm registry can't be reached; check the network, the proxy and `npm config get registry`, then run it again",
  },
  {
    kind: "NO_REGISTRY",
    sign: /\b(CERT_\w+|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY)\w+)\b/,
    says: "the npm registry's certificate isn't trusted; name your authority with NODE_EXTRA_CA_CERTS or `npm config set cafile`",
  },
  {
    kind: "UNSUPPORTED_PLATFORM",
    sign: /\bEBADPLATFORM\b/,
    says: "a needed package doesn't exist for this platform; use Linux, macOS or Windows on x64 or arm64",
  },
  {
    kind: "BAD_LOCK",
    sign: /\b(EUSAGE|ENOLOCK)\b/,
    says: "package-lock.json doesn't match package.json; run `npm install` and commit both",
  },
  {
    kind: "BAD_LOCK",
    sign: /\bEINTEGRITY\b/,
    says: "a package differs from the pinned hash; run `npm cache clean --force` and try again, and be suspicious if it persists",
  },
  {
    kind: "BAD_LOCK",
    sign: /\b(E404|ETARGET)\b/,
    says: "the registry doesn't have a pinned package; check that the mirror is complete (npm config get registry)",
  },
  {
    kind: "NO_ACCESS",
    sign: /\b(EACCES|EPERM|EROFS)\b/,
    says: "files can't be written here; check who owns this folder and the npm cache",
  },
];

/**
 * Turns the output of a failed step into one understood failure.
 * @param {string} step what was being done, e.g. "installing packages"
 * @param {string} output everything that the failed program printed
 * @returns {SetupError}
 */
export function explain(step, output) {
  const log = /complete log of this run can be found in:\s*(\S+)/.exec(output)?.[1];
  const where = log === undefined ? "" : ` (log: ${log})`;
  const found = CASES.find(({ sign }) => sign.test(output));
  if (found === undefined) return new SetupError("STEP_FAILED", `${step} failed: ${lastLine(output)}${where}`);
  return new SetupError(found.kind, `${step} failed: ${found.says}${where}`);
}

/**
 * Understands an error of the file system or of our own, too.
 * @param {string} step
 * @param {unknown} error
 * @returns {SetupError}
 */
export function explainError(step, error) {
  if (error instanceof SetupError) return error;
  if (!(error instanceof Error)) return explain(step, String(error));
  const code = "code" in error ? String(error.code) : "";
  return explain(step, `${error.message} ${code}`.trim());
}

/** @param {string} output */
function lastLine(output) {
  const lines = output.split("\n").map((line) => line.replace(/^npm (error|ERR!)\s*/, "").trim());
  const telling = lines.filter((line) => line !== "" && !line.startsWith("A complete log of this run"));
  return telling.at(-1) ?? "it printed nothing";
}
