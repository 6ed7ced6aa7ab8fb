import type { Clock } from "../../../kernel/clock.ts";
import { ParleyError } from "../../../kernel/errors.ts";
import type { Entropy } from "../../../kernel/random.ts";
import type { Channel, ChannelListener, Listening } from "../../../ports/transport.ts";
import { MemoryChannel } from "./channel.ts";
import { Dice, type Faults } from "./faults.ts";
import { Link } from "./link.ts";

/** How long it takes until a lost connection is tried again. */
const RETRY_MS = 10;

export interface MemoryHubOptions {
  /** The time that delays pass in. Without it nothing takes any. */
  readonly clock?: Clock;
  /** Where chance comes from; faults need it, and the clock. */
  readonly entropy?: Entropy;
  readonly faults?: Faults;
}

interface Door {
  readonly name: string;
  readonly listener: ChannelListener;
}

interface Dialled {
  readonly name: string;
  readonly address: string;
  readonly channel: MemoryChannel;
}

interface Connection {
  readonly dialled: Dialled;
  readonly door: Door;
  readonly accepted: MemoryChannel;
  readonly toDialled: Link;
  readonly toAccepted: Link;
}

/** The network inside one process: who listens where, who is connected, and what goes wrong between them. */
export class MemoryHub {
  readonly #clock: Clock | null;
  readonly #entropy: Entropy | null;
  #dice: Dice | null = null;
  readonly #doors = new Map<string, Door>();
  readonly #dialled = new Set<Dialled>();
  readonly #connections = new Set<Connection>();
  /** Pairs of names between which nothing passes. */
  readonly #partitions = new Set<string>();

  constructor({ clock, entropy, faults }: MemoryHubOptions = {}) {
    this.#clock = clock ?? null;
    this.#entropy = entropy ?? null;
    if (faults) this.inject(faults);
  }

  /** From now on, frames suffer these faults and no others. */
  inject(faults: Faults): void {
    if (this.#clock === null || this.#entropy === null) {
      throw new ParleyError("BadFaults", "faults need a clock and entropy", { hint: "give the hub both" });
    }
    this.#dice = new Dice(this.#clock, this.#entropy, faults);
  }

  /** Breaks what connects two transports, by name, and lets nothing through until they are healed. */
  partition(one: string, other: string): void {
    this.#partitions.add(pairOf(one, other));
    for (const connection of this.#connections) {
      if (this.#isParted(connection.dialled.name, connection.door.name)) this.#break(connection);
    }
  }

  /** Mends every partition. */
  heal(): void {
    this.#partitions.clear();
    this.#retryAll();
  }

  listen(name: string, address: string, listener: ChannelListener): Listening {
    if (this.#doors.has(address)) {
      throw new ParleyError("AddressInUse", `somebody listens on ${address} already`, {
        hint: "stop them, or listen on another address",
        retryable: true,
        facts: { address },
      });
    }
    const door = { name, listener };
    this.#doors.set(address, door);
    this.#retryAll();
    return {
      address,
      close: async () => {
        if (this.#doors.get(address) === door) this.#doors.delete(address);
        for (const connection of this.#connections) if (connection.door === door) connection.accepted.close();
      },
    };
  }

  connect(name: string, address: string, listener: ChannelListener): Channel {
    const dialled = { name, address, channel: new MemoryChannel(address, listener) };
    this.#dialled.add(dialled);
    queueMicrotask(() => this.#dial(dialled));
    return dialled.channel;
  }

  #retryAll(): void {
    for (const dialled of this.#dialled) if (!dialled.channel.isOpen) this.#retry(dialled);
  }

  #retry(dialled: Dialled): void {
    const dial = () => this.#dial(dialled);
    if (this.#clock === null) setImmediate(dial);
    else this.#clock.at(this.#clock.now() + RETRY_MS, dial);
  }

  /** Connects if it can be. If not, whoever changes that tries again. */
  #dial(dialled: Dialled): void {
    const { name, address, channel } = dialled;
    if (channel.isClosed) this.#dialled.delete(dialled);
    const door = this.#doors.get(address);
    if (channel.isClosed || channel.isOpen || !door || this.#isParted(name, door.name)) return;
    const accepted = new MemoryChannel(name, door.listener);
    const toDialled = this.#link(channel);
    const toAccepted = this.#link(accepted);
    const connection = { dialled, door, accepted, toDialled, toAccepted };
    this.#connections.add(connection);
    const broken = () => this.#break(connection);
    accepted.attach(toDialled, { broken, closed: () => this.#finish(connection, toDialled, toAccepted) });
    channel.attach(toAccepted, { broken, closed: () => this.#finish(connection, toAccepted, toDialled) });
    accepted.open();
    channel.open();
  }

  #link(to: MemoryChannel): Link {
    return new Link(
      this.#clock,
      () => this.#dice?.roll() ?? null,
      (frame) => to.receive(frame),
    );
  }

  /** One side has closed: what it had said still arrives, what it would hear doesn't, and then the other side knows. */
  #finish(connection: Connection, outward: Link, inward: Link): void {
    inward.cut();
    outward.end(() => this.#break(connection));
  }

  #break(connection: Connection): void {
    const { dialled, accepted, toDialled, toAccepted } = connection;
    if (!this.#connections.delete(connection)) return;
    toDialled.cut();
    toAccepted.cut();
    accepted.detach();
    accepted.close();
    dialled.channel.detach();
    this.#retry(dialled);
  }

  #isParted(one: string, other: string): boolean {
    return this.#partitions.has(pairOf(one, other));
  }
}

function pairOf(one: string, other: string): string {
  return JSON.stringify([one, other].sort());
}
