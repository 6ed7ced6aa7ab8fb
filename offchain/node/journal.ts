import { MemoryJournal } from "../adapters/journal/memory/journal.ts";
import { SqliteJournal } from "../adapters/journal/sqlite/journal.ts";
import { FileWitness } from "../adapters/witness/file.ts";
import type { Journal } from "../ports/journal.ts";
import type { AgentConfig } from "./agent-config.ts";

/** The journal that an agent is configured to keep, with its witness. */
export function openJournal({ journal: path, witness }: Pick<AgentConfig, "journal" | "witness">): Journal {
  if (path === ":memory:") return new MemoryJournal();
  const seen = new FileWitness(witness ?? `${path}.witness`);
  try {
    return new SqliteJournal(path, { witness: seen });
  } catch (thrown) {
    seen.close();
    throw thrown;
  }
}
