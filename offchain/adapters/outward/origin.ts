import { isIPv6 } from "node:net";

/**
 * The host that a connection comes from, as far as one can be told from its neighbours: who has one address of IPv6 has all that
 * begin with the same 64 bits.
 */
export function originOf(remoteAddress: string | undefined): string {
  const address = remoteAddress ?? "";
  if (!isIPv6(address) || address.startsWith("::ffff:")) return address;
  const [before = "", after] = address.split("::");
  const head = before.split(":").filter((group) => group !== "");
  const tail = (after ?? "").split(":").filter((group) => group !== "");
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length;
  return `${[...head, ...Array<string>(zeros).fill("0"), ...tail].slice(0, 4).join(":")}::/64`;
}
