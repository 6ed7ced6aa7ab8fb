import type { WebSocket } from "ws";
import type { Channel, ChannelListener } from "../../../ports/transport.ts";
import { Connection } from "./connection.ts";
import type { Settings } from "./options.ts";

/** A channel that a peer opened. It lasts as long as its connection; a peer that comes back gets another. */
export class AcceptedChannel implements Channel {
  readonly peer: string;
  readonly #connection: Connection;

  /** `onEnd` is called when the channel is closed, after the listener was told. */
  constructor(peer: string, socket: WebSocket, settings: Settings, listener: ChannelListener, onEnd: () => void) {
    this.peer = peer;
    const owner = {
      peer,
      onOpen: () => listener.onOpen?.(this),
      onFrame: (frame: Uint8Array) => listener.onFrame(frame, this),
      onEnd: () => {
        try {
          listener.onClose?.(this);
        } finally {
          onEnd();
        }
      },
    };
    this.#connection = new Connection(socket, settings, owner, settings.idleMs);
  }

  /** Tells the listener of the channel, which is open from the beginning. */
  opened(): void {
    this.#connection.opened();
  }

  send(frame: Uint8Array): void {
    this.#connection.send(frame);
  }

  close(): void {
    this.#connection.close();
  }
}
