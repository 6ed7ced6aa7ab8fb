import { WebSocket } from "ws";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { Settings } from "./options.ts";

/** Close codes of RFC 6455. */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;

const BINARY = { binary: true, compress: false } as const;

/** What a connection tells the channel that it belongs to. */
export interface ConnectionOwner {
  readonly peer: string;
  onOpen(): void;
  onFrame(frame: Uint8Array): void;
  /** Once, when there is nothing left of the connection. */
  onEnd(): void;
}

/** One WebSocket of either end: binary frames, a heartbeat, and limits on what a peer can make us keep. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #settings: Settings;
  readonly #owner: ConnectionOwner;
  readonly #heart: NodeJS.Timeout;
  /** Beats that may pass without a frame; null where any number may. */
  readonly #patience: number | null;
  #isAlive = true;
  #quietBeats = 0;
  #hasHeard = false;
  #isClosing = false;

  constructor(socket: WebSocket, settings: Settings, owner: ConnectionOwner, idleMs: number | null) {
    this.#socket = socket;
    this.#settings = settings;
    this.#owner = owner;
    this.#patience = idleMs === null ? null : Math.ceil(idleMs / settings.heartbeatMs);
    this.#heart = setInterval(() => this.#beat(), settings.heartbeatMs).unref();
    socket.on("open", () => this.#shield(() => owner.onOpen()));
    socket.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on("ping", () => this.#hear());
    socket.on("pong", () => this.#hear());
    socket.on("error", (error) => this.#onError(error));
    socket.on("close", () => this.#onClose());
  }

  /** True once the peer has been heard: so the other end is one that talks to us, and not a door that slams. */
  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  /** Sends a frame, which must not be changed any more, if the connection is open. */
  send(frame: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(frame, BINARY);
    if (this.#socket.bufferedAmount > this.#settings.maxBufferedBytes) this.#fail("its peer does not read");
  }

  /** Says goodbye after all that was sent. */
  close(): void {
    this.#isClosing = true;
    this.#socket.close(NORMAL);
  }

  /** Call this for a socket that has been open from the beginning, and so will not say that it is. */
  opened(): void {
    this.#shield(() => this.#owner.onOpen());
  }

  #onMessage(data: WebSocket.RawData, isBinary: boolean): void {
    // After our own close the peer may still have something to say, but nobody is left to hear it.
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (!isBinary || !(data instanceof Buffer)) {
      this.#socket.close(UNSUPPORTED_DATA, "binary frames only");
      return;
    }
    this.#hear();
    this.#quietBeats = 0;
    // A plain view: methods such as `slice` mean something else on a Node buffer.
    this.#shield(() => this.#owner.onFrame(new Uint8Array(data.buffer, data.byteOffset, data.length)));
  }

  #hear(): void {
    this.#isAlive = true;
    this.#hasHeard = true;
  }

  #beat(): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (!this.#isAlive) {
      this.#fail("its peer gives no sign of life");
    } else if (this.#patience !== null && this.#quietBeats++ >= this.#patience) {
      this.#socket.close(GOING_AWAY, "no frame for too long");
    } else {
      this.#isAlive = false;
      this.#socket.ping();
    }
  }

  /** The close always follows. What goes wrong after we have said goodbye is nobody's concern. */
  #onError(error: Error): void {
    if (!this.#isClosing) this.#settings.report(connectionFailed(this.#owner.peer, error));
  }

  #onClose(): void {
    clearInterval(this.#heart);
    this.#shield(() => this.#owner.onEnd());
  }

  #fail(reason: string): void {
    this.#settings.report(connectionFailed(this.#owner.peer, new Error(reason)));
    this.#socket.terminate();
  }

  /** A listener's defect ends this connection, not the process: a peer may have found a way to provoke it. */
  #shield(call: () => void): void {
    if (!guard(this.#settings, this.#owner.peer, call)) this.#socket.terminate();
  }
}

/** Calls a listener; reports what it throws, and returns false then. */
export function guard({ report }: Settings, peer: string, call: () => void): boolean {
  try {
    call();
    return true;
  } catch (cause) {
    const says = `what listens to ${peer} failed: ${messageOf(cause)}`;
    report(new ParleyError("ListenerFailed", says, { facts: { peer }, cause }));
    return false;
  }
}

function connectionFailed(peer: string, cause: Error): ParleyError<"ConnectionFailed"> {
  return new ParleyError("ConnectionFailed", `the connection to ${peer} failed: ${messageOf(cause)}`, {
    hint: "nothing, if it comes back; else see whether the peer runs and can be reached",
    retryable: true,
    facts: { peer },
    cause,
  });
}
