import { createServer, type Server, type Socket } from "node:net";
import { originOf } from "../../outward/origin.ts";
import { listenError } from "../common/address.ts";
import type { Settings } from "../common/options.ts";
import { formatAddress, type Place } from "./address.ts";

/**
 * The TCP connections of a gRPC server. gRPC itself neither limits them nor ends those that never call, and has no way to
 * drop a call whose peer does not read; so they are accepted here, and handed on.
 */
export class Doorkeeper {
  readonly #settings: Settings;
  readonly #server: Server;
  readonly #guests = new Map<string, Guest>();

  constructor(settings: Settings, onSocket: (socket: Socket) => void) {
    this.#settings = settings;
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#admit(socket);
      onSocket(socket);
    });
    this.#server.maxConnections = settings.maxConnections;
  }

  /** Resolves with the port. */
  open(place: Place): Promise<number> {
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) => reject(listenError(formatAddress(place), "grpc://127.0.0.1:0", cause));
      this.#server.once("error", fail);
      this.#server.listen(place.port, place.host, () => {
        this.#server.off("error", fail);
        const bound = this.#server.address();
        resolve(typeof bound === "object" && bound !== null ? bound.port : place.port);
      });
    });
  }

  /** A call has begun at the connection of that peer. */
  called(peer: string): void {
    const guest = this.#guests.get(peer);
    if (guest) guest.calls++;
  }

  /** A call has ended; a connection without any is not kept for long. */
  hungUp(peer: string): void {
    const guest = this.#guests.get(peer);
    if (!guest) return;
    guest.calls--;
    guest.patience.refresh();
  }

  /** Where that peer connects from. */
  originOf(peer: string): string {
    return originOf(this.#guests.get(peer)?.socket.remoteAddress);
  }

  /** Drops the connection of that peer, whatever is under way. */
  drop(peer: string): void {
    this.#guests.get(peer)?.socket.destroy();
  }

  /** Lets nobody in any more. Resolves once everybody has left. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  dropAll(): void {
    for (const { socket } of this.#guests.values()) socket.destroy();
  }

  #admit(socket: Socket): void {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    const patience = setTimeout(() => {
      if (guest.calls === 0) socket.destroy();
    }, this.#settings.handshakeMs).unref();
    const guest: Guest = { socket, patience, calls: 0 };
    this.#guests.set(peer, guest);
    // What breaks off is told of by its calls.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(patience);
      if (this.#guests.get(peer) === guest) this.#guests.delete(peer);
    });
  }
}

interface Guest {
  readonly socket: Socket;
  /** Runs out unless a call begins. */
  readonly patience: NodeJS.Timeout;
  calls: number;
}
