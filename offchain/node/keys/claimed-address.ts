import type { Address } from "../../kernel/ids.ts";
import { readPrivate } from "./private-file.ts";
import { claimedWallet } from "./sealed.ts";

/** The address that a key file names to whoever reads it; only its passphrase proves it. */
export async function claimedAddress(file: string): Promise<Address> {
  return claimedWallet(await readPrivate(file));
}
