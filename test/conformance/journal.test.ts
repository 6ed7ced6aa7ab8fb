import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryJournal } from "../../offchain/adapters/journal/memory/journal.ts";
import { SqliteJournal } from "../../offchain/adapters/journal/sqlite/journal.ts";
import { journalConformance } from "./journal.ts";

journalConformance("memory", () => {
  let last: MemoryJournal | undefined;
  return {
    open: () => {
      last = new MemoryJournal(last);
      return last;
    },
    dispose: () => undefined,
  };
});

journalConformance("sqlite", () => {
  const directory = mkdtempSync(join(tmpdir(), "parley-journal-"));
  return {
    open: () => new SqliteJournal(join(directory, "journal.db")),
    dispose: () => rmSync(directory, { recursive: true }),
  };
});
