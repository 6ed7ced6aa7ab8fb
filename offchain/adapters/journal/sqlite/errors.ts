import { messageOf, ParleyError } from "../../../kernel/errors.ts";

/** SQLite's primary result codes that have a name of their own here (https://sqlite.org/rescode.html). */
const RESULT = {
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
} as const;

/** Whatever SQLite or the file system threw over the journal at `path`, as an error of Parley. */
export function journalError(path: string, cause: unknown): ParleyError {
  if (cause instanceof ParleyError) return cause;
  const named = byResult(path, resultOf(cause)) ?? byErrno(path, errnoOf(cause));
  const { code, says, hint, retryable } = named ?? {
    code: "JournalFailed",
    says: `the journal ${path} failed: ${messageOf(cause)}`,
    hint: "look for faults of the disk, then start again; what was acknowledged is kept",
    retryable: false,
  };
  return new ParleyError(code, says, { hint, retryable: retryable ?? false, facts: { path }, cause });
}

/** True where the journal's state is in doubt: nothing may be appended to it before it is opened again. */
export function isFatal(error: ParleyError): boolean {
  return error.code === "JournalFailed" || error.code === "JournalCorrupt";
}

export function conflict(stream: string, index: number): ParleyError<"JournalConflict"> {
  return new ParleyError("JournalConflict", `stream ${stream} does not hold exactly ${index} records`, {
    hint: "somebody else writes this stream too: stop one of the two",
    facts: { stream, index },
  });
}

export function corrupt(path: string, cause?: unknown): ParleyError<"JournalCorrupt"> {
  const { code, says, hint } = corruption(path);
  return new ParleyError(code, says, { hint, facts: { path }, cause });
}

interface Naming {
  readonly code: string;
  readonly says: string;
  readonly hint: string;
  readonly retryable?: boolean;
}

function byResult(path: string, result: number | undefined): Naming | undefined {
  switch (result) {
    case RESULT.BUSY:
    case RESULT.LOCKED:
      return {
        code: "JournalLocked",
        says: `the journal ${path} is in use by another process`,
        hint: "stop the other agent, or give this one a journal of its own",
        retryable: true,
      };
    case RESULT.READONLY:
      return readOnly(path);
    case RESULT.CORRUPT:
    case RESULT.NOTADB:
      return corruption(path);
    case RESULT.FULL:
      return {
        code: "JournalFull",
        says: `there is no room left for the journal ${path}`,
        hint: "free space on its disk, or raise maxBytes; it goes on by itself, what stood still meanwhile at the next start",
        retryable: true,
      };
    case RESULT.CANTOPEN:
      return unavailable(path);
    default:
      return undefined;
  }
}

function byErrno(path: string, errno: string | undefined): Naming | undefined {
  switch (errno) {
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return readOnly(path);
    case "ENOENT":
    case "ENOTDIR":
    case "EISDIR":
      return unavailable(path);
    default:
      return undefined;
  }
}

function corruption(path: string): Naming & { readonly code: "JournalCorrupt" } {
  return {
    code: "JournalCorrupt",
    says: `the journal ${path} is damaged, or no journal at all`,
    hint: "keep the file, and finish its deals from the peers' transcripts; start over with a new path",
  };
}

function readOnly(path: string): Naming {
  return {
    code: "JournalReadOnly",
    says: `the journal ${path} can't be written`,
    hint: "make the file and its directory writable for the agent's user",
  };
}

function unavailable(path: string): Naming {
  return {
    code: "JournalUnavailable",
    says: `the journal ${path} can't be opened`,
    hint: "create its directory, and check that the path names a file",
  };
}

/** The primary result code is the low byte of the extended one. */
function resultOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error && "errcode" in thrown && typeof thrown.errcode === "number")) return undefined;
  return thrown.errcode & 0xff;
}

function errnoOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : undefined;
}
