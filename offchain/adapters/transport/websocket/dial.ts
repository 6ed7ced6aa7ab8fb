import type { ClientRequest } from "node:http";
import { WebSocket } from "ws";
import type { ConnectionOwner } from "../common/connection.ts";
import { SocketConnection } from "./connection.ts";
import { SOCKET_OPTIONS, type WebSocketSettings } from "./options.ts";

/** Begins to connect, saying who we are where that is wanted. */
export function dial(url: URL, settings: WebSocketSettings, owner: ConnectionOwner): SocketConnection {
  const { handshakeMs, tls, authorize } = settings;
  const finishRequest = authorize === null ? null : authorized(url.href, authorize);
  const options = {
    ...SOCKET_OPTIONS,
    handshakeTimeout: handshakeMs,
    ...tls,
    ...(finishRequest && { finishRequest }),
  };
  return new SocketConnection(new WebSocket(url, options), url.href, settings, owner, null);
}

/** Sends the request that opens the connection once it says who we are. */
function authorized(address: string, authorize: (address: string) => Promise<string>) {
  return (request: ClientRequest): void => {
    authorize(address).then(
      (authorization) => request.setHeader("authorization", authorization).end(),
      (cause: Error) => request.destroy(cause),
    );
  };
}
