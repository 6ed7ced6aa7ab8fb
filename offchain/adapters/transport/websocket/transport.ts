import type { Channel, ChannelListener, Listening, Transport } from "../../../ports/transport.ts";
import { parseConnectAddress } from "./address.ts";
import { DialledChannel } from "./dialled.ts";
import { type Settings, settingsOf, type WebSocketOptions } from "./options.ts";
import { listen } from "./server.ts";

/** Frames as binary WebSocket messages, across organisations: `ws://host:port`, or `wss://` to what sits behind TLS. */
export class WebSocketTransport implements Transport {
  readonly #settings: Settings;

  constructor(options: WebSocketOptions = {}) {
    this.#settings = settingsOf(options);
  }

  listen(address: string, listener: ChannelListener): Promise<Listening> {
    return listen(address, this.#settings, listener);
  }

  /** Throws `BadEndpoint` where `address` is none; that nobody answers there is no error, but may change. */
  connect(address: string, listener: ChannelListener): Channel {
    return new DialledChannel(parseConnectAddress(address), this.#settings, listener);
  }
}
