import type { AgentId } from "../kernel/ids.ts";

/** A connection to one peer that carries whole frames, in order, for as long as it lasts. */
export interface Channel {
  /** Names the peer in logs. */
  readonly peer: string;
  /** Which agent the peer showed to be when it connected; null or absent where nobody asked. Only what is signed binds. */
  readonly agent?: AgentId | null;
  /** What stays the same when the same stranger connects again: the host, or the door behind a broker. Absent where nobody knows. */
  readonly origin?: string;
  /** Sends a frame, or drops it if the channel is closed: the resume exchange makes up for what is lost. */
  send(frame: Uint8Array): void;
  /** Says goodbye after all that was sent. */
  close(): void;
  /**
   * Ends its connection without a goodbye, and reads nothing that is under way: for who has lost the right to be heard. One that we dialled
   * is made anew, but not soon.
   */
  drop(): void;
}

/** What a channel's owner hears of it. */
export interface ChannelListener {
  onFrame(frame: Uint8Array, channel: Channel): void;
  /** Also called each time a dropped connection is back, so that both sides can resume. */
  onOpen?(channel: Channel): void;
  onClose?(channel: Channel): void;
}

export interface Listening {
  /** The address that peers connect to. */
  readonly address: string;
  close(): Promise<void>;
}

export interface Transport {
  /** Accepts channels until closed. Rejects with `AddressInUse` where the address is taken. */
  listen(address: string, listener: ChannelListener): Promise<Listening>;
  /** A channel that connects again by itself until it is closed. */
  connect(address: string, listener: ChannelListener): Channel;
}
