import { existsSync } from "node:fs";
import { access, constants, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { type JournalCondition, journalCondition } from "../../adapters/journal/sqlite/condition.ts";
import type { Secret } from "../../kernel/secret.ts";
import type { AgentConfig } from "../agent-config.ts";
import { claimedAddress } from "../keys/claimed-address.ts";
import { KeyStore } from "../keys/key-store.ts";
import { bad, type Finding, type Found, find, look, ok, unknown, warn } from "./finding.ts";

/** How to get at the passphrase; null where nobody has said. */
export type Passphrase = (() => Promise<Secret<string>>) | null;

/** As package.json has it. */
const LEAST_NODE = [22, 13] as const;

/** Less room than this is soon gone: a record of a negotiation takes some hundred bytes. */
const [LITTLE_BYTES, NO_BYTES] = [1_000_000_000, 50_000_000];

export function lookAtNode(version: string): Promise<Finding> {
  return look("node", () => {
    const [major = 0, minor = 0] = version.split(".").map(Number);
    const isNew = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
    if (isNew) return ok(`Node ${version}`);
    return bad(`Node ${version} is too old`, `install Node ${LEAST_NODE.join(".")} or later`);
  });
}

/** The key file, opened where somebody says how. */
export function lookAtKeys(
  { keys }: Pick<AgentConfig, "keys">,
  passphrase: Passphrase,
): Promise<Found<KeyStore | null>> {
  return find("keys", async () => {
    if (passphrase === null) {
      const address = await claimedAddress(keys);
      const says = `${keys} is there, for the account ${address}; whether it opens isn't known without its passphrase`;
      return [ok(says), null];
    }
    const store = await KeyStore.open(keys, await passphrase());
    return [ok(`${keys} opens, and holds the account ${store.address}`), store];
  });
}

const CONDITIONS: Readonly<Record<JournalCondition, string>> = {
  absent: "isn't there yet: the first start makes it",
  inUse: "is in use: the agent runs",
  closed: "is there, and nobody has it open: the agent doesn't run",
  left: "was not closed by its last process: the agent takes it up at its next start",
};

/** Whether the journal is there and can be written, and whether the agent runs. */
export function lookAtJournal({ journal }: Pick<AgentConfig, "journal">): Promise<Found<JournalCondition>> {
  return find("journal", async () => {
    if (journal === ":memory:") {
      return [warn("the journal is kept in memory: a crash loses what was signed", "name a file"), "absent"];
    }
    const folder = dirname(journal);
    if (!existsSync(folder)) {
      return [bad(`there is no folder ${folder} for the journal`, "make it, writable for the agent's user"), "absent"];
    }
    await access(folder, constants.W_OK);
    const condition = journalCondition(journal);
    return [ok(`${journal} ${CONDITIONS[condition]}`), condition];
  });
}

/** Without its note of how far the journal has come, a restored backup would pass for the present one. */
export function lookAtWitness({ journal, witness }: Pick<AgentConfig, "journal" | "witness">): Promise<Finding> {
  return look("witness", async () => {
    if (journal === ":memory:") return unknown("a journal in memory has no witness");
    const path = witness ?? `${journal}.witness`;
    if (existsSync(path)) {
      await access(path, constants.R_OK | constants.W_OK);
      return ok(`${path} is there`);
    }
    if (!existsSync(journal)) return ok(`${path} isn't there yet: the first start makes it`);
    return warn(
      `the journal is there and its witness ${path} is not: the journal counts as in doubt`,
      "put the witness back; without it negotiations that were open say END, and nothing else",
    );
  });
}

export function lookAtDisk({ journal }: Pick<AgentConfig, "journal">): Promise<Finding> {
  return look("disk", async () => {
    if (journal === ":memory:") return unknown("nothing is kept on a disk");
    const { bavail, bsize } = await statfs(dirname(journal));
    const free = bavail * bsize;
    const says = `${Math.floor(free / 1_000_000).toLocaleString("en")} MB are free where the journal is`;
    if (free < NO_BYTES) return bad(says, "make room: a negotiation that can't be written down stands still");
    return free < LITTLE_BYTES ? warn(says, "make room before it is gone") : ok(says);
  });
}
