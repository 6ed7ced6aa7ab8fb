import type { BrokerForm } from "../broker/address.ts";
import type { BrokerOptions } from "../broker/options.ts";
import { BrokerTransport } from "../broker/transport.ts";

const FORM: BrokerForm = {
  what: "a name at an AMQP broker",
  plain: { protocol: "amqp:", port: 5672 },
  secure: { protocol: "amqps:", port: 5671 },
};

export interface AmqpOptions extends BrokerOptions {
  /** Both sides must be in the same one. */
  readonly virtualHost?: string;
}

/**
 * Frames by way of an AMQP 0-9-1 broker such as RabbitMQ: `amqp://host:port/name`, or `amqps://`. The client is loaded when
 * it is first used.
 */
export class AmqpTransport extends BrokerTransport {
  constructor({ virtualHost = "/", ...options }: AmqpOptions = {}) {
    super(FORM, options, async (address, settings, listener) => {
      const { openAmqp } = await import("./client.ts");
      return openAmqp(address, { ...settings, virtualHost }, listener);
    });
  }
}
