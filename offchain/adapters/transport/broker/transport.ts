import type { Channel, ChannelListener, Listening, Transport } from "../../../ports/transport.ts";
import { DialledChannel } from "../common/dialled.ts";
import { type BrokerForm, parseBrokerAddress } from "./address.ts";
import type { OpenBroker } from "./client.ts";
import { DialledLine } from "./dialled-line.ts";
import { Door } from "./door.ts";
import { type BrokerOptions, type BrokerSettings, brokerSettingsOf } from "./options.ts";

/**
 * Channels between two who both connect to a broker, and need to reach nothing else. Who listens has a name there. What
 * passes is encrypted from end to end, so the broker and its other users see who speaks and how much, but not what.
 */
export class BrokerTransport implements Transport {
  readonly #form: BrokerForm;
  readonly #settings: BrokerSettings;
  readonly #open: OpenBroker;

  constructor(form: BrokerForm, options: BrokerOptions, open: OpenBroker) {
    this.#form = form;
    this.#settings = brokerSettingsOf(options);
    this.#open = open;
  }

  async listen(address: string, listener: ChannelListener): Promise<Listening> {
    const door = new Door(parseBrokerAddress(address, this.#form), this.#settings, listener, this.#open);
    await door.open();
    return door;
  }

  /** Throws `BadEndpoint` where `address` is none; that nobody answers there is no error, but may change. */
  connect(address: string, listener: ChannelListener): Channel {
    const parsed = parseBrokerAddress(address, this.#form);
    return new DialledChannel(parsed.href, this.#settings, listener, (owner) => {
      return new DialledLine(parsed, this.#settings, owner, this.#open);
    });
  }
}
