import { concat, fromHex, utf8 } from "../../kernel/bytes.ts";
import { sha256 } from "../../kernel/hash.ts";
import type { Bytes32 } from "../../kernel/ids.ts";

const KIND = "parley tab generation 1\n";

/**
 * The salt of the account that takes the place of a closed one. Both sides derive it alike, so after the first nobody has to be told
 * which account is in use.
 */
export function nextSalt(closed: Bytes32): Bytes32 {
  return sha256(concat(utf8.encode(KIND), fromHex(closed)));
}
