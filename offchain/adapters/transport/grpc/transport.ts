import type { Channel, ChannelListener, Listening, Transport } from "../../../ports/transport.ts";
import { DialledChannel } from "../common/dialled.ts";
import { PendingConnection } from "../common/pending.ts";
import { formatAddress, parseConnectAddress, parseListenAddress } from "./address.ts";
import { checkListening, type GrpcOptions, type GrpcSettings, grpcSettingsOf } from "./options.ts";

/**
 * Frames as messages of one bidirectional call (`frames.proto`), inside an organisation: `grpc://host:port`, or
 * `grpcs://` with TLS. gRPC is loaded when it is first used.
 */
export class GrpcTransport implements Transport {
  readonly #settings: GrpcSettings;

  constructor(options: GrpcOptions = {}) {
    this.#settings = grpcSettingsOf(options);
  }

  async listen(address: string, listener: ChannelListener): Promise<Listening> {
    const place = parseListenAddress(address);
    checkListening(place, this.#settings.tls);
    const { listen } = await import("./server.ts");
    return listen(place, this.#settings, listener);
  }

  /** Throws `BadEndpoint` where `address` is none; that nobody answers there is no error, but may change. */
  connect(address: string, listener: ChannelListener): Channel {
    const place = parseConnectAddress(address);
    const peer = formatAddress(place);
    const settings = this.#settings;
    return new DialledChannel(peer, settings, listener, (owner) => {
      return new PendingConnection(peer, settings, owner, async () => {
        const { call } = await import("./client.ts");
        return call(place, settings, owner);
      });
    });
  }
}
