import { ParleyError } from "../../../kernel/errors.ts";

/** Where to listen. */
export interface Endpoint {
  readonly host: string;
  /** 0 is any that is free. */
  readonly port: number;
  /** Always begins with a slash. */
  readonly path: string;
}

export function parseListenAddress(address: string): Endpoint {
  const { hostname, port, pathname } = parse(address, ["ws:"]);
  return { host: unbracket(hostname), port: port === "" ? 80 : Number(port), path: pathname };
}

/** Checks an address to connect to; `wss:` is one behind a proxy that speaks TLS. */
export function parseConnectAddress(address: string): URL {
  const url = parse(address, ["ws:", "wss:"]);
  if (url.port === "0") throw badAddress(address, ["ws:", "wss:"]);
  return url;
}

export function formatAddress({ host, port, path }: Endpoint): string {
  return `ws://${host.includes(":") ? `[${host}]` : host}:${port}${path === "/" ? "" : path}`;
}

/** What `listen` failed with, as an error of Parley. */
export function listenError(address: string, cause: Error): ParleyError {
  const facts = { address };
  switch ("code" in cause ? cause.code : undefined) {
    case "EADDRINUSE":
      return new ParleyError("AddressInUse", `somebody listens on ${address} already`, {
        hint: "stop them, or listen on another port (0 takes any that is free)",
        retryable: true,
        facts,
        cause,
      });
    case "EACCES":
      return new ParleyError("AddressForbidden", `listening on ${address} is not allowed`, {
        hint: "listen on a port above 1023",
        facts,
        cause,
      });
    default:
      return new ParleyError("AddressUnavailable", `it is not possible to listen on ${address}: ${cause.message}`, {
        hint: "listen on an address of this machine, such as ws://127.0.0.1:0",
        facts,
        cause,
      });
  }
}

function parse(address: string, protocols: readonly string[]): URL {
  const url = URL.parse(address);
  const isPlain = url !== null && url.hostname !== "" && url.hash === "" && url.username === "" && url.password === "";
  if (!isPlain || !protocols.includes(url.protocol)) throw badAddress(address, protocols);
  return url;
}

function badAddress(address: string, protocols: readonly string[]): ParleyError<"BadEndpoint"> {
  return new ParleyError("BadEndpoint", `'${address.slice(0, 200)}' is no address for a WebSocket`, {
    hint: `write it as ${protocols.map((protocol) => `${protocol}//host:port`).join(" or ")}`,
  });
}

/** A URL writes an IPv6 address in brackets, a socket does not. */
function unbracket(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}
