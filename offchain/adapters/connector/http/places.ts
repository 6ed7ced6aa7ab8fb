import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { originOf } from "../../outward/origin.ts";

/** Connections at a time. */
export const MOST_CONNECTIONS = 1_024;

/** Of those of one host, such on which nothing is served: an eighth of all. */
const MOST_IDLE_OF_HOST = 128;

interface Place {
  socket: Socket;
  readonly origin: string;
  /** Requests on it that are served to somebody who is known. */
  served: number;
}

const placeOf = new WeakMap<Socket, Place>();
const placesOf = new WeakMap<Place, Places>();

/**
 * The connections of a server. Whoever opens more than there is room for ends an older one on which nothing is served, its own host's first: so
 * strangers hold no place that somebody else needs, however many connections they open, and whatever they send on them.
 */
export class Places {
  readonly #mostIdleOfHost: number;
  readonly #all = new Set<Place>();
  /** Such on which nothing is served, the oldest first. */
  readonly #idle = new Set<Place>();
  readonly #idleOfHost = new Map<string, Set<Place>>();
  /** By where they come from: with TLS, who asks is known by another socket than who connected. */
  readonly #byPeer = new Map<string, Place>();

  constructor(server: Server, mostIdleOfHost: number | null = null) {
    this.#mostIdleOfHost = mostIdleOfHost ?? MOST_IDLE_OF_HOST;
    server.on("connection", (socket: Socket) => this.#take(socket));
    server.on("secureConnection", (socket: Socket) => this.#secured(socket));
  }

  /** See `serveKnown`. */
  keep(place: Place, response: ServerResponse): void {
    if (!this.#all.has(place)) return;
    if (place.served++ === 0) this.#unlist(place);
    response.once("close", () => {
      if (--place.served === 0 && this.#all.has(place)) this.#list(place);
    });
  }

  #take(socket: Socket): void {
    const place = { socket, origin: originOf(socket.remoteAddress), served: 0 };
    const peer = peerOf(socket);
    this.#all.add(place);
    this.#byPeer.set(peer, place);
    placeOf.set(socket, place);
    placesOf.set(place, this);
    socket.once("close", () => {
      if (this.#byPeer.get(peer) === place) this.#byPeer.delete(peer);
      this.#leave(place);
    });
    this.#list(place);
    const [oldest] = this.#idle;
    if (this.#all.size > MOST_CONNECTIONS && oldest !== undefined) this.#hangUp(oldest);
  }

  #secured(socket: Socket): void {
    const place = this.#byPeer.get(peerOf(socket));
    if (place === undefined) return;
    place.socket = socket;
    placeOf.set(socket, place);
  }

  #list(place: Place): void {
    const ofHost = this.#idleOfHost.get(place.origin) ?? new Set();
    this.#idleOfHost.set(place.origin, ofHost.add(place));
    this.#idle.add(place);
    const [oldest] = ofHost;
    if (ofHost.size > this.#mostIdleOfHost && oldest !== undefined) this.#hangUp(oldest);
  }

  #unlist(place: Place): void {
    this.#idle.delete(place);
    const ofHost = this.#idleOfHost.get(place.origin);
    ofHost?.delete(place);
    if (ofHost?.size === 0) this.#idleOfHost.delete(place.origin);
  }

  #hangUp(place: Place): void {
    this.#leave(place);
    place.socket.destroy();
  }

  #leave(place: Place): void {
    this.#all.delete(place);
    this.#unlist(place);
  }
}

/** From now on the connection isn't given up for another one, until this is answered: somebody is served who may be. */
export function serveKnown({ socket }: IncomingMessage, response: ServerResponse): void {
  const place = placeOf.get(socket);
  if (place !== undefined) placesOf.get(place)?.keep(place, response);
}

function peerOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
