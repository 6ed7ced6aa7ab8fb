import { badAddress, type Endpoint, formatEndpoint, parseAddress, unbracket } from "../common/address.ts";

/** Where to listen. */
export interface Place extends Endpoint {
  /** Always begins with a slash. */
  readonly path: string;
}

const FORM = { what: "a WebSocket", example: "host:port" };
const PLAIN = { ...FORM, protocols: ["ws:"] };
const SECURE = { ...FORM, protocols: ["wss:"] };
const CONNECTING = { ...FORM, protocols: ["ws:", "wss:"] };

export function parseListenAddress(address: string, isTls = false): Place {
  const { hostname, port, pathname } = parseAddress(address, isTls ? SECURE : PLAIN);
  const usual = isTls ? 443 : 80;
  return { host: unbracket(hostname), port: port === "" ? usual : Number(port), path: pathname };
}

/** Checks an address to connect to; `wss:` is one that speaks TLS, by itself or by a proxy before it. */
export function parseConnectAddress(address: string): URL {
  const url = parseAddress(address, CONNECTING);
  if (url.port === "0") throw badAddress(address, CONNECTING);
  return url;
}

export function formatAddress({ path, ...endpoint }: Place, isTls = false): string {
  return `${isTls ? "wss" : "ws"}://${formatEndpoint(endpoint)}${path === "/" ? "" : path}`;
}
