import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  allOfDoor,
  type BrokerForm,
  doorTopic,
  inboxTopic,
  parseBrokerAddress,
} from "../../../../../offchain/adapters/transport/broker/address.ts";

const FORM: BrokerForm = {
  what: "a name at a broker",
  plain: { protocol: "mqtt:", port: 1883 },
  secure: { protocol: "mqtts:", port: 8883 },
};

describe("an address behind a broker", () => {
  it("has a host, a port, a name, and TLS or not", () => {
    assert.deepEqual(parseBrokerAddress("mqtt://127.0.0.1/agent.7", FORM), {
      host: "127.0.0.1",
      port: 1883,
      isSecure: false,
      name: ["agent", "7"],
      href: "mqtt://127.0.0.1:1883/agent.7",
    });
    const secure = parseBrokerAddress("mqtts://[::1]:99/seller", FORM);
    assert.deepEqual([secure.host, secure.port, secure.isSecure], ["::1", 99, true]);
    assert.equal(secure.href, "mqtts://[::1]:99/seller");
    assert.equal(parseBrokerAddress("mqtts://host/a", FORM).port, 8883);
  });

  const bad = [
    ["no name", "mqtt://host/"],
    ["a name that is a pattern", "mqtt://host/agent.*"],
    ["a name that is a pattern of another kind", "mqtt://host/agent.+"],
    ["a name that is everything", "mqtt://host/>"],
    ["a name in several levels", "mqtt://host/agent/7"],
    ["a name with an empty part", "mqtt://host/agent..7"],
    ["a name with a space", "mqtt://host/agent 7"],
    ["a name without end", `mqtt://host/${"a".repeat(129)}`],
    ["a port that is none", "mqtt://host:0/a"],
    ["a question", "mqtt://host/a?b=c"],
    ["another scheme", "nats://host/a"],
  ] as const;
  for (const [what, address] of bad) {
    it(`has not ${what}`, () => {
      assert.throws(() => parseBrokerAddress(address, FORM), { name: "ParleyError", code: "BadEndpoint" });
    });
  }

  it("leads to topics that no other name leads to, nor any inbox", () => {
    const part = fc.stringMatching(/^[A-Za-z0-9_-]{1,5}$/);
    const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
    const topicsOf = (text: string, leaf: string) => {
      const address = parseBrokerAddress(`mqtt://host/${text}`, FORM);
      return { all: allOfDoor(address), topic: doorTopic(address, leaf) };
    };
    fc.assert(
      fc.property(name, name, part, (one, other, leaf) => {
        const { all } = topicsOf(one, leaf);
        const matches = (topic: readonly string[]) =>
          topic.length === all.length && topic.slice(0, -1).every((each, at) => each === all[at]);
        assert.equal(matches(topicsOf(other, leaf).topic), one === other);
        assert.equal(matches(inboxTopic(leaf)), false);
      }),
    );
  });
});
