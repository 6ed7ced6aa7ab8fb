import type { Channel, ChannelListener, Listening, Transport } from "../../../ports/transport.ts";
import { MemoryHub } from "./hub.ts";

/** Frames between agents of one process. Transports reach each other if they have the same hub; any text is an address. */
export class MemoryTransport implements Transport {
  readonly #hub: MemoryHub;
  readonly #name: string;

  /** `name` is what peers see, and what partitions go by. */
  constructor(hub: MemoryHub = new MemoryHub(), name = "memory") {
    this.#hub = hub;
    this.#name = name;
  }

  async listen(address: string, listener: ChannelListener): Promise<Listening> {
    return this.#hub.listen(this.#name, address, listener);
  }

  connect(address: string, listener: ChannelListener): Channel {
    return this.#hub.connect(this.#name, address, listener);
  }
}
