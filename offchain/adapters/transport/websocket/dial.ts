import type { ClientRequest } from "node:http";
import { WebSocket } from "ws";
import type { ConnectionOwner } from "../common/connection.ts";
import { type LinkSeal, SEAL_HEADER, SealOffer } from "../common/link-seal.ts";
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
  const offer = settings.seal === "off" || url.protocol === "wss:" ? null : new SealOffer();
  const socket = new WebSocket(url, { ...options, ...(offer && { headers: { [SEAL_HEADER]: offer.header } }) });
  const connection = new SocketConnection(socket, url.href, settings, owner, null, null);
  // Comes before anything that is said over it.
  if (offer !== null)
    socket.once("upgrade", ({ headers }) => seal(connection, offer.take(headers[SEAL_HEADER]), settings));
  return connection;
}

function seal(connection: SocketConnection, agreed: LinkSeal | null, settings: WebSocketSettings): void {
  if (agreed !== null) connection.useSeal(agreed);
  else if (settings.seal === "required") connection.fail("it can't encrypt, which is required here");
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
