import type { Channel, ChannelListener, Listening, Transport } from "../../../ports/transport.ts";
import { DialledChannel } from "../common/dialled.ts";
import { parseConnectAddress } from "./address.ts";
import { dial } from "./dial.ts";
import { type WebSocketOptions, type WebSocketSettings, webSocketSettingsOf } from "./options.ts";
import { listen } from "./server.ts";

/** Frames as binary WebSocket messages, across organisations: `ws://host:port`, or `wss://` with TLS. */
export class WebSocketTransport implements Transport {
  readonly #settings: WebSocketSettings;

  constructor(options: WebSocketOptions = {}) {
    this.#settings = webSocketSettingsOf(options);
  }

  listen(address: string, listener: ChannelListener): Promise<Listening> {
    return listen(address, this.#settings, listener);
  }

  /** Throws `BadEndpoint` where `address` is none; that nobody answers there is no error, but may change. */
  connect(address: string, listener: ChannelListener): Channel {
    const url = parseConnectAddress(address);
    return new DialledChannel(url.href, this.#settings, listener, (owner) => dial(url, this.#settings, owner));
  }
}
