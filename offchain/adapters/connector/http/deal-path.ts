import { isHex } from "../../../kernel/bytes.ts";
import type { Bytes32 } from "../../../kernel/ids.ts";
import type { Order } from "../../../ports/connector.ts";

/** Which deal a request is about. Both hashes are on the chain: they name it, and let nobody in. */
export type DealName = Pick<Order, "dealHash" | "transcript">;

export function keyOf({ dealHash, transcript }: DealName): string {
  return `${dealHash}/${transcript}`;
}

/** Where the seller has a deal's things, below the address that the terms name. */
export function addressFor(base: string, name: DealName): URL {
  return new URL(`${base.replace(/\/+$/, "")}/${keyOf(name)}`);
}

/** The deal that a path ends with, and what follows it; null where it names none. */
export function dealIn(path: string): (DealName & { readonly rest: string }) | null {
  const match = /\/(0x[0-9a-f]{64})\/(0x[0-9a-f]{64})(?=\/|\?|$)(.*)$/.exec(path);
  if (match === null) return null;
  const [, dealHash, transcript, rest = ""] = match;
  if (!isHex(dealHash, 32) || !isHex(transcript, 32)) return null;
  return { dealHash: dealHash as Bytes32, transcript: transcript as Bytes32, rest };
}

/** How often a path may be encoded over: no API takes more off. */
const MOST_DECODINGS = 4;

/**
 * Whether a path has a `..` in it by any spelling, and so may lead out of what it stands below. Which spellings a server takes for one
 * is its own affair, so all of them count; what follows the `?` is no path.
 */
export function climbs(path: string): boolean {
  let [plain = ""] = path.split("?", 1);
  for (let times = 0; times < MOST_DECODINGS; times++) {
    if (/(?:^|[/\\])\.\.(?:[/\\;]|$)/.test(plain)) return true;
    const decoded = plain.replace(/%(2e|2f|5c|3b|25)/gi, (one) =>
      String.fromCharCode(Number.parseInt(one.slice(1), 16)),
    );
    if (decoded === plain) return false;
    plain = decoded;
  }
  return true;
}
