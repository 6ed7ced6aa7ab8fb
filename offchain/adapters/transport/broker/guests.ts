import type { ChannelListener } from "../../../ports/transport.ts";
import { AcceptedChannel } from "../common/accepted.ts";
import type { ConnectionOwner } from "../common/connection.ts";
import { deriveSecrets, makeHalf, Seal } from "../common/seal.ts";
import { type BrokerAddress, inboxTopic } from "./address.ts";
import type { BrokerClient } from "./client.ts";
import { beginAccept, encodeHello } from "./handshake.ts";
import { greeting, Line } from "./line.ts";
import type { BrokerSettings } from "./options.ts";

/** Whoever has a channel at a door, or is about to. */
export class Guests {
  readonly #address: BrokerAddress;
  readonly #settings: BrokerSettings;
  readonly #listener: ChannelListener;
  /** One key for all, since each answer makes the secrets different. */
  readonly #half = makeHalf();
  /** By the part of the topic at which they are heard, eldest first. */
  readonly #welcomed = new Map<string, Welcomed>();
  readonly #seated = new Map<string, AcceptedChannel<Line>>();
  #onEmpty: () => void = () => undefined;

  constructor(address: BrokerAddress, settings: BrokerSettings, listener: ChannelListener) {
    this.#address = address;
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Answers a stranger. The listener hears nothing of it before the stranger has shown that it got the answer. */
  welcome(inbox: string, publicKey: Uint8Array, client: BrokerClient): void {
    if (!this.#hasRoom()) return;
    const said = beginAccept(this.#half.publicKey);
    const secrets = deriveSecrets(
      this.#half,
      publicKey,
      [encodeHello(inbox, publicKey), said],
      "parley broker channel",
    );
    if (secrets === null) return;
    const topic = inboxTopic(inbox);
    const publish = (payload: Uint8Array) => client.publish(topic, payload);
    const seal = new Seal(secrets.toDialler, secrets.toListener);
    const patience = setTimeout(() => this.#welcomed.delete(secrets.channel), this.#settings.handshakeMs).unref();
    this.#welcomed.set(secrets.channel, { inbox, seal, publish, patience });
    // The first thing sealed shows that the secrets are the same; the line counts on from there.
    publish(Buffer.concat([said, greeting(seal)]));
  }

  /** Something was published to a channel. */
  receive(channel: string, payload: Uint8Array): void {
    const seated = this.#seated.get(channel);
    const welcomed = this.#welcomed.get(channel);
    if (seated) seated.connection.receive(payload);
    else if (welcomed && welcomed.seal.open(payload) !== null) this.#seat(channel, welcomed).receive(payload);
  }

  /** There is no broker any more. */
  lost(cause: unknown): void {
    this.#forgetWelcomed();
    for (const { connection } of this.#seated.values()) connection.lost(cause);
  }

  /** Says goodbye to all, and resolves when everything is said. */
  async leave(): Promise<void> {
    this.#forgetWelcomed();
    for (const channel of this.#seated.values()) channel.close();
    if (this.#seated.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  /** Whoever was welcomed first and has not come in since makes room for others. */
  #hasRoom(): boolean {
    if (this.#seated.size + this.#welcomed.size < this.#settings.maxConnections) return true;
    const [eldest] = this.#welcomed.keys();
    if (eldest === undefined) return false;
    this.#forget(eldest);
    return true;
  }

  #seat(channel: string, { inbox, seal, publish }: Welcomed): Line {
    this.#forget(channel);
    const peer = `${inbox} at ${this.#address.href}`;
    const wire = { publish, leave: async () => undefined };
    const connect = (owner: ConnectionOwner) => {
      return new Line(seal, wire, peer, this.#settings, owner, this.#settings.idleMs);
    };
    const accepted = new AcceptedChannel(
      { peer, origin: this.#address.href },
      this.#settings,
      this.#listener,
      connect,
      () => this.#leaves(channel),
    );
    this.#seated.set(channel, accepted);
    return accepted.connection;
  }

  #leaves(channel: string): void {
    this.#seated.delete(channel);
    if (this.#seated.size === 0) this.#onEmpty();
  }

  #forget(channel: string): void {
    clearTimeout(this.#welcomed.get(channel)?.patience);
    this.#welcomed.delete(channel);
  }

  #forgetWelcomed(): void {
    for (const channel of this.#welcomed.keys()) this.#forget(channel);
  }
}

interface Welcomed {
  readonly inbox: string;
  readonly seal: Seal;
  readonly publish: (payload: Uint8Array) => void;
  readonly patience: NodeJS.Timeout;
}
