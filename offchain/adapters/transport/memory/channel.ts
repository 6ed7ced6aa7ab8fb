import type { Channel, ChannelListener } from "../../../ports/transport.ts";
import type { Link } from "./link.ts";

/** What is above this ends a connection, as it does on real transports. */
const MAX_FRAME_BYTES = 1 << 20;

/** What a channel asks of the hub. */
export interface ChannelOwner {
  /** The channel is not wanted any more. */
  closed(): void;
  /** Its connection must go, whether wanted or not. */
  broken(): void;
}

/** Either end of a connection. That of the side that connects outlives it, and is given another. */
export class MemoryChannel implements Channel {
  readonly peer: string;
  readonly #listener: ChannelListener;
  #owner: ChannelOwner | null = null;
  #link: Link | null = null;
  #isClosed = false;

  constructor(peer: string, listener: ChannelListener) {
    this.peer = peer;
    this.#listener = listener;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isOpen(): boolean {
    return this.#link !== null;
  }

  send(frame: Uint8Array): void {
    if (this.#link === null) return;
    if (frame.length > MAX_FRAME_BYTES) this.#owner?.broken();
    else this.#link.send(frame);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#owner?.closed();
    this.#link = null;
    queueMicrotask(() => this.#listener.onClose?.(this));
  }

  drop(): void {
    this.#owner?.broken();
  }

  /** Is connected from now on. */
  attach(link: Link, owner: ChannelOwner): void {
    this.#link = link;
    this.#owner = owner;
  }

  open(): void {
    if (this.isOpen) this.#listener.onOpen?.(this);
  }

  /** Is not connected any more, but may be again. */
  detach(): void {
    this.#link = null;
    this.#owner = null;
  }

  receive(frame: Uint8Array): void {
    if (!this.#isClosed) this.#listener.onFrame(frame, this);
  }
}
