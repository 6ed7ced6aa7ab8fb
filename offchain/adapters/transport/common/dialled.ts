import type { Channel, ChannelListener } from "../../../ports/transport.ts";
import { retryDelay } from "./backoff.ts";
import type { Connection, ConnectionOwner } from "./connection.ts";
import type { Settings } from "./options.ts";
import { guard } from "./trouble.ts";

/** After so many the wait is the longest. */
const MANY_ATTEMPTS = 30;

/** Begins to connect. What it returns is open once its owner is told. */
export type Dial = (owner: ConnectionOwner) => Connection;

/**
 * A channel that we open, and open again whenever its connection is lost, until it is closed. It keeps the process
 * alive that long, connected or not.
 */
export class DialledChannel implements Channel {
  readonly peer: string;
  readonly #settings: Settings;
  readonly #listener: ChannelListener;
  readonly #dial: Dial;
  #state: State;
  /** Attempts since a connection last proved good. */
  #attempt = 0;
  #isDropped = false;

  constructor(peer: string, settings: Settings, listener: ChannelListener, dial: Dial) {
    this.peer = peer;
    this.#settings = settings;
    this.#listener = listener;
    this.#dial = dial;
    this.#state = { name: "connected", connection: this.#connect() };
  }

  send(frame: Uint8Array): void {
    if (this.#state.name === "connected") this.#state.connection.send(frame);
  }

  /** It is made anew after the longest wait: whoever it leads to may do better then. */
  drop(): void {
    if (this.#state.name !== "connected") return;
    this.#isDropped = true;
    this.#state.connection.terminate();
  }

  close(): void {
    const state = this.#state;
    this.#state = { name: "closed" };
    if (state.name === "connected") state.connection.close();
    if (state.name !== "waiting") return;
    clearTimeout(state.timer);
    queueMicrotask(() => this.#tellOfClose());
  }

  #connect(): Connection {
    const connection: Connection = this.#dial({
      onOpen: () => this.#tell(connection, () => this.#listener.onOpen?.(this)),
      onFrame: (frame) => this.#tell(connection, () => this.#listener.onFrame(frame, this)),
      onEnd: () => this.#onEnd(connection),
    });
    return connection;
  }

  /** A listener's defect ends its connection, not the process: a peer may have found a way to provoke it. */
  #tell(connection: Connection, call: () => void): void {
    if (this.#state.name === "closed") return;
    if (!guard(this.#settings, this.peer, call)) connection.terminate();
  }

  #onEnd({ hasHeard }: Connection): void {
    if (this.#state.name === "closed") {
      this.#tellOfClose();
      return;
    }
    // A connection that ended without a word from the peer is no better than none: it must not be tried at full speed.
    if (hasHeard) this.#attempt = 0;
    if (this.#isDropped) this.#attempt = MANY_ATTEMPTS;
    this.#isDropped = false;
    const { firstRetryMs, lastRetryMs } = this.#settings;
    const delay = retryDelay(this.#attempt++, firstRetryMs, lastRetryMs, Math.random());
    const timer = setTimeout(() => {
      this.#state = { name: "connected", connection: this.#connect() };
    }, delay);
    this.#state = { name: "waiting", timer };
  }

  #tellOfClose(): void {
    guard(this.#settings, this.peer, () => this.#listener.onClose?.(this));
  }
}

type State =
  /** There is a connection, or one is being made. */
  | { readonly name: "connected"; readonly connection: Connection }
  /** Until the next attempt. */
  | { readonly name: "waiting"; readonly timer: NodeJS.Timeout }
  | { readonly name: "closed" };
