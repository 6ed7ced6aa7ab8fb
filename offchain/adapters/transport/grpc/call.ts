import type { ClientDuplexStream, ServerDuplexStream } from "@grpc/grpc-js";
import type { Connection, ConnectionOwner } from "../common/connection.ts";
import type { LinkSeal } from "../common/link-seal.ts";
import { CLOSE_MS, type Settings } from "../common/options.ts";
import { connectionFailed } from "../common/trouble.ts";
import type { Frame } from "./frame.ts";

export type FrameStream = ClientDuplexStream<Frame, Frame> | ServerDuplexStream<Frame, Frame>;

/** One call, as either end has it: frames, back-pressure, and ways out. gRPC itself sends the heartbeats. */
export class Call implements Connection {
  readonly #stream: FrameStream;
  readonly #abort: () => void;
  readonly #peer: string;
  readonly #settings: Settings;
  readonly #owner: ConnectionOwner;
  #state: "opening" | "open" | "closing" | "ended" = "opening";
  #seal: LinkSeal | null = null;
  #hasHeard = false;
  /** Bytes that gRPC has taken and not yet written to the network. */
  #bufferedBytes = 0;
  #idle: NodeJS.Timeout | null = null;
  #deadline: NodeJS.Timeout | null = null;

  /** `abort` is to end the call without waiting for anybody; `ended` is to be called then as at any other end. */
  constructor(stream: FrameStream, abort: () => void, peer: string, settings: Settings, owner: ConnectionOwner) {
    this.#stream = stream;
    this.#abort = abort;
    this.#peer = peer;
    this.#settings = settings;
    this.#owner = owner;
    stream.on("data", (frame: Frame) => this.#onFrame(frame));
  }

  get hasHeard(): boolean {
    return this.#hasHeard;
  }

  /** Both sides know of the call now. Without a frame for `idleMs` it is closed; null lets it be. */
  opened(idleMs: number | null): void {
    if (this.#state !== "opening") return;
    this.#state = "open";
    this.#hasHeard = true;
    if (idleMs !== null) this.#idle = setTimeout(() => this.close(), idleMs).unref();
  }

  /** Encrypts what passes from now on; before anything did. */
  useSeal(seal: LinkSeal): void {
    this.#seal = seal;
  }

  send(frame: Uint8Array): void {
    if (this.#state !== "open") return;
    this.#bufferedBytes += frame.length;
    this.#stream.write({ content: this.#seal?.close(frame) ?? frame }, () => {
      this.#bufferedBytes -= frame.length;
    });
    if (this.#bufferedBytes > this.#settings.maxBufferedBytes) this.fail(new Error("its peer does not read"));
  }

  close(): void {
    if (this.#state === "opening") this.terminate();
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#stream.end();
    this.#deadline = setTimeout(this.#abort, CLOSE_MS);
  }

  terminate(): void {
    if (this.#state === "ended") return;
    this.#state = "closing";
    this.#abort();
  }

  /** Reports why, unless the call was about to end anyway, and drops it. */
  fail(cause: Error): void {
    this.failed(cause);
    this.terminate();
  }

  /** Reports why, unless the call was about to end anyway. */
  failed(cause: Error): void {
    if (this.#state === "opening" || this.#state === "open") this.#settings.report(connectionFailed(this.#peer, cause));
  }

  /** There is nothing left of the call. */
  ended(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    for (const timer of [this.#idle, this.#deadline]) if (timer !== null) clearTimeout(timer);
    this.#owner.onEnd();
  }

  #onFrame({ content }: Frame): void {
    // After our own close the peer may still have something to say, but nobody is left to hear it.
    if (this.#state !== "open") return;
    this.#idle?.refresh();
    const frame = this.#seal === null ? content : this.#seal.open(content);
    if (frame === null) this.fail(new Error("what came was not sealed by its peer"));
    else this.#owner.onFrame(frame);
  }
}
