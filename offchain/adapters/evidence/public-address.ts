import { type LookupAddress, lookup } from "node:dns";
import { BlockList, isIP } from "node:net";
import { ParleyError } from "../../kernel/errors.ts";

/** Networks that nobody outside reaches, or that lead into them by another spelling. */
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

/** Whether an IP address is one that anybody on the Internet would reach as the same machine. */
export function isPublic(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !BLOCKED.check(address, family === 6 ? "ipv6" : "ipv4");
}

type Found = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/**
 * Looks a name up, and refuses it where any of its addresses is private. It is the look-up of the very connection, so that no second
 * answer can lead elsewhere.
 */
export function lookupPublic(host: string, options: object, found: Found): void {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return found(error, []);
    const strange = addresses.find(({ address }) => !isPublic(address));
    if (strange !== undefined) return found(privateAddress(host), []);
    if ("all" in options && options.all === true) return found(null, addresses);
    const [first] = addresses;
    return first === undefined ? found(privateAddress(host), []) : found(null, first.address, first.family);
  });
}

export function privateAddress(host: string): ParleyError<"EvidenceRefused"> {
  return new ParleyError("EvidenceRefused", `${host} is an address inside a network, which evidence must not lead to`, {
    hint: "have it filed under an address that everybody reaches, or get the file and give it by hand",
  });
}
