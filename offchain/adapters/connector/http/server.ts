import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { messageOf, ParleyError } from "../../../kernel/errors.ts";
import type { AgentId } from "../../../kernel/ids.ts";
import type { Authenticator } from "../../../ports/authenticator.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { Places } from "./places.ts";

/** PEM. */
export interface ServerTls {
  readonly key?: string;
  readonly cert?: string;
}

export interface HttpListening {
  /** With the port that it got. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Null where TLS is somebody else's business, such as a proxy's before us. */
  readonly tls?: ServerTls | null;
  /** Milliseconds for a request to come in whole. */
  readonly requestMs?: number;
  /** Connections of one host on which nothing is served; null for what is usual. All that comes through a proxy is of one host. */
  readonly perHost?: number | null;
}

const [HEADERS_MS, REQUEST_MS] = [10_000, 60_000];

/** Longer than any call takes that is waited for. */
const IDLE_MS = 150_000;

/** Serves HTTP at an address such as `http://127.0.0.1:7710`; port 0 takes a free one. */
export async function listenHttp(
  address: string,
  onRequest: RequestListener,
  { tls = null, requestMs = REQUEST_MS, perHost = null }: ListenOptions = {},
): Promise<HttpListening> {
  const url = new URL(address);
  const limits = { headersTimeout: HEADERS_MS, requestTimeout: requestMs, connectionsCheckingInterval: 5_000 };
  const listener = oneAtATime(onRequest);
  const server =
    tls === null
      ? createServer(limits, listener)
      : createTlsServer({ ...limits, handshakeTimeout: HEADERS_MS, ...tls }, listener);
  new Places(server, perHost);
  // Who reads nothing of its answer holds a connection only so long.
  server.setTimeout(IDLE_MS);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => reject(cantListen(address, cause)));
    server.listen(portOf(url), host, resolve);
  });
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href.replace(/\/$/, ""),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Which agent asks; null where it doesn't say. Throws where what it shows isn't good. */
export async function whoAsks(request: IncomingMessage, authenticator: Authenticator): Promise<AgentId | null> {
  return authenticator.authenticate({ authorization: request.headers.authorization ?? null, certificate: null });
}

/** Says that it is us who refuse, by which name, and not whatever stands behind us. */
export const REFUSED_HEADER = "parley-refused";

/** An answer that is about the request itself, as JSON: what is wrong, and what to do. */
export function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  hint: string,
  more: Readonly<Record<string, string | number>> = {},
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = JSON.stringify({ code, hint, ...more });
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    [REFUSED_HEADER]: code,
    ...(status === 401 ? { "www-authenticate": 'Bearer realm="parley"' } : {}),
  });
  response.end(body);
}

/** An address leaves out the port that is usual for it; 0 would be any. */
function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

/** By the names that transports give to the same. */
function cantListen(address: string, cause: NodeJS.ErrnoException): ParleyError {
  const details = { facts: { address }, cause };
  switch (cause.code) {
    case "EADDRINUSE":
      return new ParleyError("AddressInUse", `somebody listens on ${address} already`, {
        hint: "stop them, or name another port where the configuration names this address",
        ...details,
      });
    case "EACCES":
      return new ParleyError("AddressForbidden", `listening on ${address} is not allowed`, {
        hint: "name a port above 1023 where the configuration names this address",
        ...details,
      });
    default:
      return new ParleyError("AddressUnavailable", `${address} can't be listened at: ${messageOf(cause)}`, {
        hint: "name an address of this machine where the configuration names this one",
        ...details,
      });
  }
}
