/** A stretch of network that a test can break: what connects to it is led to an address. */
import { connect, createServer, type Server, type Socket } from "node:net";

interface Pair {
  /** To who has connected. */
  readonly near: Socket;
  /** To where they wanted. */
  readonly far: Socket;
}

export class Detour {
  /** The address, by way of here. */
  readonly address: string;
  readonly #server: Server;
  readonly #pairs: Set<Pair>;
  readonly #state: { isFrozen: boolean };

  private constructor(address: string, server: Server, pairs: Set<Pair>, state: { isFrozen: boolean }) {
    this.address = address;
    this.#server = server;
    this.#pairs = pairs;
    this.#state = state;
  }

  static async to(address: string): Promise<Detour> {
    const url = new URL(address);
    const [host, port] = [url.hostname, Number(url.port)];
    const pairs = new Set<Pair>();
    const state = { isFrozen: false };
    const server = createServer((near) => {
      const far = connect(port, host);
      const pair = { near, far };
      pairs.add(pair);
      near.pipe(far).pipe(near);
      if (state.isFrozen) freeze(pair);
      for (const socket of [near, far]) {
        socket.setNoDelay(true).on("error", () => undefined);
        socket.on("close", () => {
          drop(pair);
          pairs.delete(pair);
        });
      }
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    const bound = server.address();
    if (typeof bound === "object" && bound !== null) url.port = String(bound.port);
    return new Detour(url.href, server, pairs, state);
  }

  /** Breaks all connections off; new ones are let through. */
  cut(): void {
    for (const pair of this.#pairs) drop(pair);
  }

  /** Lets nothing through in either direction, and tells nobody. */
  freeze(): void {
    this.#state.isFrozen = true;
    for (const pair of this.#pairs) freeze(pair);
  }

  /** Lets new connections through. The old ones have been forgotten, as they are by whatever lies between. */
  thaw(): void {
    this.#state.isFrozen = false;
    this.cut();
  }

  close(): void {
    this.#server.close();
    this.cut();
  }
}

function freeze({ near, far }: Pair): void {
  for (const socket of [near, far]) socket.unpipe().pause();
}

function drop({ near, far }: Pair): void {
  near.destroy();
  far.destroy();
}
