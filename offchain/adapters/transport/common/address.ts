import { ParleyError } from "../../../kernel/errors.ts";
import { addressInUse } from "./trouble.ts";

/** A port of this machine. */
export interface Endpoint {
  readonly host: string;
  /** 0 is any that is free. */
  readonly port: number;
}

/** How the addresses of one transport are written. */
export interface AddressForm {
  /** What the address is of, with its article. */
  readonly what: string;
  /** With their colons, as in a URL. */
  readonly protocols: readonly string[];
  /** What follows `scheme://` in examples. */
  readonly example: string;
}

/**
 * Takes an address apart. It may hold no name and no password: addresses are journalled, shown and logged.
 */
export function parseAddress(address: string, form: AddressForm): URL {
  const url = URL.parse(address);
  const isPlain = url !== null && url.hostname !== "" && url.hash === "" && url.username === "" && url.password === "";
  if (!isPlain || !form.protocols.includes(url.protocol)) throw badAddress(address, form);
  return url;
}

export function badAddress(address: string, { what, protocols, example }: AddressForm): ParleyError<"BadEndpoint"> {
  return new ParleyError("BadEndpoint", `'${withoutPassword(address).slice(0, 200)}' is no address for ${what}`, {
    hint: `write it as ${protocols.map((protocol) => `${protocol}//${example}`).join(" or ")}`,
  });
}

/** A URL writes an IPv6 address in brackets, a socket does not. */
export function unbracket(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

/** `host:port`, as in a URL. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What listening on a port of this machine failed with, as an error of Parley. */
export function listenError(address: string, example: string, cause: Error): ParleyError {
  const facts = { address };
  switch ("code" in cause ? cause.code : undefined) {
    case "EADDRINUSE":
      return addressInUse(address, "stop them, or listen on another port (0 takes any that is free)", cause);
    case "EACCES":
      return new ParleyError("AddressForbidden", `listening on ${address} is not allowed`, {
        hint: "listen on a port above 1023",
        facts,
        cause,
      });
    default:
      return new ParleyError("AddressUnavailable", `it is not possible to listen on ${address}: ${cause.message}`, {
        hint: `listen on an address of this machine, such as ${example}`,
        facts,
        cause,
      });
  }
}

/** Who puts a password into an address must not find it in a log. */
function withoutPassword(address: string): string {
  return address.replace(/\/\/[^/@]*@/, "//…@");
}
