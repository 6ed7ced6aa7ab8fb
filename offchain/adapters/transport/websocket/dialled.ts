import { WebSocket } from "ws";
import type { Channel, ChannelListener } from "../../../ports/transport.ts";
import { retryDelay } from "./backoff.ts";
import { Connection, guard } from "./connection.ts";
import { type Settings, SOCKET_OPTIONS } from "./options.ts";

/**
 * A channel that we open, and open again whenever its connection is lost, until it is closed. It keeps the process
 * alive that long, connected or not.
 */
export class DialledChannel implements Channel {
  readonly peer: string;
  readonly #url: URL;
  readonly #settings: Settings;
  readonly #listener: ChannelListener;
  #state: State;
  /** Attempts since a connection last proved good. */
  #attempt = 0;

  constructor(url: URL, settings: Settings, listener: ChannelListener) {
    this.peer = url.href;
    this.#url = url;
    this.#settings = settings;
    this.#listener = listener;
    this.#state = { name: "connected", connection: this.#dial() };
  }

  send(frame: Uint8Array): void {
    if (this.#state.name === "connected") this.#state.connection.send(frame);
  }

  close(): void {
    const state = this.#state;
    this.#state = { name: "closed" };
    if (state.name === "connected") state.connection.close();
    if (state.name !== "waiting") return;
    clearTimeout(state.timer);
    queueMicrotask(() => guard(this.#settings, this.peer, () => this.#listener.onClose?.(this)));
  }

  #dial(): Connection {
    const options = { ...SOCKET_OPTIONS, handshakeTimeout: this.#settings.handshakeMs };
    const connection: Connection = new Connection(
      new WebSocket(this.#url, options),
      this.#settings,
      {
        peer: this.peer,
        onOpen: () => this.#listener.onOpen?.(this),
        onFrame: (frame) => this.#listener.onFrame(frame, this),
        onEnd: () => this.#onEnd(connection),
      },
      null,
    );
    return connection;
  }

  #onEnd({ hasHeard }: Connection): void {
    if (this.#state.name === "closed") {
      this.#listener.onClose?.(this);
      return;
    }
    // A connection that ended without a word from the peer is no better than none: it must not be tried at full speed.
    if (hasHeard) this.#attempt = 0;
    const { firstRetryMs, lastRetryMs } = this.#settings;
    const delay = retryDelay(this.#attempt++, firstRetryMs, lastRetryMs, Math.random());
    const timer = setTimeout(() => {
      this.#state = { name: "connected", connection: this.#dial() };
    }, delay);
    this.#state = { name: "waiting", timer };
  }
}

type State =
  /** There is a connection, or one is being made. */
  | { readonly name: "connected"; readonly connection: Connection }
  /** Until the next attempt. */
  | { readonly name: "waiting"; readonly timer: NodeJS.Timeout }
  | { readonly name: "closed" };
