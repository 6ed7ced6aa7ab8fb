import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe } from "node:test";
import { JetStreamJournal } from "../../offchain/adapters/journal/jetstream/journal.ts";
import { MemoryJournal } from "../../offchain/adapters/journal/memory/journal.ts";
import { SqliteJournal } from "../../offchain/adapters/journal/sqlite/journal.ts";
import { FileWitness } from "../../offchain/adapters/witness/file.ts";
import { journalConformance } from "./journal.ts";
import { NatsCluster, PATIENT, SKIP_NATS } from "./nats-cluster.ts";
import { sharedJournalConformance } from "./shared-journal.ts";

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

sharedJournalConformance("memory", () => {
  const first = new MemoryJournal();
  return {
    open: async () => new MemoryJournal(first),
    dispose: async () => undefined,
  };
});

journalConformance("sqlite", () => {
  const directory = mkdtempSync(join(tmpdir(), "parley-journal-"));
  return {
    open: () => {
      const witness = new FileWitness(join(directory, "witness"));
      return new SqliteJournal(join(directory, "journal.db"), { witness });
    },
    dispose: () => rmSync(directory, { recursive: true }),
  };
});

describe("with three NATS servers", { skip: SKIP_NATS }, () => {
  let cluster: NatsCluster;
  let journals = 0;

  before(async () => {
    cluster = await NatsCluster.start();
  });

  after(() => cluster?.stop());

  const make = () => {
    const journal = `CONFORMS-${journals++}`;
    return {
      open: () => JetStreamJournal.open({ connection: { servers: cluster.addresses }, journal, ...PATIENT }),
      dispose: () => cluster.remove(journal),
    };
  };

  journalConformance("jetstream", make);
  sharedJournalConformance("jetstream", make);
});
