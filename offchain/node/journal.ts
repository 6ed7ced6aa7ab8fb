import { existsSync } from "node:fs";
import { MemoryJournal } from "../adapters/journal/memory/journal.ts";
import { SqliteJournal } from "../adapters/journal/sqlite/journal.ts";
import { FileWitness } from "../adapters/witness/file.ts";
import { messageOf, ParleyError } from "../kernel/errors.ts";
import type { Journal } from "../ports/journal.ts";
import type { AgentConfig } from "./agent-config.ts";

/** The journal that an agent is configured to keep, with its witness. */
export function openJournal({ journal: path, witness }: Pick<AgentConfig, "journal" | "witness">): Journal {
  if (path === ":memory:") return new MemoryJournal();
  const seen = openWitness(path, witness);
  try {
    return new SqliteJournal(path, { witness: seen });
  } catch (thrown) {
    seen.close();
    throw thrown;
  }
}

/**
 * Where an agent notes how its settlements stand, and what transactions it has signed: beside the journal of what was said, which holds
 * nothing but negotiations. It needs no witness: what it may have lost, the chain tells.
 */
export function openSettlements({ journal: path }: Pick<AgentConfig, "journal">): Journal {
  return path === ":memory:" ? new MemoryJournal() : new SqliteJournal(`${path}.settlements`);
}

/**
 * Where running accounts are kept. Nobody else has what we signed there, and to sign another entry under its number is a fault: so it has a
 * witness, as the journal of what was said.
 */
export function openAccountsJournal({ journal: path, witness }: Pick<AgentConfig, "journal" | "witness">): Journal {
  if (path === ":memory:") return new MemoryJournal();
  return openJournal({ journal: `${path}.accounts`, witness: witness === null ? null : `${witness}.accounts` });
}

/** Whether there is a journal of running accounts, kept now or before. */
export function hasAccountsJournal({ journal: path }: Pick<AgentConfig, "journal">): boolean {
  return path !== ":memory:" && existsSync(`${path}.accounts`);
}

/** A witness that nobody has named lies beside the journal: where it can't be opened, it is the journal's place that is wrong. */
function openWitness(journal: string, witness: string | null): FileWitness {
  if (witness !== null) return new FileWitness(witness);
  try {
    return new FileWitness(`${journal}.witness`);
  } catch (thrown) {
    if (!(thrown instanceof ParleyError)) throw thrown;
    const because = messageOf(thrown.cause);
    throw new ParleyError(
      "JournalUnavailable",
      `the journal ${journal} can't be opened, nor anything beside it: ${because}`,
      {
        hint: "mend `journal` in the configuration, or make its folder, writable for the agent's user",
        facts: { path: journal },
        cause: thrown,
      },
    );
  }
}
