import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { type WebSocket, WebSocketServer } from "ws";
import { ParleyError } from "../../../kernel/errors.ts";
import type { AgentId } from "../../../kernel/ids.ts";
import type { ChannelListener, Listening } from "../../../ports/transport.ts";
import { originOf } from "../../outward/origin.ts";
import { listenError } from "../common/address.ts";
import { answerOffer, type LinkSeal, SEAL_HEADER } from "../common/link-seal.ts";
import { AcceptedSocket } from "./accepted.ts";
import { formatAddress, type Place, parseListenAddress } from "./address.ts";
import { Admission } from "./admission.ts";
import { SOCKET_OPTIONS, type WebSocketSettings, type WebSocketTlsOptions } from "./options.ts";

/** A close code of RFC 6455. */
const POLICY_VIOLATION = 1008;

/** The request that opens a WebSocket is a few hundred bytes. */
const MAX_HEADER_BYTES = 8_192;

type AnyServer = Server | TlsServer;

/** Accepts WebSockets at `address`, and there only. */
export async function listen(
  address: string,
  settings: WebSocketSettings,
  listener: ChannelListener,
): Promise<Listening> {
  const isTls = settings.tls !== null;
  const place = parseListenAddress(address, isTls);
  const server = makeServer(settings);
  const admission = new Admission(settings);
  const sockets = acceptSockets(server, place.path, settings, admission);
  const channels = new Set<AcceptedSocket>();
  const seals = new WeakMap<IncomingMessage, LinkSeal>();
  sockets.on("headers", (headers: string[], request: IncomingMessage) => {
    const answer = isTls || settings.seal === "off" ? null : answerOffer(request.headers[SEAL_HEADER]);
    if (answer === null) return;
    headers.push(`${SEAL_HEADER}: ${answer.header}`);
    seals.set(request, answer.seal);
  });
  sockets.on("connection", (socket: WebSocket, request: IncomingMessage) => {
    const seal = seals.get(request) ?? null;
    if (seal === null && settings.seal === "required" && !isTls) {
      // It may still send what is no frame, and an error that nobody hears would end the process.
      socket.on("error", () => undefined);
      socket.close(POLICY_VIOLATION, "only encrypted connections here");
      return;
    }
    const agent = admission.agentOf(request);
    const guest = { peer: nameOf(request, agent), origin: originOf(request.socket.remoteAddress) };
    const channel: AcceptedSocket = new AcceptedSocket(guest, agent, socket, seal, settings, listener, () =>
      channels.delete(channel),
    );
    channels.add(channel);
    channel.opened();
  });
  const port = await bind(server, place, address);
  return {
    address: formatAddress({ ...place, port }, isTls),
    close: () => shut(server, channels),
  };
}

function nameOf({ socket }: IncomingMessage, agent: AgentId | null): string {
  const address = `${socket.remoteAddress}:${socket.remotePort}`;
  return agent === null ? address : `agent ${agent} at ${address}`;
}

function makeServer({ handshakeMs, maxConnections, tls }: WebSocketSettings): AnyServer {
  const limits = { headersTimeout: handshakeMs, requestTimeout: handshakeMs, maxHeaderSize: MAX_HEADER_BYTES };
  const options = { ...limits, connectionsCheckingInterval: handshakeMs };
  const answer: RequestListener = (_request, response) => {
    response.writeHead(426, { connection: "close", upgrade: "websocket" }).end();
  };
  const server =
    tls === null ? createServer(options, answer) : createTlsServer({ ...options, ...tlsOf(tls, handshakeMs) }, answer);
  server.maxConnections = maxConnections;
  // What doesn't speak HTTP gets no answer.
  server.on("clientError", (_error, socket) => socket.destroy());
  return server;
}

/** A client without a good certificate gets this far; whether it needs one is for the authenticator to say. */
function tlsOf(tls: WebSocketTlsOptions, handshakeTimeout: number) {
  const asks = { requestCert: tls.ca !== undefined, rejectUnauthorized: false };
  return { ...tls, ...asks, minVersion: "TLSv1.2", handshakeTimeout } as const;
}

function acceptSockets(
  server: AnyServer,
  path: string,
  settings: WebSocketSettings,
  admission: Admission,
): WebSocketServer {
  const verifyClient = admission.verifyClient;
  const options = { ...SOCKET_OPTIONS, server, clientTracking: false, ...(verifyClient && { verifyClient }) };
  const sockets = new WebSocketServer(path === "/" ? options : { ...options, path });
  // Until it is bound, `bind` hears of errors too; afterwards they are about single connections.
  sockets.on("error", (cause) => {
    if (!server.listening) return;
    const says = `a connection could not be accepted: ${cause.message}`;
    settings.report(new ParleyError("ConnectionFailed", says, { retryable: true, cause }));
  });
  return sockets;
}

function bind(server: AnyServer, { host, port }: Place, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const fail = (cause: Error) => reject(listenError(address, "ws://127.0.0.1:0", cause));
    server.once("error", fail);
    server.listen(port, host, () => {
      server.off("error", fail);
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : port);
    });
  });
}

/** Closes the door first, then says goodbye to who is in. */
function shut(server: AnyServer, channels: ReadonlySet<AcceptedSocket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
    for (const channel of channels) channel.close();
  });
}
