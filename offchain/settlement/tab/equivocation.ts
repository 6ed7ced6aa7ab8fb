import type { Bytes32 } from "../../kernel/ids.ts";
import type { Crypto } from "../../ports/crypto.ts";
import { entryPreimage, hashEntry } from "./entry.ts";
import type { Fork } from "./state.ts";

/**
 * Whether two entries show that an agent signed different things under one number of one account: for whoever is shown them, an
 * arbitrator or a reckoner of trust. That the certificates are the agent's wallet's is to be verified besides.
 */
export async function isEquivocation(
  { first, second }: Fork,
  separator: Bytes32,
  crypto: Pick<Crypto, "verify">,
): Promise<boolean> {
  const [one, other] = [first.entry, second.entry];
  const isSamePlace = one.tab === other.tab && one.agent === other.agent && one.seq === other.seq;
  if (!isSamePlace || hashEntry(separator, one) === hashEntry(separator, other)) return false;
  for (const { entry, signature, certificate } of [first, second]) {
    if (certificate.key.agent !== entry.agent) return false;
    if (!(await crypto.verify(certificate.key, entryPreimage(separator, entry), signature))) return false;
  }
  return true;
}
