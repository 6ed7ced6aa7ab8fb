import { KeyStore } from "../node/keys/key-store.ts";
import { obtainPassphrase, PRESENT } from "../node/keys/passphrase.ts";
import { askHidden } from "./prompt.ts";

/** Opens a key file with the passphrase of the environment, or of whoever sits at the terminal. */
export async function openKeys(file: string): Promise<KeyStore> {
  return await KeyStore.open(file, await obtainPassphrase(PRESENT, process.env, askHidden));
}
