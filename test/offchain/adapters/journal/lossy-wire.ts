import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";

/** A connection to a server on which what the server says can be lost. */
export class LossyWire {
  isDeaf = false;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: string) {
    const [host = "", port] = target.split(":");
    this.#server = createServer((near) => {
      const far = createConnection({ host, port: Number(port) });
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => {
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.on("data", (chunk) => {
        if (!this.isDeaf) near.write(chunk);
      });
    });
  }

  static async to(target: string): Promise<LossyWire> {
    const wire = new LossyWire(target);
    wire.#server.listen(0, "127.0.0.1");
    await once(wire.#server, "listening");
    return wire;
  }

  get address(): string {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? `127.0.0.1:${address.port}` : "";
  }

  /** Breaks every connection; the next ones are good again. */
  cut(): void {
    this.isDeaf = false;
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async close(): Promise<void> {
    this.cut();
    await once(this.#server.close(), "close");
  }
}
