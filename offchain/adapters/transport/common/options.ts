import type { ParleyError } from "../../../kernel/errors.ts";
import { MAX_MESSAGE_BYTES } from "../../../terms/message.ts";
import type { Sealing } from "./link-seal.ts";

/** What every transport over a network can be told. */
export interface TransportOptions {
  /** Milliseconds between two signs of life; a peer that gives none between two of these is taken for dead. */
  readonly heartbeatMs?: number;
  /** An accepted connection that carries no frame for about this many milliseconds is closed. */
  readonly idleMs?: number;
  /** How long connecting may take, in milliseconds. */
  readonly handshakeMs?: number;
  /** Connections that one listening address holds at a time; any more are turned away. */
  readonly maxConnections?: number;
  /** A connection with more unsent bytes than this is dropped, since its peer does not read. */
  readonly maxBufferedBytes?: number;
  /** Whether frames are encrypted between the ends where there is no TLS; behind brokers they always are. */
  readonly seal?: Sealing;
  /** The first attempt to connect again comes after about this many milliseconds; each one after waits twice as long. */
  readonly firstRetryMs?: number;
  /** The longest wait between two attempts, in milliseconds. */
  readonly lastRetryMs?: number;
  /**
   * Told what goes wrong where no call could reject: `ConnectionFailed`, which mends itself, and `ListenerFailed`,
   * which is a defect of whoever listens. Where absent, the latter become warnings of the process.
   */
  readonly report?: (error: ParleyError) => void;
}

export type Settings = Required<TransportOptions>;

const DEFAULTS: Settings = {
  heartbeatMs: 15_000,
  idleMs: 600_000,
  handshakeMs: 10_000,
  maxConnections: 1_024,
  // Enough for whatever hundreds of negotiations on one connection say at once after a resume.
  maxBufferedBytes: 16 << 20,
  seal: "offered",
  firstRetryMs: 50,
  lastRetryMs: 10_000,
  report: (error) => {
    if (!error.retryable) process.emitWarning(error);
  },
};

export function settingsOf(options: TransportOptions): Settings {
  return { ...DEFAULTS, ...options };
}

/**
 * Sixteen of the protocol's largest messages. What is above the protocol's limit and below this reaches the listener,
 * who refuses it by name; what is above this ends the connection.
 */
export const MAX_FRAME_BYTES = 16 * MAX_MESSAGE_BYTES;

/** For how many milliseconds a peer may put off its part of a close. */
export const CLOSE_MS = 1_000;
