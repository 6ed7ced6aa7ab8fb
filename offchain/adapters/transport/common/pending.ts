import type { Connection, ConnectionOwner } from "./connection.ts";
import type { Settings } from "./options.ts";
import { connectionFailed } from "./trouble.ts";

/** A connection that takes some time to make. Until it is made, what is sent is dropped, since it isn't open either. */
export class PendingConnection implements Connection {
  #connection: Connection | null = null;
  #isWanted = true;

  /** What `make` resolves with tells the same owner; where it rejects, this is over. */
  constructor(peer: string, settings: Settings, owner: ConnectionOwner, make: () => Promise<Connection>) {
    make().then(
      (connection) => {
        this.#connection = connection;
        if (!this.#isWanted) connection.terminate();
      },
      (cause) => {
        if (this.#isWanted) settings.report(connectionFailed(peer, cause));
        owner.onEnd();
      },
    );
  }

  get hasHeard(): boolean {
    return this.#connection?.hasHeard ?? false;
  }

  send(frame: Uint8Array): void {
    this.#connection?.send(frame);
  }

  close(): void {
    this.#isWanted = false;
    this.#connection?.close();
  }

  terminate(): void {
    this.#isWanted = false;
    this.#connection?.terminate();
  }
}
