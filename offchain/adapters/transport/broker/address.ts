import {
  type AddressForm,
  badAddress,
  type Endpoint,
  formatEndpoint,
  parseAddress,
  unbracket,
} from "../common/address.ts";

/** A topic by its parts, which brokers join by one sign or another. */
export type Topic = readonly string[];

/** As the last part of a topic that is subscribed to: any one part. */
export const ANY = "*";

/** How the addresses behind one kind of broker are written. */
export interface BrokerForm {
  readonly what: string;
  /** Without and with TLS, and the ports that these usually have. */
  readonly plain: { readonly protocol: string; readonly port: number };
  readonly secure: { readonly protocol: string; readonly port: number };
}

/** A broker, and somebody who is reached through it. */
export interface BrokerAddress extends Endpoint {
  readonly isSecure: boolean;
  /** The name's parts, of which there is at least one. */
  readonly name: readonly string[];
  /** The whole, as a URL. */
  readonly href: string;
}

const MAX_NAME_LENGTH = 128;

/** Signs that mean nothing to any broker; so nobody can name a pattern, or somebody else's topic. */
const NAME = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

export function parseBrokerAddress(address: string, { what, plain, secure }: BrokerForm): BrokerAddress {
  const form: AddressForm = { what, protocols: [plain.protocol, secure.protocol], example: "host:port/name" };
  const url = parseAddress(address, form);
  const isSecure = url.protocol === secure.protocol;
  const port = url.port === "" ? (isSecure ? secure : plain).port : Number(url.port);
  const name = url.pathname.slice(1);
  if (port === 0 || url.search !== "" || name.length > MAX_NAME_LENGTH || !NAME.test(name)) {
    throw badAddress(address, form);
  }
  const endpoint = { host: unbracket(url.hostname), port };
  const href = `${url.protocol}//${formatEndpoint(endpoint)}/${name}`;
  return { ...endpoint, isSecure, name: name.split("."), href };
}

/** Whatever is said to who listens at an address. */
export function doorTopic({ name }: BrokerAddress, part: string): Topic {
  return ["parley", "door", ...name, part];
}

/** Everything that is said to who listens at an address. */
export function allOfDoor(address: BrokerAddress): Topic {
  return doorTopic(address, ANY);
}

/** Whatever is said to one who connects. */
export function inboxTopic(inbox: string): Topic {
  return ["parley", "inbox", inbox];
}
