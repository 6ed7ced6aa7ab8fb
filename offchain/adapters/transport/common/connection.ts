/** One connection of either end, as a channel sees it. Nothing is told of while one of these is being called. */
export interface Connection {
  /** True once the peer has been heard: so the other end is one that talks to us, and not a door that slams. */
  readonly hasHeard: boolean;
  /** Sends a frame, which must not be changed any more, if the connection is open. */
  send(frame: Uint8Array): void;
  /** Says goodbye after all that was sent. */
  close(): void;
  /** Drops it, with whatever is under way. */
  terminate(): void;
}

/** What a connection tells the channel that it belongs to. */
export interface ConnectionOwner {
  onOpen(): void;
  onFrame(frame: Uint8Array): void;
  /** Once, when there is nothing left of the connection. */
  onEnd(): void;
}
