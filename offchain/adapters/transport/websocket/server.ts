import { createServer, type IncomingMessage, type Server } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";
import { ParleyError } from "../../../kernel/errors.ts";
import type { ChannelListener, Listening } from "../../../ports/transport.ts";
import { AcceptedChannel } from "./accepted.ts";
import { type Endpoint, formatAddress, listenError, parseListenAddress } from "./address.ts";
import { type Settings, SOCKET_OPTIONS } from "./options.ts";

/** The request that opens a WebSocket is a few hundred bytes. */
const MAX_HEADER_BYTES = 8_192;

/** Accepts WebSockets at `address`, and there only. */
export async function listen(address: string, settings: Settings, listener: ChannelListener): Promise<Listening> {
  const endpoint = parseListenAddress(address);
  const server = makeServer(settings);
  const sockets = acceptSockets(server, endpoint.path, settings);
  const channels = new Set<AcceptedChannel>();
  sockets.on("connection", (socket: WebSocket, request: IncomingMessage) => {
    const peer = `${request.socket.remoteAddress}:${request.socket.remotePort}`;
    const channel: AcceptedChannel = new AcceptedChannel(peer, socket, settings, listener, () => {
      channels.delete(channel);
    });
    channels.add(channel);
    channel.opened();
  });
  const port = await bind(server, endpoint, address);
  return {
    address: formatAddress({ ...endpoint, port }),
    close: () => shut(server, channels),
  };
}

function makeServer({ handshakeMs, maxConnections }: Settings): Server {
  const limits = { headersTimeout: handshakeMs, requestTimeout: handshakeMs, maxHeaderSize: MAX_HEADER_BYTES };
  const server = createServer({ ...limits, connectionsCheckingInterval: handshakeMs }, (_request, response) => {
    response.writeHead(426, { connection: "close", upgrade: "websocket" }).end();
  });
  server.maxConnections = maxConnections;
  // What doesn't speak HTTP gets no answer.
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

function acceptSockets(server: Server, path: string, settings: Settings): WebSocketServer {
  const options = { ...SOCKET_OPTIONS, server, clientTracking: false };
  const sockets = new WebSocketServer(path === "/" ? options : { ...options, path });
  // Until it is bound, `bind` hears of errors too; afterwards they are about single connections.
  sockets.on("error", (cause) => {
    if (!server.listening) return;
    const says = `a connection could not be accepted: ${cause.message}`;
    settings.report(new ParleyError("ConnectionFailed", says, { retryable: true, cause }));
  });
  return sockets;
}

function bind(server: Server, { host, port }: Endpoint, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => reject(listenError(address, cause));
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : port);
    });
  });
}

/** Closes the door first, then says goodbye to who is in. */
function shut(server: Server, channels: ReadonlySet<AcceptedChannel>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    for (const channel of channels) channel.close();
  });
}
