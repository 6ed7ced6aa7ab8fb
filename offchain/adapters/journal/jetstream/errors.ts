import { JetStreamApiError, JetStreamError } from "@nats-io/jetstream";
import {
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  NoRespondersError,
  RequestError,
  TimeoutError,
} from "@nats-io/transport-node";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";

/** JetStream's own error numbers that have a name here. */
const API = {
  noResources: 10_023,
  tooLarge: 10_054,
  notFound: 10_059,
  storeFailed: 10_077,
  storageExceeded: 10_047,
} as const;

const UNREACHABLE = [
  ClosedConnectionError,
  ConnectionError,
  DrainingConnectionError,
  NoRespondersError,
  RequestError,
  TimeoutError,
];

/** Whatever NATS's client threw over the journal of that name, as an error of Parley. */
export function journalError(journal: string, cause: unknown): ParleyError {
  if (cause instanceof ParleyError) return cause;
  switch (cause instanceof JetStreamApiError ? cause.code : undefined) {
    case API.noResources:
    case API.storageExceeded:
    case API.storeFailed:
      return full(journal, cause);
    case API.tooLarge:
      return tooLarge(journal, cause);
    case API.notFound:
      return missing(journal, cause);
    default:
      return isUnreachable(cause) ? unavailable(journal, cause) : failed(journal, cause);
  }
}

export function unavailable(journal: string, cause?: unknown): ParleyError<"JournalUnavailable"> {
  return new ParleyError("JournalUnavailable", `the servers of the journal ${journal} don't answer`, {
    hint: "see that a majority of them runs and can be reached; then the same call, repeated, has its effect once",
    retryable: true,
    facts: { journal },
    cause,
  });
}

function full(journal: string, cause: unknown): ParleyError<"JournalFull"> {
  return new ParleyError("JournalFull", `there is no room left for the journal ${journal}: ${messageOf(cause)}`, {
    hint: "free space on the servers' disks, or raise the limits of the account or the stream; it goes on by itself",
    retryable: true,
    facts: { journal },
    cause,
  });
}

function failed(journal: string, cause: unknown): ParleyError<"JournalFailed"> {
  return new ParleyError("JournalFailed", `the journal ${journal} failed: ${messageOf(cause)}`, {
    hint: "look into the logs of the NATS servers; what was acknowledged is kept",
    facts: { journal },
    cause,
  });
}

export function tooLarge(journal: string, cause?: unknown): ParleyError<"RecordTooLarge"> {
  return new ParleyError("RecordTooLarge", `a record is too large for the servers of the journal ${journal}`, {
    hint: "raise max_payload in their configuration, on all of them alike",
    facts: { journal },
    cause,
  });
}

function missing(journal: string, cause?: unknown): ParleyError<"JournalMissing"> {
  return new ParleyError("JournalMissing", `the servers hold no stream for the journal ${journal}`, {
    hint: "somebody removed it: restore it from a backup, and start the agent again",
    facts: { journal },
    cause,
  });
}

export function misconfigured(journal: string, what: string): ParleyError<"JournalMisconfigured"> {
  return new ParleyError("JournalMisconfigured", `the stream of the journal ${journal} exists, but ${what}`, {
    hint: "change the stream with NATS's tools, or give the journal another name",
    facts: { journal },
  });
}

export function conflict(stream: string, index: number): ParleyError<"JournalConflict"> {
  return new ParleyError("JournalConflict", `stream ${stream} does not hold exactly ${index} records`, {
    hint: "somebody else writes this stream too: stop one of the two",
    facts: { stream, index },
  });
}

export function leaseLost(stream: string, fence: number, token: number): ParleyError<"LeaseLost"> {
  return new ParleyError("LeaseLost", `stream ${stream} was fenced with token ${fence}, which is not ours`, {
    hint: "leave it to its new owner, or acquire the lease on it again and read it anew (if the bucket of leases was made anew, its tokens are too small: restore it)",
    facts: { stream, fence, token },
  });
}

export function corrupt(journal: string, where: string): ParleyError<"JournalCorrupt"> {
  return new ParleyError("JournalCorrupt", `the journal ${journal} holds what no journal writes: ${where}`, {
    hint: "let nothing else publish to its subjects, and no limit or tool remove messages; finish this negotiation from the peer's transcript",
    facts: { journal },
  });
}

function isUnreachable(cause: unknown): boolean {
  if (UNREACHABLE.some((type) => cause instanceof type)) return true;
  // During an election nobody answers for the stream.
  if (cause instanceof JetStreamApiError) return cause.status === 503;
  if (!(cause instanceof JetStreamError && "code" in cause)) return isNotEnabled(cause);
  return cause.code === 503 || cause.code === 408;
}

/** What the client makes of it that nobody answers a publication; it doesn't hand this class out. */
function isNotEnabled(cause: unknown): boolean {
  return cause instanceof Error && cause.name === "JetStreamNotEnabled";
}
