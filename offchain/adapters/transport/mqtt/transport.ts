import type { BrokerForm } from "../broker/address.ts";
import type { BrokerOptions } from "../broker/options.ts";
import { BrokerTransport } from "../broker/transport.ts";

const FORM: BrokerForm = {
  what: "a name at an MQTT broker",
  plain: { protocol: "mqtt:", port: 1883 },
  secure: { protocol: "mqtts:", port: 8883 },
};

/**
 * Frames by way of an MQTT 5 broker: `mqtt://host:port/name`, or `mqtts://`. The client is loaded when it is first used.
 */
export class MqttTransport extends BrokerTransport {
  constructor(options: BrokerOptions = {}) {
    super(FORM, options, async (address, settings, listener) => {
      const { openMqtt } = await import("./client.ts");
      return openMqtt(address, settings, listener);
    });
  }
}
