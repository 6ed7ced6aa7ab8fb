import { type LookupAddress, lookup } from "node:dns";
import { BlockList, isIP } from "node:net";

/**
 * Networks that nobody outside reaches, or that lead into them by another spelling: an address from outside that leads there asks us to
 * attack a neighbour.
 */
const PRIVATE: readonly (readonly [address: string, bits: number])[] = [
  ...([
    ["0.0.0.0", 8],
    ["10.0.0.0", 8],
    ["100.64.0.0", 10],
    ["127.0.0.0", 8],
    ["169.254.0.0", 16],
    ["172.16.0.0", 12],
    ["192.0.0.0", 24],
    ["192.88.99.0", 24],
    ["192.168.0.0", 16],
    ["198.18.0.0", 15],
    ["224.0.0.0", 4],
    ["240.0.0.0", 4],
  ] as const),
  ...([
    ["::", 96],
    ["64:ff9b::", 96],
    ["64:ff9b:1::", 48],
    ["100::", 64],
    ["2001::", 32],
    ["2002::", 16],
    ["fc00::", 7],
    ["fe80::", 10],
    ["ff00::", 8],
  ] as const),
];

const BLOCKED = new BlockList();
for (const [address, bits] of PRIVATE) BLOCKED.addSubnet(address, bits, isIP(address) === 6 ? "ipv6" : "ipv4");

/** Whether a host that is written as an IP address is of a private network; false for names, which are looked up first. */
export function isPrivateAddress(host: string): boolean {
  const address = host.replace(/^\[(.*)\]$/, "$1");
  const family = isIP(address);
  return family !== 0 && BLOCKED.check(address, family === 6 ? "ipv6" : "ipv4");
}

/** What was found where a name leads into a private network. */
export class PrivateAddress extends Error {
  constructor(host: string) {
    super(`${host} is an address inside a network, which nothing from outside may lead to`);
  }
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Looks a name up, and refuses it where any of its addresses is private. It is the look-up of the very connection, so that no second
 * answer can lead elsewhere.
 */
export function lookupPublic(host: string, options: object, found: Found): void {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return found(error, []);
    if (addresses.some(({ address }) => isPrivateAddress(address))) return found(new PrivateAddress(host), []);
    if ("all" in options && options.all === true) return found(null, addresses);
    const [first] = addresses;
    return first === undefined ? found(new PrivateAddress(host), []) : found(null, first.address, first.family);
  });
}
