import type { Connection, ConnectionOwner } from "../common/connection.ts";
import { deriveSecrets, makeHalf, Seal } from "../common/seal.ts";
import { connectionFailed } from "../common/trouble.ts";
import { type BrokerAddress, doorTopic, inboxTopic, type Topic } from "./address.ts";
import type { BrokerClient, OpenBroker } from "./client.ts";
import { decodeAccept, encodeHello, makeInbox, STRANGERS } from "./handshake.ts";
import { leave } from "./leave.ts";
import { greeting, Line } from "./line.ts";
import type { BrokerSettings } from "./options.ts";

/** A line that we ask for: over a connection to the broker of its own, so that none waits behind another. */
export class DialledLine implements Connection {
  readonly #address: BrokerAddress;
  readonly #settings: BrokerSettings;
  readonly #owner: ConnectionOwner;
  readonly #inbox = makeInbox();
  readonly #half = makeHalf();
  readonly #hello: Uint8Array;
  readonly #late: NodeJS.Timeout;
  #client: BrokerClient | null = null;
  #line: Line | null = null;
  #isOver = false;

  constructor(address: BrokerAddress, settings: BrokerSettings, owner: ConnectionOwner, open: OpenBroker) {
    this.#address = address;
    this.#settings = settings;
    this.#owner = owner;
    this.#hello = encodeHello(this.#inbox, this.#half.publicKey);
    const { handshakeMs } = settings;
    this.#late = setTimeout(() => this.#fail(new Error(`nobody answered within ${handshakeMs} ms`)), handshakeMs);
    this.#begin(open).catch((cause) => this.#fail(cause));
  }

  get hasHeard(): boolean {
    return this.#line?.hasHeard ?? false;
  }

  send(frame: Uint8Array): void {
    this.#line?.send(frame);
  }

  close(): void {
    if (this.#line) this.#line.close();
    else queueMicrotask(() => this.#finish());
  }

  terminate(): void {
    if (this.#line) this.#line.terminate();
    else queueMicrotask(() => this.#finish());
  }

  async #begin(open: OpenBroker): Promise<void> {
    const client = await open(this.#address, this.#settings, {
      onMessage: (_part, payload) => this.#onMessage(payload),
      onEnd: (cause) => {
        if (this.#line) this.#line.lost(cause);
        else this.#fail(cause);
      },
    });
    if (this.#isOver) {
      client.terminate();
      return;
    }
    this.#client = client;
    await client.subscribe(inboxTopic(this.#inbox));
    const isThere = await client.reach(doorTopic(this.#address, STRANGERS), this.#hello);
    if (!isThere) throw new Error("nobody listens there");
  }

  #onMessage(payload: Uint8Array): void {
    if (this.#isOver || this.#client === null) return;
    if (this.#line) this.#line.receive(payload);
    else this.#onAnswer(payload, this.#client);
  }

  /** The first answer whose seal is good counts. Whoever gives it has the secret of the key in it. */
  #onAnswer(payload: Uint8Array, client: BrokerClient): void {
    const accept = decodeAccept(payload);
    if (accept === null) return;
    const secrets = deriveSecrets(this.#half, accept.publicKey, [this.#hello, accept.said], "parley broker channel");
    if (secrets === null) return;
    const seal = new Seal(secrets.toListener, secrets.toDialler);
    if (seal.open(accept.sealed) === null) return;
    clearTimeout(this.#late);
    const topic = doorTopic(this.#address, secrets.channel);
    const owner = { ...this.#owner, onEnd: () => this.#finish() };
    client.publish(topic, greeting(seal));
    const line = new Line(seal, this.#wire(client, topic), this.#address.href, this.#settings, owner, null);
    this.#line = line;
    line.receive(accept.sealed);
  }

  #wire(client: BrokerClient, topic: Topic) {
    return {
      publish: (payload: Uint8Array) => client.publish(topic, payload),
      leave: () => leave(client),
    };
  }

  #fail(cause: unknown): void {
    if (!this.#isOver) this.#settings.report(connectionFailed(this.#address.href, cause));
    this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#late);
    this.#client?.terminate();
    this.#owner.onEnd();
  }
}
