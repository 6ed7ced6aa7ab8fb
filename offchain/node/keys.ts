import { randomBytes } from "node:crypto";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { NodeCrypto } from "../adapters/crypto/node/crypto.ts";
import { toHex } from "../kernel/bytes.ts";
import { ParleyError } from "../kernel/errors.ts";
import type { Bytes32 } from "../kernel/ids.ts";
import type { SessionSecret } from "../ports/crypto.ts";
import type { Json } from "../terms/canonical-json.ts";
import { JsonReader } from "../terms/json-reader.ts";

/** The secrets of one agent: its wallet's key and its present session key. */
export interface AgentKeys {
  readonly wallet: Bytes32;
  readonly session: SessionSecret;
}

/** Fresh keys; `wallet` may be given where an account exists already. */
export function generateKeys(wallet: Bytes32 = toHex(randomBytes(32))): AgentKeys {
  return { wallet, session: new NodeCrypto().generateSessionSecret() };
}

/** Writes keys to a file that only its owner can read. Never overwrites one. */
export async function saveKeys(file: string, keys: AgentKeys): Promise<void> {
  await writeFile(file, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  await chmod(file, 0o600);
}

/** Reads a key file. What is wrong with it is said without quoting it. */
export async function loadKeys(file: string): Promise<AgentKeys> {
  let content: Json;
  try {
    content = JSON.parse(await readFile(file, "utf8")) as Json;
  } catch {
    throw new ParleyError("KeysUnreadable", `the key file ${file} can't be read, or is not JSON`, {
      hint: "name a file that `parley` wrote for this agent",
    });
  }
  const reader = new JsonReader(content, "keys");
  const session = reader.object("session");
  const keys = {
    wallet: reader.bytes32("wallet"),
    session: { d: session.bytes32("d"), x: session.bytes32("x"), y: session.bytes32("y") },
  };
  session.end();
  reader.end();
  return keys;
}
