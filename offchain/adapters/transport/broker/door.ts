import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { ChannelListener, Listening } from "../../../ports/transport.ts";
import { retryDelay } from "../common/backoff.ts";
import { addressInUse, connectionFailed } from "../common/trouble.ts";
import { allOfDoor, type BrokerAddress, doorTopic, inboxTopic } from "./address.ts";
import type { BrokerClient, OpenBroker } from "./client.ts";
import { Guests } from "./guests.ts";
import { decodeKnock, encodeClaim, encodeTaken, isTaken, makeInbox, STRANGERS } from "./handshake.ts";
import { leave } from "./leave.ts";
import type { BrokerSettings } from "./options.ts";

/** Accepts channels at an address behind a broker, also when the broker was away for a while. */
export class Door implements Listening {
  readonly #address: BrokerAddress;
  readonly #settings: BrokerSettings;
  readonly #open: OpenBroker;
  readonly #guests: Guests;
  /** At which we are told that somebody listens there already. */
  readonly #inbox = makeInbox();
  #client: BrokerClient | null = null;
  #isListening = false;
  #onTaken: () => void = () => undefined;
  #retry: NodeJS.Timeout | null = null;
  #attempt = 0;
  #closed: Promise<void> | null = null;

  constructor(address: BrokerAddress, settings: BrokerSettings, listener: ChannelListener, open: OpenBroker) {
    this.#address = address;
    this.#settings = settings;
    this.#open = open;
    this.#guests = new Guests(address, settings, listener);
  }

  get address(): string {
    return this.#address.href;
  }

  /** Rejects with `AddressInUse` or `AddressUnavailable`. */
  async open(): Promise<void> {
    const lost = Promise.withResolvers<never>();
    lost.promise.catch(() => undefined);
    try {
      this.#client = await this.#open(this.#address, this.#settings, {
        onMessage: (part, payload) => this.#onMessage(part, payload),
        onEnd: (cause) => {
          lost.reject(cause);
          this.#onLost(cause);
        },
      });
      await Promise.race([this.#claim(this.#client), lost.promise]);
    } catch (thrown) {
      this.#client?.terminate();
      this.#client = null;
      throw thrown instanceof ParleyError ? thrown : this.#unavailable(thrown);
    }
    this.#isListening = true;
    this.#attempt = 0;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#guests.leave();
    if (this.#client !== null) await leave(this.#client);
  }

  async #claim(client: BrokerClient): Promise<void> {
    if (await this.#isTaken(client)) throw addressInUse(this.address, "stop them, or listen by another name");
    await client.subscribe(allOfDoor(this.#address));
  }

  /**
   * Asks whether somebody listens there. A broker knows whether nobody does; whoever has subscribed but doesn't answer is
   * dead. Two who ask within the same moment are both told no: names at a broker are no locks, journals are.
   */
  async #isTaken(client: BrokerClient): Promise<boolean> {
    const answer = Promise.withResolvers<boolean>();
    this.#onTaken = () => answer.resolve(true);
    await client.subscribe(inboxTopic(this.#inbox));
    if (!(await client.reach(doorTopic(this.#address, STRANGERS), encodeClaim(this.#inbox)))) return false;
    const timer = setTimeout(() => answer.resolve(false), this.#settings.handshakeMs);
    const isTaken = await answer.promise;
    clearTimeout(timer);
    return isTaken;
  }

  #onMessage(part: string, payload: Uint8Array): void {
    if (this.#client === null) return;
    if (part === this.#inbox) {
      if (isTaken(payload)) this.#onTaken();
    } else if (part === STRANGERS) {
      this.#onKnock(payload, this.#client);
    } else {
      this.#guests.receive(part, payload);
    }
  }

  #onKnock(payload: Uint8Array, client: BrokerClient): void {
    const knock = decodeKnock(payload);
    if (knock === null || this.#closed !== null) return;
    if (knock.kind === "hello") this.#guests.welcome(knock.inbox, knock.publicKey, client);
    // Not our own claim, which a broker may bring us when it comes back.
    else if (knock.inbox !== this.#inbox) client.publish(inboxTopic(knock.inbox), encodeTaken());
  }

  /** Also called when we have left ourselves. */
  #onLost(cause: unknown): void {
    if (!this.#isListening) return;
    this.#isListening = false;
    this.#client = null;
    this.#guests.lost(cause);
    if (this.#closed !== null) return;
    this.#settings.report(connectionFailed(this.address, cause));
    this.#reopen();
  }

  #reopen(): void {
    const { firstRetryMs, lastRetryMs, report } = this.#settings;
    const delay = retryDelay(this.#attempt++, firstRetryMs, lastRetryMs, Math.random());
    this.#retry = setTimeout(async () => {
      try {
        await this.open();
        if (this.#closed !== null) this.#client?.terminate();
      } catch (thrown) {
        if (this.#closed !== null) return;
        report(connectionFailed(this.address, thrown));
        this.#reopen();
      }
    }, delay);
  }

  #unavailable(cause: unknown): ParleyError<"AddressUnavailable"> {
    const says = `it is not possible to listen on ${this.address}: ${messageOf(cause)}`;
    return new ParleyError("AddressUnavailable", says, {
      hint: "see that the broker runs, can be reached, and lets us subscribe there",
      retryable: true,
      facts: { address: this.address },
      cause,
    });
  }
}
