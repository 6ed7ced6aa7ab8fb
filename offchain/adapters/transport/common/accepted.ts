import type { Channel, ChannelListener } from "../../../ports/transport.ts";
import type { Connection, ConnectionOwner } from "./connection.ts";
import type { Settings } from "./options.ts";
import { guard } from "./trouble.ts";

/** Who opened a channel: a name for logs, and where it comes from. */
export interface Guest {
  readonly peer: string;
  readonly origin: string;
}

/** A channel that a peer opened. It lasts as long as its connection; a peer that comes back gets another. */
export class AcceptedChannel<Kind extends Connection = Connection> implements Channel {
  readonly peer: string;
  readonly origin: string;
  readonly connection: Kind;
  readonly #settings: Settings;
  readonly #listener: ChannelListener;
  #isClosed = false;

  /** `onEnd` is called when the channel is closed, after the listener was told. */
  constructor(
    { peer, origin }: Guest,
    settings: Settings,
    listener: ChannelListener,
    connect: (owner: ConnectionOwner) => Kind,
    onEnd: () => void,
  ) {
    this.peer = peer;
    this.origin = origin;
    this.#settings = settings;
    this.#listener = listener;
    this.connection = connect({
      onOpen: () => this.opened(),
      onFrame: (frame) => {
        if (!this.#isClosed) this.#shield(() => listener.onFrame(frame, this));
      },
      onEnd: () => {
        this.#isClosed = true;
        guard(settings, peer, () => listener.onClose?.(this));
        onEnd();
      },
    });
  }

  /** Tells the listener of the channel. Call this where the connection is open from the beginning, and won't say so. */
  opened(): void {
    this.#shield(() => this.#listener.onOpen?.(this));
  }

  send(frame: Uint8Array): void {
    if (!this.#isClosed) this.connection.send(frame);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.connection.close();
  }

  drop(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.connection.terminate();
  }

  /** A listener's defect ends its connection, not the process: a peer may have found a way to provoke it. */
  #shield(call: () => void): void {
    if (!guard(this.#settings, this.peer, call)) this.connection.terminate();
  }
}
