import type { ParleyError } from "../../../kernel/errors.ts";

export interface WebSocketOptions {
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

export type Settings = Required<WebSocketOptions>;

const DEFAULTS: Settings = {
  heartbeatMs: 15_000,
  idleMs: 600_000,
  handshakeMs: 10_000,
  maxConnections: 1_024,
  // Enough for whatever hundreds of negotiations on one connection say at once after a resume.
  maxBufferedBytes: 16 << 20,
  firstRetryMs: 50,
  lastRetryMs: 10_000,
  report: (error) => {
    if (!error.retryable) process.emitWarning(error);
  },
};

export function settingsOf(options: WebSocketOptions): Settings {
  return { ...DEFAULTS, ...options };
}

/**
 * Sixteen of the protocol's largest messages. What is above the protocol's limit and below this reaches the listener,
 * who refuses it by name; what is above this ends the connection.
 */
const MAX_FRAME_BYTES = 1 << 20;

/** For how long a peer may put off its part of a close. */
const CLOSE_MS = 1_000;

/** What both ends ask of `ws`. Compression costs more time than it saves on signed hashes, and memory besides. */
export const SOCKET_OPTIONS = {
  perMessageDeflate: false,
  maxPayload: MAX_FRAME_BYTES,
  closeTimeout: CLOSE_MS,
} as const;
