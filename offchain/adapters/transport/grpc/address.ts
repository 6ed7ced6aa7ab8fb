import { badAddress, type Endpoint, formatEndpoint, parseAddress, unbracket } from "../common/address.ts";

const FORM = { what: "a gRPC channel", protocols: ["grpc:", "grpcs:"], example: "host:port" };

/** gRPC has no port of its own; this one is what its examples take. */
const USUAL_PORT = 50_051;

/** A gRPC server, and whether it speaks TLS. */
export interface Place extends Endpoint {
  readonly isSecure: boolean;
}

export function parseListenAddress(address: string): Place {
  const { hostname, port, pathname, search, protocol } = parseAddress(address, FORM);
  if ((pathname !== "" && pathname !== "/") || search !== "") throw badAddress(address, FORM);
  const isSecure = protocol === "grpcs:";
  return { host: unbracket(hostname), port: port === "" ? USUAL_PORT : Number(port), isSecure };
}

export function parseConnectAddress(address: string): Place {
  const place = parseListenAddress(address);
  if (place.port === 0) throw badAddress(address, FORM);
  return place;
}

export function formatAddress(place: Place): string {
  return `${place.isSecure ? "grpcs" : "grpc"}://${formatEndpoint(place)}`;
}
