import { WebSocket } from "ws";
import type { Connection, ConnectionOwner } from "../common/connection.ts";
import { Heart } from "../common/heart.ts";
import type { LinkSeal } from "../common/link-seal.ts";
import type { Settings } from "../common/options.ts";
import { connectionFailed } from "../common/trouble.ts";

/** Close codes of RFC 6455. */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;

const BINARY = { binary: true, compress: false } as const;

/** One WebSocket of either end: binary frames, a heartbeat, and limits on what a peer can make us keep. */
export class SocketConnection implements Connection {
  readonly #socket: WebSocket;
  readonly #peer: string;
  readonly #settings: Settings;
  readonly #owner: ConnectionOwner;
  readonly #heart: Heart;
  #seal: LinkSeal | null;
  #hasHeard = false;
  #isClosing = false;

  constructor(
    socket: WebSocket,
    peer: string,
    settings: Settings,
    owner: ConnectionOwner,
    idleMs: number | null,
    seal: LinkSeal | null,
  ) {
    this.#socket = socket;
    this.#seal = seal;
    this.#peer = peer;
    this.#settings = settings;
    this.#owner = owner;
    this.#heart = new Heart(settings.heartbeatMs, idleMs, {
      ping: () => {
        if (socket.readyState === WebSocket.OPEN) socket.ping();
      },
      onDead: () => {
        if (socket.readyState === WebSocket.OPEN) this.fail("its peer gives no sign of life");
      },
      onIdle: () => socket.close(GOING_AWAY, "no frame for too long"),
    });
    socket.on("open", () => {
      // It was asked for no sign of life as long as it couldn't give any.
      this.#heart.hear();
      owner.onOpen();
    });
    socket.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on("ping", () => this.#hear());
    socket.on("pong", () => this.#hear());
    socket.on("error", (error) => this.#onError(error));
    socket.on("close", () => this.#onClose());
  }

  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  /** Encrypts what passes from now on; before anything did. */
  useSeal(seal: LinkSeal): void {
    this.#seal = seal;
  }

  /** Reports why, and drops it. */
  fail(reason: string): void {
    this.#settings.report(connectionFailed(this.#peer, new Error(reason)));
    this.#socket.terminate();
  }

  send(frame: Uint8Array): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(this.#seal?.close(frame) ?? frame, BINARY);
    if (this.#socket.bufferedAmount > this.#settings.maxBufferedBytes) this.fail("its peer does not read");
  }

  close(): void {
    this.#isClosing = true;
    this.#socket.close(NORMAL);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #onMessage(data: WebSocket.RawData, isBinary: boolean): void {
    // After our own close the peer may still have something to say, but nobody is left to hear it.
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (!isBinary || !(data instanceof Buffer)) {
      this.#socket.close(UNSUPPORTED_DATA, "binary frames only");
      return;
    }
    this.#hear();
    this.#heart.hearFrame();
    // A plain view: methods such as `slice` mean something else on a Node buffer.
    const payload = new Uint8Array(data.buffer, data.byteOffset, data.length);
    const frame = this.#seal === null ? payload : this.#seal.open(payload);
    if (frame === null) this.fail("what came was not sealed by its peer");
    else this.#owner.onFrame(frame);
  }

  #hear(): void {
    this.#heart.hear();
    this.#hasHeard = true;
  }

  /** The close always follows. What goes wrong after we have said goodbye is nobody's concern. */
  #onError(error: Error): void {
    if (!this.#isClosing) this.#settings.report(connectionFailed(this.#peer, error));
    // Whoever sent what is no frame, or one that is too large, may have megabytes of it under way: they aren't waited for.
    setImmediate(() => this.#socket.terminate());
  }

  #onClose(): void {
    this.#heart.stop();
    this.#owner.onEnd();
  }
}
