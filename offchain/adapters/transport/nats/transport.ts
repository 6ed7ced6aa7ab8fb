import type { BrokerForm } from "../broker/address.ts";
import type { BrokerOptions } from "../broker/options.ts";
import { BrokerTransport } from "../broker/transport.ts";

const FORM: BrokerForm = {
  what: "a name at a NATS server",
  plain: { protocol: "nats:", port: 4222 },
  secure: { protocol: "nats+tls:", port: 4222 },
};

/**
 * Frames by way of a NATS server: `nats://host:port/name`, or `nats+tls://`. The client is loaded when it is first used.
 */
export class NatsTransport extends BrokerTransport {
  constructor(options: BrokerOptions = {}) {
    super(FORM, options, async (address, settings, listener) => {
      const { openNats } = await import("./client.ts");
      return openNats(address, settings, listener);
    });
  }
}
